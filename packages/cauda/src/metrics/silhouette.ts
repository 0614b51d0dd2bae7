import { checkOptions, controlRules, integerIn, oneOf, type Rule } from '../check.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import { type FitControl, withSession } from '../parallel/session.ts';
import { Random } from '../random.ts';
import { unitRows } from '../unitRows.ts';
import type { Labels } from './contingency.ts';
import { type Groups, groupsOf } from './groups.ts';
import { type SilhouetteMetric, silhouetteProgram } from './silhouetteProgram.ts';

/** `onProgress` is told of the rows compared with all others; the objective of such an event is NaN. */
export interface SilhouetteOptions extends Omit<FitControl, 'seed'> {
  /** The distance of two rows; defaults to "euclidean". */
  metric?: SilhouetteMetric;
}
export interface SilhouetteScoreOptions extends SilhouetteOptions {
  /** Rows to draw without replacement and to take for the whole; defaults to all of them. */
  sampleSize?: number;
  /** Seed of the draw; defaults to 0. */
  seed?: number;
}

const { seed: seedRule, ...control } = controlRules;
const rules: Record<keyof SilhouetteOptions, Rule> = {
  ...control,
  metric: oneOf('euclidean', 'manhattan', 'cosine'),
};
const defaults = { metric: 'euclidean' as SilhouetteMetric };

/**
 * The mean silhouette of all rows, in [−1, 1]: near 1 where clusters are compact and far apart, below 0 where rows
 * are nearer to another cluster than to their own. Time grows with nSamples², memory with nSamples: give a
 * `sampleSize` for large data. As scikit-learn's `silhouette_score`.
 * @param X nSamples × nFeatures
 * @param labels the cluster of each row
 * @throws RangeError unless the labels (of the sample) name 2 to nSamples − 1 clusters; the signal's reason when aborted
 */
export async function silhouetteScore(
  X: MatrixLike,
  labels: Labels,
  options: SilhouetteScoreOptions = {},
): Promise<number> {
  const who = 'silhouetteScore';
  const given = Matrix.from(X, { who: `${who}: X` });
  const all: Record<keyof SilhouetteScoreOptions, Rule> = {
    ...rules,
    sampleSize: integerIn(3, given.rows, 'the rows of X'),
    seed: seedRule,
  };
  const { sampleSize, seed, ...checked } = checkOptions(who, options, all, { ...defaults, seed: 0 });
  const matrix = measurable(who, given, checked.metric);
  const groups = groupsOf(who, matrix, labels);
  if (sampleSize === undefined) return mean((await silhouettes(matrix, [groups], checked))[0]!);
  const drawn = new Random(seed).choice(matrix.rows, sampleSize);
  const rows = matrix.take(drawn);
  const sampled = groupsOf(
    `${who} of the sample`,
    rows,
    Array.from(drawn, (i) => labels[i]!),
  );
  return mean((await silhouettes(rows, [sampled], checked))[0]!);
}

/**
 * The silhouette of each row, (b − a) / max(a, b): a is its mean distance to the other rows of its cluster, b that to
 * the rows of the nearest other cluster; 0 for a row alone in its cluster. Rousseeuw, *Silhouettes*, J. Comput. Appl.
 * Math. 20 (1987).
 * @param X nSamples × nFeatures
 * @param labels the cluster of each row
 * @returns length nSamples
 * @throws RangeError unless the labels name 2 to nSamples − 1 clusters; the signal's reason when aborted
 */
export async function silhouetteSamples(
  X: MatrixLike,
  labels: Labels,
  options: SilhouetteOptions = {},
): Promise<Float64Array> {
  const who = 'silhouetteSamples';
  const checked = checkOptions(who, options, rules, defaults);
  const matrix = measurable(who, Matrix.from(X, { who: `${who}: X` }), checked.metric);
  return (await silhouettes(matrix, [groupsOf(who, matrix, labels)], checked))[0]!;
}

/** X as the program measures it: at length 1 for the cosine. */
function measurable(who: string, X: Matrix, metric: SilhouetteMetric): Matrix {
  return metric === 'cosine' ? unitRows(X, `${who}: X`) : X;
}

/** Rows that all others are compared with at a time. */
const BLOCK = 512;

/**
 * The silhouette of each row under each of several groupings; the distances are taken once for all of them.
 * @param X of rows of length 1 for the metric "cosine"
 */
export async function silhouettes(
  X: Matrix,
  groupings: readonly Groups[],
  { metric, workers, signal, onProgress }: SilhouetteOptions & typeof defaults,
): Promise<Float64Array[]> {
  const { rows: n, cols } = X;
  const g = groupings.length;
  if (g === 0) return [];
  const own = Int32Array.from({ length: n * g }, (_, at) => groupings[at % g]!.of[Math.floor(at / g)]!);
  const config = { metric, sizes: groupings.map(({ sizes }) => sizes) };
  const spread = { workers, signal, columns: { own } };
  const parts = await withSession(silhouetteProgram, X, config, spread, async (session) => {
    for (let from = 0; from < n; from += BLOCK) {
      const to = Math.min(from + BLOCK, n);
      const data = X.data.slice(from * cols, to * cols);
      await session.gather('compare', { data, of: own.slice(from * g, to * g) });
      const progress = { iteration: to, maxIterations: n, run: 0, runs: 1, objective: NaN };
      onProgress?.({ task: 'silhouette', ...progress });
    }
    return session.gather('finish', null);
  });
  const results = groupings.map(() => new Float64Array(n));
  let row = 0;
  for (const part of parts)
    for (let at = 0; at < part.length; row++) for (const result of results) result[row] = part[at++]!;
  return results;
}

/** The mean of some values, at least one. */
export function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
