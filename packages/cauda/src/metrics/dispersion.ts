import { Matrix, type MatrixLike } from '../matrix.ts';
import type { Labels } from './contingency.ts';
import { type Groups, groupsOf } from './groups.ts';

/**
 * The variance ratio criterion of Caliński and Harabasz (*A dendrite method for cluster analysis*, 1974): the
 * dispersion between clusters over that within, each by its degrees of freedom. Larger is better; 1 where nothing is
 * dispersed within. As scikit-learn's `calinski_harabasz_score`.
 * @param X nSamples × nFeatures
 * @param labels the cluster of each row
 * @throws RangeError unless the labels name 2 to nSamples − 1 clusters
 */
export function calinskiHarabaszScore(X: MatrixLike, labels: Labels): number {
  const who = 'calinskiHarabaszScore';
  const matrix = Matrix.from(X, { who: `${who}: X` });
  return calinskiHarabasz(matrix, groupsOf(who, matrix, labels));
}

/**
 * The index of Davies and Bouldin (*A cluster separation measure*, 1979): for each cluster the worst ratio, over the
 * others, of the two mean distances from the centers to the distance between the centers; and the mean of those.
 * Smaller is better, 0 the best. As scikit-learn's `davies_bouldin_score`.
 * @param X nSamples × nFeatures
 * @param labels the cluster of each row
 * @throws RangeError unless the labels name 2 to nSamples − 1 clusters
 */
export function daviesBouldinScore(X: MatrixLike, labels: Labels): number {
  const who = 'daviesBouldinScore';
  const matrix = Matrix.from(X, { who: `${who}: X` });
  return daviesBouldin(matrix, groupsOf(who, matrix, labels));
}

/**
 * The same for rows that are grouped already.
 * @param weights of the rows, all > 0: a weight w counts as w copies. Defaults to 1 for all
 */
export function calinskiHarabasz(X: Matrix, groups: Groups, weights?: Float64Array): number {
  const { rows: n, cols: d } = X;
  const { of, sizes } = groups;
  const k = sizes.length;
  const totals = weights ? totalsOf(groups, weights) : Float64Array.from(sizes);
  const total = weights ? totals.reduce((sum, weight) => sum + weight, 0) : n;
  const centers = means(X, of, totals, weights);
  const center = means(X, new Int32Array(n), Float64Array.of(total), weights);
  let between = 0;
  for (let c = 0; c < k; c++) between += totals[c]! * squaredDistance(centers, c * d, center, 0, d);
  let within = 0;
  for (let i = 0; i < n; i++)
    within += (weights ? weights[i]! : 1) * squaredDistance(X.data, i * d, centers, of[i]! * d, d);
  return within === 0 ? 1 : (between * (total - k)) / (within * (k - 1));
}

/** The same for rows that are grouped already; `weights` as for `calinskiHarabasz`. */
export function daviesBouldin(X: Matrix, groups: Groups, weights?: Float64Array): number {
  const { rows: n, cols: d } = X;
  const { of, sizes } = groups;
  const k = sizes.length;
  const totals = weights ? totalsOf(groups, weights) : Float64Array.from(sizes);
  const centers = means(X, of, totals, weights);
  const spread = new Float64Array(k);
  for (let i = 0; i < n; i++) {
    const distance = Math.sqrt(squaredDistance(X.data, i * d, centers, of[i]! * d, d));
    spread[of[i]!]! += ((weights ? weights[i]! : 1) * distance) / totals[of[i]!]!;
  }
  let sum = 0;
  for (let a = 0; a < k; a++) {
    let worst = 0;
    for (let b = 0; b < k; b++) {
      const distance = Math.sqrt(squaredDistance(centers, a * d, centers, b * d, d));
      if (distance > 0) worst = Math.max(worst, (spread[a]! + spread[b]!) / distance); // not against itself or a twin
    }
    sum += worst;
  }
  return sum / k;
}

/** The weight of each group. */
function totalsOf({ of, sizes }: Groups, weights: Float64Array): Float64Array {
  const totals = new Float64Array(sizes.length);
  for (let i = 0; i < of.length; i++) totals[of[i]!]! += weights[i]!;
  return totals;
}

/** The mean of each group: k × d, from differences to the first row, so that an offset costs no digits. */
function means(
  { data, cols: d }: Matrix,
  of: Int32Array,
  totals: Float64Array,
  weights: Float64Array | undefined,
): Float64Array {
  const sums = new Float64Array(totals.length * d);
  for (let i = 0; i < of.length; i++) {
    const weight = weights ? weights[i]! : 1;
    for (let j = 0; j < d; j++) sums[of[i]! * d + j]! += weight * (data[i * d + j]! - data[j]!);
  }
  return sums.map((sum, at) => data[at % d]! + sum / totals[Math.floor(at / d)]!);
}

/** Σ (a − b)² over d elements from these places. */
function squaredDistance(
  a: ArrayLike<number>,
  atA: number,
  b: ArrayLike<number>,
  atB: number,
  d: number,
): number {
  let sum = 0;
  for (let j = 0; j < d; j++) sum += (a[atA + j]! - b[atB + j]!) * (a[atA + j]! - b[atB + j]!);
  return sum;
}
