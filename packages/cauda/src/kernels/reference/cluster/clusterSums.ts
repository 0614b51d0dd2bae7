import { addRow } from '../columns.ts';

/**
 * Moves the listed rows to the clusters in `fresh` and brings the clusters' statistics up to date.
 * @returns how many labels changed
 */
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
