import { basename } from 'node:path';
import { Random } from 'cauda';
import { type AutoGuard, autoGuard, calibrate, calibrationRowsNeeded, type Guard } from 'cauda/ood';
import { Command } from 'commander';
import { checkOutput } from '../../files/checkOutput.ts';
import { writeJson } from '../../files/writeJson.ts';
import { inputOf, layersOf, type Rows, readRows, rowsHelp, takeRows } from '../../rows/readRows.ts';
import { within } from '../../rows/within.ts';
import { fractionOf, type Progress } from '../../terminal/progress.ts';
import type { Streams } from '../../terminal/streams.ts';
import { withProgress } from '../../terminal/withProgress.ts';
import { count, share } from '../../text/format.ts';
import { numberBetween } from '../numberBetween.ts';
import { confidenceOption, seedOption, workersOption } from '../options.ts';

interface Flags {
  readonly train: string;
  readonly calibration?: string;
  readonly calibrationShare?: number;
  readonly alpha: number;
  readonly confidence: number;
  readonly names?: string;
  readonly seed: number;
  readonly workers?: number;
  readonly out: string;
}

/** `cauda guard fit`. */
export function fitCommand({ stdout, stderr }: Streams): Command {
  const command = new Command('fit')
    .description(
      "Fit a guard to a network's activations on familiar rows, and calibrate its rate of false alarms.",
    )
    .requiredOption(
      '--train <rows>',
      'rows to fit the guard to, with layer0, layer1, … (better before ReLU), logits and labels',
    )
    .option(
      '--calibration <rows>',
      'rows to calibrate it with, which neither the network nor the guard was fitted to',
    )
    .option(
      '--calibration-share <share>',
      'or this share of the --train rows, set aside before the fit; only if the network was not trained on them',
      numberBetween(0, 1),
    )
    .option(
      '--alpha <share>',
      'the largest share of familiar rows to call outliers',
      numberBetween(0, 1),
      0.05,
    )
    .addOption(confidenceOption())
    .option('--names <a,b,…>', 'what the labels 0, 1, … are called')
    .addOption(seedOption())
    .addOption(workersOption())
    .option('--out <file>', 'where the guard goes', 'guard.json')
    .addHelpText(
      'after',
      `${rowsHelp}

Example
  cauda guard fit --train train.npz --calibration held.npz --out guard.json`,
    );
  return command.action(async (flags: Flags) => {
    if ((flags.calibration === undefined) === (flags.calibrationShare === undefined))
      command.error(
        'error: give either --calibration <rows> or --calibration-share <share>: rows that are not used to fit',
      );
    await withProgress(stderr, { json: false }, async (progress, signal) => {
      await checkOutput(flags.out);
      const { train, held, shared } = await readSplit(flags);
      if (shared > 0)
        stderr.write(
          `${count(shared)} of ${count(held.count)} calibration rows are training rows too: the promise is for rows that the guard was not fitted to\n`,
        );
      const names = namesOf(flags.names, train);
      const detector = await fit(train, flags, progress, signal);
      const guard = await within(held.path, () =>
        calibrate(detector, inputOf(held), {
          alpha: flags.alpha,
          confidence: flags.confidence,
          workers: flags.workers,
          signal,
          onProgress: (event) => progress.update('calibration', fractionOf(event)),
          labelNames: names,
          notes: {
            train: basename(train.path),
            trainRows: train.count,
            calibration: basename(held.path),
            seed: flags.seed,
          },
        }),
      );
      await writeJson(flags.out, guard);
      progress.clear();
      stdout.write(`${report(detector, guard, train, held, flags).join('\n')}\n`);
    });
  });
}

function fit(
  train: Rows,
  { seed, workers }: Flags,
  progress: Progress,
  signal: AbortSignal,
): Promise<AutoGuard> {
  return within(train.path, () =>
    autoGuard(
      { layers: layersOf(train), logits: train.arrays.get('logits')!, labels: train.labels! },
      {
        seed,
        workers,
        signal,
        onProgress: (event) => progress.update(`layer${event.run}`, fractionOf(event)),
      },
    ),
  );
}

