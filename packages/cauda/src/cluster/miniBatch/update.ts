import type { Breather } from '../../breather.ts';
import { withKernels } from '../../kernels/module.ts';
import { like, Matrix } from '../../matrix.ts';
import type { Random } from '../../random.ts';
import { CenterBlocks } from '../centers/blocks.ts';
import { BLOCK } from '../lloyd/form.ts';
import { layoutOf } from '../lloyd/layout.ts';
import { weightedChoice } from '../seeding/weightedChoice.ts';
import { countedRows } from '../weights.ts';
import { nearestOf } from './assigned.ts';
import { piecesOf } from './pieces.ts';

/** Where mini-batch K-means stands after some steps. */
export interface MiniBatchState {
  /** nClusters × nFeatures. */
  readonly centers: Matrix;
  /** The weight of the rows that each center is the mean of. */
  readonly counts: Float64Array;
  /** Batches so far. */
  readonly nSteps: number;
  /** Rows since centers were last looked through for neglected ones. */
  readonly sinceReassignment: number;
}

/**
 * One step: each row goes to its nearest center, and each center becomes the mean of its rows so far,
 * c ← (c · count + Σ w x) / (count + Σ w). While some center has no row, and else every 10 · nClusters rows, centers
 * with less than `reassignmentRatio` times the largest count are moved to random rows of the batch. Rows of weight 0 take
 * no part in any of this. Sculley,
 * *Web-scale k-means clustering*, WWW 2010; the details are those of scikit-learn 1.2's `_mini_batch_step`.
 * @returns the new state, and the inertia of the batch at the old centers
 */
export async function updated(
  { centers: old, counts, nSteps, sinceReassignment }: MiniBatchState,
  X: Matrix,
  sampleWeight: Float64Array | undefined,
  reassignmentRatio: number,
  random: Random,
  breather: Breather,
): Promise<{ state: MiniBatchState; inertia: number }> {
  const { rows: k, cols: d } = old;
  const { sums, stride, weights, inertia } = await totals(old, X, sampleWeight, breather);
  const centers = new Matrix(like(old.data, k * d), k, d);
  const newCounts = counts.map((count, c) => count + weights[c]!);
  for (let c = 0; c < k; c++) {
    const center = old.row(c);
    if (weights[c] === 0) centers.row(c).set(center);
    else
      for (let j = 0; j < d; j++)
        centers.data[c * d + j] = (center[j]! * counts[c]! + sums[c * stride + j]!) / newCounts[c]!;
  }

  const counted = countedRows(sampleWeight);
  const n = counted?.length ?? X.rows;
  const seen = sinceReassignment + n;
  const due = counts.includes(0) || seen >= 10 * k;
  if (due && reassignmentRatio > 0) {
    const neglected = neglectedCenters(newCounts, reassignmentRatio, n);
    const chosen = weightedChoice(random, X.rows, sampleWeight, neglected.length, 'miniBatchKMeans');
    const rest = newCounts.filter((_, c) => !neglected.includes(c));
    const least = rest.reduce((a, b) => Math.min(a, b)); // not 0, or they would soon be moved again
    neglected.forEach((c, i) => {
      centers.row(c).set(X.row(chosen[i]!));
      newCounts[c] = least;
    });
  }
  const state = { centers, counts: newCounts, nSteps: nSteps + 1, sinceReassignment: due ? 0 : seen };
  return { state, inertia };
}

/** The centers whose count is below `ratio` × the largest; at most half as many as the batch has rows, the least first. */
function neglectedCenters(counts: Float64Array, ratio: number, rows: number): number[] {
  const largest = counts.reduce((a, b) => Math.max(a, b));
  const below = Array.from(counts.keys()).filter((c) => counts[c]! < ratio * largest);
  if (below.length <= 0.5 * rows) return below;
  return below.sort((a, b) => counts[a]! - counts[b]! || a - b).slice(0, Math.floor(0.5 * rows));
}

/**
 * Sums over the rows that are nearest to each center.
 * @returns Σ w x in rows of `stride`, Σ w, and the inertia of all rows
 */
async function totals(
  centers: Matrix,
  X: Matrix,
  sampleWeight: Float64Array | undefined,
  breather: Breather,
): Promise<{ sums: Float64Array; stride: number; weights: Float64Array; inertia: number }> {
  const { stride } = layoutOf(X, false);
  const k = centers.rows;
  const all = new Float64Array(k * (stride + 2));
  let inertia = 0;
  for (const { rows, from } of piecesOf(X, k)) {
    inertia = addTotals(centers, rows, sampleWeight?.subarray(from, from + rows.rows), all, inertia);
    await breather.breathe();
  }
  return { sums: all.subarray(0, k * stride), stride, weights: all.subarray(k * stride), inertia };
}

/**
 * Adds the totals of some rows to those before them, in the order of the rows.
 * @returns the inertia so far
 */
function addTotals(
  centers: Matrix,
  X: Matrix,
  sampleWeight: Float64Array | undefined,
  all: Float64Array,
  before: number,
): number {
  const k = centers.rows;
  let inertia = before;
  withKernels((kernels) => {
    const stats = kernels.put(all);
    const none = kernels.alloc(BLOCK * 4); // labels of rows that are in no cluster yet
    const weights = sampleWeight ? kernels.alloc(BLOCK * 8) : 0;
    new CenterBlocks(kernels, centers, undefined).each(X, (block) => {
      const { assigner, rows, from } = block;
      const { squared } = nearestOf(block);
      const own = sampleWeight?.subarray(from, from + rows.n);
      if (own) kernels.f64(weights, rows.n).set(own);
      kernels.i32(none, rows.n).fill(-1);
      rows.move(assigner.range(0, rows.n), rows.n, assigner.labels, none, weights, k, stats);
      for (let i = 0; i < rows.n; i++) inertia += (own ? own[i]! : 1) * squared[i]!;
    });
    all.set(kernels.f64(stats, all.length));
  });
  return inertia;
}
