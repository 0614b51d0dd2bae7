import { Command } from 'commander';
import type { Streams } from '../terminal/streams.ts';
import { checkCommand } from './guard/check.ts';
import { evaluateCommand } from './guard/evaluate.ts';
import { fitCommand } from './guard/fit.ts';
import { monitorCommand } from './guard/monitor.ts';
import { protocolsCommand } from './guard/protocols.ts';

/** `cauda guard`, which has a file for each sub-command. */
export function guardCommand(streams: Streams): Command {
  return new Command('guard')
    .description('Make and use guards, which notice what a classifier does not know.')
    .addCommand(fitCommand(streams))
    .addCommand(checkCommand(streams))
    .addCommand(evaluateCommand(streams))
    .addCommand(monitorCommand(streams))
    .addCommand(protocolsCommand(streams));
}