/**
 * Reads the rows to fit and the rows to calibrate, and checks that they have the same columns and are enough.
 * @returns both, and how many of the rows to calibrate are rows to fit as well
 */
async function readSplit(flags: Flags): Promise<{ train: Rows; held: Rows; shared: number }> {
  const all = await readRows(flags.train);
  for (const name of ['layer0', 'logits'])
    if (!all.arrays.has(name))
      throw new Error(`${all.path}: ${name} is missing; got ${[...all.arrays.keys()].join(', ')}`);
  if (!all.labels) throw new Error(`${all.path}: labels are missing: the class of each row`);
  const { train, held } =
    flags.calibration === undefined
      ? divide(all, flags.calibrationShare!, flags.seed)
      : { train: all, held: await readRows(flags.calibration) };
  for (const [name, { cols }] of train.arrays) {
    const given = held.arrays.get(name);
    if (given?.cols !== cols)
      throw new Error(
        `${held.path}: ${name} ${given ? `has ${given.cols} columns` : 'is missing'}; ${train.path} has ${cols} columns`,
      );
  }
  const needed = calibrationRowsNeeded({ alpha: flags.alpha, confidence: flags.confidence });
  if (held.count < needed)
    throw new Error(
      `${held.path}: alpha ${flags.alpha} with confidence ${flags.confidence} needs at least ${count(needed)} calibration rows; got ${count(held.count)}; give more rows, a larger --alpha or a lower --confidence`,
    );
  const shared = countShared(train, held);
  if (shared === held.count)
    throw new Error(
      `${held.path}: every row is in ${train.path} too; calibrate on rows that the guard is not fitted to`,
    );
  return { train, held, shared };
}

/** How many rows of `held` have exactly the logits of some row of `train`. */
function countShared(train: Rows, held: Rows): number {
  const keys = ({ arrays, count }: Rows): string[] => {
    const logits = arrays.get('logits')!;
    return Array.from({ length: count }, (_, i) =>
      Buffer.from(Float64Array.from(logits.row(i)).buffer).toString('latin1'),
    );
  };
  const known = new Set(keys(train));
  return keys(held).filter((key) => known.has(key)).length;
}

/** Sets aside a share of the rows, drawn with the seed; both parts keep the order of the rows. */
function divide(rows: Rows, share: number, seed: number): { train: Rows; held: Rows } {
  const order = new Random(seed).stream(1).permutation(rows.count);
  const held = Math.round(share * rows.count);
  const part = (from: number, to: number): Rows => takeRows(rows, order.slice(from, to).sort());
  return { train: part(held, rows.count), held: part(0, held) };
}

function namesOf(text: string | undefined, { path, labels }: Rows): string[] | undefined {
  const names = text?.split(',').map((name) => name.trim());
  const nameless = names && labels!.find((label) => names[label] === undefined);
  if (nameless !== undefined)
    throw new Error(
      `${path}: label ${nameless} has no name; --names calls the labels 0 to ${names!.length - 1}`,
    );
  return names;
}

function report(
  { explanation }: AutoGuard,
  { calibration }: Guard,
  train: Rows,
  held: Rows,
  { alpha, confidence, seed, calibrationShare, out }: Flags,
): string[] {
  const { threshold, falseAlarmInterval } = calibration;
  return [
    `Fitted to ${count(train.count)} rows of ${train.path}`,
    ...explanation.split('\n').map((line) => `  ${line}`),
    calibrationShare === undefined
      ? `Calibrated on ${count(held.count)} rows of ${held.path}`
      : `Calibrated on ${count(held.count)} other rows of ${held.path}, drawn with seed ${seed} before the fit`,
    `  A row is called an outlier if its score is above ${threshold.toPrecision(6)}.`,
    `  With confidence ${share(confidence)}, that happens to at most ${share(alpha)} of familiar rows; ${share(falseAlarmInterval.expected)} are expected.`,
    '  Familiar rows are rows like those that it was calibrated on, which must be new to the network too. Nothing is',
    '  promised about how many outliers are found; cauda guard evaluate measures that.',
    `The guard is in ${out}`,
  ];
}
