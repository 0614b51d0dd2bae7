import {
  adjustedRandScore,
  type KMeansModel,
  type KMeansOptions,
  kmeans,
  Matrix,
  Random,
  standardScaler,
} from 'cauda';
import { first, pixels } from '../../data/images.ts';
import type { MissingMethod, MissingOutcome, MissingSection } from '../../result/sections/missing.ts';
import { count, duration, fixed, percent } from '../../text/format.ts';
import { row } from '../../text/row.ts';
import { timed } from '../../timed.ts';
import type { Study } from '../study.ts';

const N_CLUSTERS = 10;
/** The section uses half of the rows, but not more than this: more would say the same and take longer. */
const MOST_ROWS = 10_000;
const LEVELS = [0.1, 0.3, 0.5, 0.7];
/** The variance of a missing entry, which is that of a standardized pixel. */
const VARIANCE = 1;
const widths = [6, -9, 7, 6, 13, 16, 5, 8];

/** Clusters digits without some of their pixels, in four ways. */
export async function missingSection(study: Study): Promise<Omit<MissingSection, 'seconds'>> {
  const { quick, restarts, seed } = study.options;
  const split = first(study.train, Math.min(MOST_ROWS, Math.ceil(study.train.count / 2)));
  const complete = pixels(split, 255);
  const nInit = Math.min(restarts, 3);
  const fit = (X: Matrix, task: string, missing?: KMeansOptions['missing']) =>
    timed(() =>
      kmeans(X, {
        nClusters: N_CLUSTERS,
        nInit,
        ...(missing ? { missing } : {}),
        ...study.control(`missing entries, ${task}`),
      }),
    );
  const rows = Array.from({ length: split.count }, (_, i) => i);
  const standardized = async (X: Matrix) =>
    (await standardScaler(X, study.control('missing entries, standardizing pixels'))).transform(X);
  const unmasked = await standardized(complete);
  const reference = (await fit(unmasked, 'none masked')).model;
  const judge = (model: KMeansModel, of: readonly number[]) => ({
    rows: of.length,
    adjustedRand: adjustedRandScore(
      of.map((i) => split.labels[i]!),
      model.labels,
    ),
    cost: model.inertia,
    inertia: inertiaOf(unmasked, of, model.labels),
    nIter: model.nIter,
  });

  study.print(
    `  ${count(split.count)} rows; nothing masked: ARI ${fixed(adjustedRandScore(split.labels, reference.labels), 3)}, inertia ${fixed(reference.inertia, 0)}`,
  );
  study.print(row(['masked', 'method', 'rows', 'ARI', 'its cost', 'when unmasked', 'iter', 'time'], widths));
  const levels: MissingSection['levels'][number][] = [];
  for (const [place, masked] of (quick ? [0.3, 0.7] : LEVELS).entries()) {
    const { holed, missing } = mask(complete, masked, new Random(seed).stream(place));
    const X = await standardized(holed);
    const whole = rows.filter((i) => !X.row(i).some(Number.isNaN));
    const attempts: [MissingMethod, readonly number[], () => ReturnType<typeof fit>][] = [
      ['drop', whole, () => fit(X.take(whole), 'incomplete rows dropped')],
      ['mean', rows, () => fit(filled(X), 'filled with the mean')],
      ['expected', rows, () => fit(X, 'expected cost', { prior: 'gaussian', variance: VARIANCE })],
      ['observed', rows, () => fit(X, 'observed only', 'observed')],
    ];
    const methods: MissingOutcome[] = [];
    for (const [method, of, attempt] of attempts) {
      if (of.length < N_CLUSTERS) {
        methods.push({ method, fit: null });
        study.print(
          `${row([percent(masked, 0), method, count(of.length)], widths)}  too few complete rows to cluster`,
        );
        continue;
      }
      const { model, seconds } = await attempt();
      const outcome = { ...judge(model, of), seconds };
      methods.push({ method, fit: outcome });
      study.print(
        row(
          [
            percent(masked, 0),
            method,
            count(outcome.rows),
            fixed(outcome.adjustedRand, 3),
            fixed(outcome.cost, 0),
            fixed(outcome.inertia, 0),
            outcome.nIter,
            duration(seconds),
          ],
          widths,
        ),
      );
    }
    levels.push({ masked, missing, completeRows: whole.length, methods });
  }
  return {
    rows: split.count,
    nFeatures: complete.cols,
    restarts: nInit,
    variance: VARIANCE,
    complete: {
      adjustedRand: adjustedRandScore(split.labels, reference.labels),
      inertia: reference.inertia,
    },
    levels,
  };
}

/**
 * Replaces each entry by NaN with probability `share`.
 * @returns a copy with these holes, and how many there are
 */
function mask(
  { data, rows, cols }: Matrix,
  share: number,
  random: Random,
): { holed: Matrix; missing: number } {
  const holed = data.slice();
  let missing = 0;
  for (let i = 0; i < holed.length; i++) {
    if (random.uniform() >= share) continue;
    holed[i] = NaN;
    missing++;
  }
  return { holed: new Matrix(holed, rows, cols), missing };
}

/** Fills holes with the mean, which is 0 in standardized columns. */
function filled({ data, rows, cols }: Matrix): Matrix {
  return new Matrix(data.map((value) => (Number.isNaN(value) ? 0 : value)) as Float32Array, rows, cols);
}

/** Σ ‖x − mean of its cluster‖² over the given rows of X. */
export function inertiaOf(X: Matrix, rows: readonly number[], labels: Int32Array): number {
  const means = new Float64Array(N_CLUSTERS * X.cols);
  const sizes = new Float64Array(N_CLUSTERS);
  for (const cluster of labels) sizes[cluster]!++;
  rows.forEach((index, i) => {
    const base = labels[i]! * X.cols;
    const size = sizes[labels[i]!]!;
    X.row(index).forEach((value, j) => {
      means[base + j]! += value / size;
    });
  });
  let inertia = 0;
  rows.forEach((index, i) => {
    const base = labels[i]! * X.cols;
    X.row(index).forEach((value, j) => {
      const distance = value - means[base + j]!;
      inertia += distance * distance;
    });
  });
  return inertia;
}
