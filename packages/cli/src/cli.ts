import { Command, CommanderError } from 'commander';
import colors from 'picocolors';
import { dataCommand } from './commands/data.ts';
import { guardCommand } from './commands/guard.ts';
import { studyCommand } from './commands/study.ts';
import { Interrupted } from './terminal/interruption.ts';
import { OutliersFound } from './terminal/outliersFound.ts';
import type { Streams } from './terminal/streams.ts';
import { version } from './version.ts';

/**
 * Runs the `cauda` command.
 * @returns the exit code: 0 done, 1 failed (one line on stderr), 2 wrong usage (with the usage on stderr), 3 outliers
 *   or alarms found where --fail-on-… asks for it, 130 interrupted
 */
export async function cli(args: readonly string[], streams: Streams = process): Promise<number> {
  const { stdout, stderr } = streams;
  const program = new Command('cauda')
    .description('K-means, Gaussian mixtures and out-of-distribution guards.')
    .version(version)
    .addCommand(studyCommand(streams))
    .addCommand(guardCommand(streams))
    .addCommand(dataCommand(streams));
  for (const command of [program, ...descendants(program)])
    command
      .exitOverride()
      .showHelpAfterError()
      .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) });
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof OutliersFound) return 3;
    if (error instanceof Interrupted) return 130;
    const message = error instanceof Error ? error.message : String(error);
    stderr.write(
      args.includes('--json')
        ? `${JSON.stringify({ event: 'error', message })}\n`
        : `${colors.red('cauda')}: ${message.replace(/\s*\n\s*/g, ' ')}\n`,
    );
    return 1;
  }
}

function descendants(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...descendants(child)]);
}
