import { Command } from 'commander';
import type { Streams } from '../terminal/streams.ts';
import { protocolsCommand } from './guard/protocols.ts';

/** `cauda guard`: one file a sub-command. */
export function guardCommand(streams: Streams): Command {
  return new Command('guard')
    .description('Guards that notice what a classifier does not know.')
    .addCommand(protocolsCommand(streams));
}
