import { checkOptions, integerIn, oneOf, type Rule, seedRule } from '../check.ts';
import { bytesOf, precisionOf, putPadded, roundUp } from '../kernels/kernels.ts';
import { withKernels } from '../kernels/module.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import { Random } from '../random.ts';
import type { Labels } from './contingency.ts';
import { type Groups, groupsOf } from './groups.ts';

export interface SilhouetteOptions {
  /** The distance of two rows; defaults to "euclidean", the only one so far. */
  metric?: 'euclidean';
}
export interface SilhouetteScoreOptions extends SilhouetteOptions {
  /** Rows to draw without replacement and to take for the whole; defaults to all of them. */
  sampleSize?: number;
  /** Seed of the draw; defaults to 0. */
  seed?: number;
}

const metricRule = oneOf('euclidean');
/** Rows at a time: their distances to as many others stay in the cache. */
const BLOCK = 64;

/**
 * The mean silhouette of all rows, in [−1, 1]: near 1 where clusters are compact and far apart, below 0 where rows
 * are nearer to another cluster than to their own. Time grows with nSamples², memory with nSamples: give a
 * `sampleSize` for large data. As scikit-learn's `silhouette_score`.
 * @param X nSamples × nFeatures
 * @param labels the cluster of each row
 * @throws RangeError unless the labels (of the sample) name 2 to nSamples − 1 clusters
 */
export function silhouetteScore(X: MatrixLike, labels: Labels, options: SilhouetteScoreOptions = {}): number {
  const who = 'silhouetteScore';
  const matrix = Matrix.from(X, { who: `${who}: X` });
  const rules: Record<keyof SilhouetteScoreOptions, Rule> = {
    metric: metricRule,
    sampleSize: integerIn(3, matrix.rows, 'the rows of X'),
    seed: seedRule,
  };
  const { sampleSize, seed } = checkOptions(who, options, rules, { seed: 0 });
  const all = { matrix, groups: groupsOf(who, matrix, labels) };
  if (sampleSize === undefined) return mean(silhouettes(all.matrix, [all.groups])[0]!);
  const drawn = new Random(seed).choice(matrix.rows, sampleSize);
  const rows = matrix.take(drawn);
  const groups = groupsOf(
    `${who} of the sample`,
    rows,
    Array.from(drawn, (i) => labels[i]!),
  );
  return mean(silhouettes(rows, [groups])[0]!);
}

/**
 * The silhouette of each row, (b − a) / max(a, b): a is its mean distance to the other rows of its cluster, b that to
 * the rows of the nearest other cluster; 0 for a row alone in its cluster. Rousseeuw, *Silhouettes*, J. Comput. Appl.
 * Math. 20 (1987).
 * @param X nSamples × nFeatures
 * @param labels the cluster of each row
 * @returns length nSamples
 * @throws RangeError unless the labels name 2 to nSamples − 1 clusters
 */
export function silhouetteSamples(
  X: MatrixLike,
  labels: Labels,
  options: SilhouetteOptions = {},
): Float64Array {
  const who = 'silhouetteSamples';
  checkOptions(who, options, { metric: metricRule }, {});
  const matrix = Matrix.from(X, { who: `${who}: X` });
  return silhouettes(matrix, [groupsOf(who, matrix, labels)])[0]!;
}

/** The silhouette of each row under each of several groupings; the distances are taken once for all of them. */
export function silhouettes(X: Matrix, groupings: readonly Groups[]): Float64Array[] {
  const n = X.rows;
  const precision = precisionOf(X.data);
  const stride = roundUp(X.cols, 4);
  const rowBytes = stride * bytesOf(precision);
  const results = groupings.map(() => new Float64Array(n));
  const sums = groupings.map(({ sizes }) => new Float64Array(BLOCK * sizes.length));
  withKernels((kernels) => {
    const x = putPadded(kernels, X.data, n, X.cols, stride);
    const out = kernels.alloc(BLOCK * BLOCK * 8);
    const kernel = precision === 'F64' ? kernels.run.distancesF64 : kernels.run.distancesF32;
    for (let from = 0; from < n; from += BLOCK) {
      const count = Math.min(BLOCK, n - from);
      for (const sum of sums) sum.fill(0);
      for (let other = 0; other < n; other += BLOCK) {
        const others = Math.min(BLOCK, n - other);
        kernel(x + from * rowBytes, count, stride, stride, 0, x + other * rowBytes, others, out);
        const distances = kernels.f64(out, count * others);
        for (let i = 0; i < distances.length; i++) distances[i] = Math.sqrt(distances[i]!);
        groupings.forEach((groups, g) => {
          addByGroup(distances, count, others, groups, other, sums[g]!);
        });
      }
      groupings.forEach((groups, g) => {
        for (let i = 0; i < count; i++) results[g]![from + i] = silhouette(sums[g]!, i, groups, from + i);
      });
    }
  });
  return results;
}

/** sums (count × groups) += the distances to the rows from `other` on, by the group of those. */
function addByGroup(
  distances: Float64Array,
  count: number,
  others: number,
  { of, sizes }: Groups,
  other: number,
  sums: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    const row = i * sizes.length;
    for (let j = 0; j < others; j++) sums[row + of[other + j]!]! += distances[i * others + j]!;
  }
}

/** The silhouette of row `row`, whose distances to each group add up to the i-th row of `sums`. */
function silhouette(sums: Float64Array, i: number, { of, sizes }: Groups, row: number): number {
  const own = of[row]!;
  if (sizes[own] === 1) return 0;
  let nearest = Infinity;
  for (let g = 0; g < sizes.length; g++)
    if (g !== own) nearest = Math.min(nearest, sums[i * sizes.length + g]! / sizes[g]!);
  const within = sums[i * sizes.length + own]! / (sizes[own]! - 1);
  const larger = Math.max(within, nearest);
  return larger > 0 ? (nearest - within) / larger : 0;
}

/** The mean of some values, at least one. */
export function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
