import type { Guard, Verdict } from 'cauda/ood';
import { Command } from 'commander';
import { rowsHelp } from '../../rows/readRows.ts';
import { streamHelp, streamRows } from '../../rows/streamRows.ts';
import { within } from '../../rows/within.ts';
import { interruptible } from '../../terminal/interruption.ts';
import { OutliersFound } from '../../terminal/outliersFound.ts';
import type { Streams } from '../../terminal/streams.ts';
import { write } from '../../terminal/write.ts';
import { count, share } from '../../text/format.ts';
import { guardOption } from '../options.ts';
import { readGuard } from './readGuard.ts';
import { viewsFor } from './viewsFor.ts';

interface Flags {
  readonly guard: string;
  readonly onlyOutliers: boolean;
  readonly failOnOutlier: boolean;
}

/** `cauda guard check`. */
export function checkCommand(streams: Streams): Command {
  return new Command('check')
    .description('Say of each row whether it is in distribution, as one JSON object a line.')
    .argument('<input>', 'rows, or - for stdin')
    .addOption(guardOption())
    .option('--only-outliers', 'write no line for rows that are in distribution', false)
    .option('--fail-on-outlier', 'exit with 3 if any row is not in distribution', false)
    .addHelpText(
      'after',
      `${rowsHelp}${streamHelp}

A line of output, rows counted from 0:
  {"row":0,"score":12.3,"pValue":0.002,"inDistribution":false,"nearestClass":"cat","perLayer":[…]}
pValue is about the share of familiar rows with a score at least as high. perLayer has each detector's part in the score.`,
    )
    .action(async (input: string, flags: Flags) => {
      const outliers = await interruptible((signal) => check(input, flags, streams, signal));
      if (flags.failOnOutlier && outliers > 0) throw new OutliersFound();
    });
}

async function check(
  path: string,
  { guard: guardPath, onlyOutliers }: Flags,
  streams: Streams,
  signal: AbortSignal,
): Promise<number> {
  const guard = await readGuard(guardPath);
  let rows = 0;
  let outliers = 0;
  for await (const { where, input } of streamRows(path, streams.stdin, signal)) {
    let lines = '';
    const verdicts = await within(where, async () =>
      guard.checkAllAsync(await viewsFor(guard, input, signal), { signal }),
    );
    for (const verdict of verdicts) {
      if (!verdict.inDistribution) outliers++;
      if (!verdict.inDistribution || !onlyOutliers) lines += lineOf(rows, verdict);
      rows++;
    }
    if (lines) await write(streams, lines, signal);
  }
  streams.stderr.write(`${summary(guard, rows, outliers)}\n`);
  return outliers;
}

/** A line of output. What a guard does not tell is null, so that every line has the same fields. */
function lineOf(row: number, { nearestClass, perLayer, ...verdict }: Verdict): string {
  const parts = perLayer.map(({ detector, layer, score }) => ({ detector, layer: layer ?? null, score }));
  return `${JSON.stringify({ row, ...verdict, nearestClass: nearestClass ?? null, perLayer: parts })}\n`;
}

function summary({ calibration }: Guard, rows: number, outliers: number): string {
  const { threshold, alpha, confidence } = calibration;
  const found = `${count(outliers)} of ${count(rows)} rows above ${threshold.toPrecision(6)} are outliers`;
  const promise = `of familiar rows, at most ${share(alpha)} with confidence ${share(confidence)}`;
  return rows === 0 ? 'no rows' : `${found} (${share(outliers / rows)}; ${promise})`;
}
