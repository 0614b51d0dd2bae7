import { setImmediate } from 'node:timers/promises';
import { writeFileAtomic } from 'cauda/node';
import { type EvaluationRow, energy, evaluate, type Guard, maxSoftmax } from 'cauda/ood';
import { Command, InvalidArgumentError } from 'commander';
import { inputOf, type Rows, readRows, rowsHelp } from '../../rows/readRows.ts';
import { within } from '../../rows/within.ts';
import { count, fixed, share } from '../../study/format.ts';
import { interruptible } from '../../terminal/interruption.ts';
import { createProgress, type Progress } from '../../terminal/progress.ts';
import { row } from '../../terminal/row.ts';
import type { Streams } from '../../terminal/streams.ts';
import { version } from '../../version.ts';
import { integer } from '../integer.ts';
import { readGuard, viewsFor } from './readGuard.ts';

interface Flags {
  readonly guard: string;
  readonly id: string;
  readonly ood: ReadonlyMap<string, string>;
  readonly resamples: number;
  readonly seed: number;
  readonly out?: string;
}

/** The scores of one set of rows, by detector. */
type Scores = Readonly<Record<string, Float64Array>>;

/** One set of outliers: what share the guard calls so, and how well each detector ranks it. */
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
    .requiredOption('--guard <file>', 'the guard, as cauda guard fit wrote it')
    .requiredOption('--id <rows>', 'familiar rows that it was neither fitted nor calibrated on')
    .requiredOption('--ood <name=rows...>', 'outliers; several sets in a row', named)
    .option('--resamples <n>', 'bootstrap resamples for the intervals', integer(1, 100_000), 200)
    .option('--seed <n>', 'their seed', integer(0, Number.MAX_SAFE_INTEGER), 0)
    .option('--out <file>', 'all figures with their intervals, as JSON')
    .addHelpText(
      'after',
      `${rowsHelp}

Where there are logits, maxSoftmax and energy stand beside the guard.

Example
  cauda guard evaluate --guard guard.json --id test.npz --ood near=letters.npz far=noise.npz`,
    )
    .action(async (flags: Flags) => {
      const progress = createProgress(stderr, { json: false });
      try {
        await interruptible(async (signal) => {
          const guard = await readGuard(flags.guard);
          const id = await scoresOf(guard, await readRows(flags.id));
          const calledOutliers = shareAbove(guard, id);
          const sets = await compare(guard, id, flags, progress, signal);
          if (flags.out !== undefined) {
            const { alpha, confidence, threshold } = guard.calibration;
            const { resamples, seed } = flags;
            const file = {
              format: 'cauda-evaluation',
              version: 1,
              versions: { cauda: version, node: process.versions.node },
              guard: { alpha, confidence, threshold, provenance: guard.provenance },
              options: { resamples, seed },
              id: { nId: id.guard!.length, calledOutliers },
              sets,
            };
            await writeFileAtomic(flags.out, `${JSON.stringify(file)}\n`);
          }
          progress.clear();
          stdout.write(`${table(guard, id.guard!.length, calledOutliers, sets).join('\n')}\n`);
        });
      } finally {
        progress.clear();
      }
    });
}

/** Collects `name=rows`. */
function named(text: string, earlier: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const [, name, path] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('It must be a name, =, and rows.');
  if (earlier.has(name)) throw new InvalidArgumentError('The name is given twice.');
  return new Map([...earlier, [name, path!]]);
}

/** The guard's scores, and those of the baselines where there are logits. */
async function scoresOf(guard: Guard, rows: Rows): Promise<Scores> {
  return within(rows.path, async () => {
    const views = await viewsFor(guard, inputOf(rows));
    const { logits } = views;
    return {
      guard: guard.score(views),
      ...(logits && { maxSoftmax: maxSoftmax().score({ logits }), energy: energy().score({ logits }) }),
    };
  });
}

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
    const scores = await scoresOf(guard, await readRows(path));
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
  const widths = [-10, 6, 6, 6, 8, 7];
  return [
    `${count(nId)} familiar rows: the guard calls ${share(calledOutliers)} of them outliers; promised were at most ${share(alpha)} with confidence ${share(confidence)}`,
    ...sets.flatMap(({ ood, nOod, calledOutliers, rows }) => [
      '',
      `${ood}: ${count(nOod)} rows; the guard calls ${share(calledOutliers)} of them outliers`,
      row(['', 'AUROC', 'low', 'high', 'accepted', 'flagged'], widths),
      ...rows.map(({ detector, auroc, fpr95PositiveId, fpr95PositiveOod }) => {
        const figures = [auroc.value, auroc.low, auroc.high, fpr95PositiveId.value, fpr95PositiveOod.value];
        return row([detector, ...figures.map((figure) => fixed(figure, 4))], widths);
      }),
    ]),
    '',
    'AUROC with its 95 % bootstrap interval. Two conventions of FPR95:',
    'accepted, the share of the outliers that passes where 95 % of the familiar do;',
    'flagged, the share of the familiar that is flagged where 95 % of the outliers are.',
  ];
}
