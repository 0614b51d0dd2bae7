/**
 * The kernels of assembly/lloyd.ts in plain TypeScript: the same additions in the same order, so that the results are
 * the same bits. `lanes` is 4 with `round` = Math.fround, or 2 with the identity for float64.
 */
export interface Arithmetic {
  readonly lanes: 2 | 4;
  readonly round: (value: number) => number;
}

/** Σ over a row of what `term` gives: lane by lane, then (0 + 1) + (2 + 3). */
function laneSum({ lanes, round }: Arithmetic, width: number, term: (j: number) => number): number {
  const sums = new Array<number>(lanes).fill(0);
  for (let j = 0; j < width; j++) sums[j % lanes] = round(sums[j % lanes]! + term(j));
  const [a = 0, b = 0, c = 0, d = 0] = sums;
  return lanes === 2 ? a + b : round(round(a + b) + round(c + d));
}

/** x·c. */
export function dot(arithmetic: Arithmetic, x: ArrayLike<number>, c: ArrayLike<number>): number {
  return laneSum(arithmetic, x.length, (j) => arithmetic.round(x[j]! * c[j]!));
}

/** Σ (m (x − c))², without a mask Σ (x − c)². */
export function squaredDistance(
  arithmetic: Arithmetic,
  x: ArrayLike<number>,
  c: ArrayLike<number>,
  mask?: ArrayLike<number>,
): number {
  const { round } = arithmetic;
  return laneSum(arithmetic, x.length, (j) => {
    const difference = round(x[j]! - c[j]!);
    const counted = mask ? round(mask[j]! * difference) : difference;
    return round(counted * counted);
  });
}

/** Σ |x − c|. */
export function manhattan(arithmetic: Arithmetic, x: ArrayLike<number>, c: ArrayLike<number>): number {
  return laneSum(arithmetic, x.length, (j) => Math.abs(arithmetic.round(x[j]! - c[j]!)));
}

/** x·c as `panelDots` adds: sums over 64 elements, one element after another, then the sum of those. */
export function chunkedDot({ round }: Arithmetic, x: ArrayLike<number>, c: ArrayLike<number>): number {
  let total = 0;
  for (let from = 0; from < x.length; from += 64) {
    let sum = 0;
    for (let j = from; j < Math.min(from + 64, x.length); j++) sum = round(sum + round(x[j]! * c[j]!));
    total = from === 0 ? sum : round(total + sum);
  }
  return total;
}

/** The index of the nearest of some centers by differences, the lowest winning a tie. */
export function nearestByDifferences(
  arithmetic: Arithmetic,
  x: ArrayLike<number>,
  centers: readonly ArrayLike<number>[],
): number {
  const distances = centers.map((c) => squaredDistance(arithmetic, x, c));
  return distances.indexOf(Math.min(...distances));
}

/** sum += weight × (x − origin), in float64. */
export function addRow(
  sum: Float64Array,
  x: ArrayLike<number>,
  origin: ArrayLike<number>,
  weight: number,
): void {
  for (let j = 0; j < x.length; j++) sum[j]! += weight * (x[j]! - origin[j]!);
}

/** Gives the listed rows new labels and brings the clusters' statistics (see assembly/moves.ts) up to date. */
export function moveRows(
  { stats, labels }: { stats: Float64Array; labels: Int32Array },
  rows: {
    x: ArrayLike<number> & { subarray(from: number, to: number): ArrayLike<number> };
    d: number;
    stride: number;
    origin: ArrayLike<number>;
    weights: ArrayLike<number> | undefined;
    k: number;
  },
  list: readonly number[],
  fresh: readonly number[],
): number {
  const { x, d, stride, origin, weights, k } = rows;
  const sumOf = (c: number): Float64Array => stats.subarray(c * stride, (c + 1) * stride);
  let changed = 0;
  list.forEach((i, at) => {
    const from = labels[i]!;
    const to = fresh[at]!;
    if (from === to) return;
    labels[i] = to;
    changed++;
    const weight = weights ? weights[i]! : 1;
    if (weight === 0) return;
    const values = x.subarray(i * d, (i + 1) * d);
    addRow(sumOf(to), values, origin, weight);
    stats[k * stride + to]! += weight;
    stats[k * stride + k + to]!++;
    if (from < 0) return;
    addRow(sumOf(from), values, origin, -weight);
    stats[k * stride + from]! -= weight;
    if (--stats[k * stride + k + from]! > 0) return;
    sumOf(from).fill(0);
    stats[k * stride + from] = 0;
  });
  return changed;
}

/** Σ (x − origin) and Σ (x − origin)² of each column of n rows, in float64. */
export function columnMoments(
  x: ArrayLike<number>,
  d: number,
  origin: ArrayLike<number>,
): { sum: number[]; square: number[] } {
  const sum = new Array<number>(d).fill(0);
  const square = new Array<number>(d).fill(0);
  for (let i = 0; i < x.length; i++) {
    const moved = x[i]! - origin[i % d]!;
    sum[i % d]! += moved;
    square[i % d]! += moved * moved;
  }
  return { sum, square };
}
