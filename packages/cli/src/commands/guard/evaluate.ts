import { setImmediate } from 'node:timers/promises';
import { type EvaluationRow, energy, evaluate, type Guard, maxSoftmax } from 'cauda/ood';
import { Command, InvalidArgumentError } from 'commander';
import { checkOutput } from '../../files/checkOutput.ts';
import { writeJson } from '../../files/writeJson.ts';
import { inputOf, type Rows, readRows, rowsHelp } from '../../rows/readRows.ts';
import { within } from '../../rows/within.ts';
import type { Progress } from '../../terminal/progress.ts';
import type { Streams } from '../../terminal/streams.ts';
import { withProgress } from '../../terminal/withProgress.ts';
import { figuresTable, fpr95Legend } from '../../text/figuresTable.ts';
import { count, share } from '../../text/format.ts';
import { versions } from '../../version.ts';
import { integer } from '../integer.ts';
import { figuresOption, guardOption, seedOption } from '../options.ts';
import { readGuard } from './readGuard.ts';
import { viewsFor } from './viewsFor.ts';

interface Flags {
  readonly guard: string;
  readonly id: string;
  readonly ood: ReadonlyMap<string, string>;
  readonly resamples: number;
  readonly seed: number;
  readonly out?: string;
}

/** Scores of the rows of one set, by the name of the detector. */
type Scores = Readonly<Record<string, Float64Array>>;

/** One set of outliers: the share that the guard calls outliers, and how well each detector ranks it. */
interface SetResult {
  readonly ood: string;
  readonly nOod: number;
  readonly calledOutliers: number;
  readonly rows: readonly EvaluationRow[];
}

/** `cauda guard evaluate`. */
export function evaluateCommand({ stdout, stderr }: Streams): Command {
  return new Command('evaluate')
    .description('Measure how well a guard tells sets of outliers from familiar rows.')
    .addOption(guardOption())
    .requiredOption('--id <rows>', 'familiar rows that the guard was neither fitted nor calibrated on')
    .requiredOption(
      '--ood <name=rows...>',
      'outliers under a name; several sets may follow each other',
      named,
    )
    .option(
      '--resamples <n>',
      'bootstrap resamples, which the intervals are made from',
      integer(1, 100_000),
      200,
    )
    .addOption(seedOption('the resamples'))
    .addOption(figuresOption())
    .addHelpText(
      'after',
      `${rowsHelp}

Where there are logits, the guard is compared with maxSoftmax and energy.

Example
  cauda guard evaluate --guard guard.json --id test.npz --ood near=letters.npz far=noise.npz`,
    )
    .action(async (flags: Flags) => {
      await withProgress(stderr, { json: false }, async (progress, signal) => {
        if (flags.out !== undefined) await checkOutput(flags.out);
        const guard = await readGuard(flags.guard);
        const id = await scoresOf(guard, await readRows(flags.id), signal);
        const calledOutliers = shareAbove(guard, id);
        const sets = await compare(guard, id, flags, progress, signal);
        if (flags.out !== undefined) {
          const { alpha, confidence, threshold } = guard.calibration;
          const { resamples, seed } = flags;
          await writeJson(flags.out, {
            format: 'cauda-evaluation',
            version: 1,
            versions,
            guard: { alpha, confidence, threshold, provenance: guard.provenance },
            options: { resamples, seed },
            id: { nId: id.guard!.length, calledOutliers },
            sets,
          });
        }
        progress.clear();
        stdout.write(`${table(guard, id.guard!.length, calledOutliers, sets).join('\n')}\n`);
      });
    });
}

/** Reads `name=rows` and adds it to the sets before it. */
function named(text: string, earlier: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const [, name, path] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It must be a name, =, and rows.');
  if (earlier.has(name)) throw new InvalidArgumentError('The name is given twice.');
  return new Map([...earlier, [name, path!]]);
}

/** Scores some rows with the guard and, where there are logits, with maxSoftmax and energy. */
async function scoresOf(guard: Guard, rows: Rows, signal: AbortSignal): Promise<Scores> {
  return within(rows.path, async () => {
    const views = await viewsFor(guard, inputOf(rows), signal);
    const { logits } = views;
    return {
      guard: await guard.scoreAsync(views, { signal }),
      ...(logits && { maxSoftmax: maxSoftmax().score({ logits }), energy: energy().score({ logits }) }),
    };
  });
}

/** The share of the rows that the guard calls outliers. */
function shareAbove({ calibration }: Guard, { guard }: Scores): number {
  return guard!.filter((score) => !calibration.inDistribution(score)).length / guard!.length;
}

async function compare(
  guard: Guard,
  id: Scores,
  { ood, resamples, seed }: Flags,
  progress: Progress,
  signal: AbortSignal,
): Promise<SetResult[]> {
  const results: SetResult[] = [];
  for (const [name, path] of ood) {
    progress.update(name, results.length / ood.size);
    await setImmediate(undefined, { signal }); // lets Ctrl-C be heard
    const scores = await scoresOf(guard, await readRows(path), signal);
    const detectors = Object.keys(id).filter((detector) => scores[detector]);
    const { rows } = evaluate(
      { id, ood: { [name]: scores } },
      Object.fromEntries(detectors.map((detector) => [detector, { score: (by: Scores) => by[detector]! }])),
      { resamples, seed },
    );
    results.push({ ood: name, nOod: scores.guard!.length, calledOutliers: shareAbove(guard, scores), rows });
  }
  await setImmediate(undefined, { signal });
  return results;
}

function table(
  { calibration }: Guard,
  nId: number,
  calledOutliers: number,
  sets: readonly SetResult[],
): string[] {
  const { alpha, confidence } = calibration;
  return [
    `${count(nId)} familiar rows: the guard calls ${share(calledOutliers)} of them outliers; promised were at most ${share(alpha)} with confidence ${share(confidence)}`,
    ...sets.flatMap(({ ood, nOod, calledOutliers, rows }) => [
      '',
      `${ood}: ${count(nOod)} rows; the guard calls ${share(calledOutliers)} of them outliers`,
      ...figuresTable(
        ['low', 'high'],
        rows.map(({ detector, auroc, fpr95PositiveId, fpr95PositiveOod }) => ({
          detector,
          auroc: [auroc.value, auroc.low, auroc.high],
          accepted: fpr95PositiveId.value,
          flagged: fpr95PositiveOod.value,
        })),
      ),
    ]),
    '',
    'AUROC with its 95 % bootstrap interval.',
    ...fpr95Legend,
  ];
}
