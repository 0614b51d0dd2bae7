import { Command } from 'commander';
import type { Streams } from '../terminal/streams.ts';
import { checkCommand } from './guard/check.ts';
import { evaluateCommand } from './guard/evaluate.ts';
import { fitCommand } from './guard/fit.ts';
import { monitorCommand } from './guard/monitor.ts';
import { protocolsCommand } from './guard/protocols.ts';

/** `cauda guard`: one file a sub-command. */
export function guardCommand(streams: Streams): Command {
  return new Command('guard')
    .description('Guards that notice what a classifier does not know.')
    .addCommand(fitCommand(streams))
    .addCommand(checkCommand(streams))
    .addCommand(evaluateCommand(streams))
    .addCommand(monitorCommand(streams))
    .addCommand(protocolsCommand(streams));
}
