import type { FloatArray } from '../../matrix.ts';
import type { Session } from '../../parallel/session.ts';
import { writeDirection } from '../../unitRows.ts';
import { kernelCenters, type Layout } from './layout.ts';
import type { Plan } from './plan.ts';
import { furthestFirst, type LloydSteps, type Statistics, statistics } from './program.ts';

/** One iteration of Lloyd's algorithm. */
export interface LloydSnapshot {
  /** Iterations done, from 1. */
  readonly nIter: number;
  /** The new centers, K × d. */
  readonly centers: Float64Array;
  /** Σ w ‖x − zero‖² less the inertia Σ w ‖x − c‖² at the new centers. */
  readonly explained: number;
  /** Whether this was the last iteration because nothing moves any more, or too little. */
  readonly converged: boolean;
}

/** What Lloyd's algorithm needs besides the session and a start. */
export interface LloydRun {
  readonly nClusters: number;
  readonly maxIter: number;
  /** Squared movement of all centers at which to stop. */
  readonly tol: number;
  /** Whether centers are directions: means at length 1. */
  readonly spherical: boolean;
  readonly layout: Layout;
  readonly plan: Plan;
  /** What the given rows of X add to the sums of their clusters: stride values each. */
  readonly rows: (indices: readonly number[]) => Promise<readonly FloatArray[]>;
  readonly weight: (index: number) => number;
  /**
   * How many clusters must stay empty because X has fewer distinct rows.
   * @throws RangeError unless clusters may be left out
   */
  readonly spare: () => Promise<number>;
}

/**
 * Lloyd's algorithm: assign every row to its nearest center, move every center to the weighted mean of its rows,
 * until no label changes ("strict convergence") or the centers move by no more than `tol`. Yields a fresh snapshot
 * of each iteration. An empty cluster gets the row furthest from its center, as in scikit-learn; an iteration that has
 * moved one is never the last, since its centers have yet to be tried.
 * Lloyd, *Least squares quantization in PCM*, IEEE Trans. Inf. Theory 28 (1982).
 */
export async function* lloyd(
  session: Session<LloydSteps>,
  start: Float64Array,
  run: LloydRun,
): AsyncGenerator<LloydSnapshot, void, void> {
  const { nClusters, maxIter, tol, layout } = run;
  let centers = start;
  await session.gather('begin', null);
  for (let nIter = 1; nIter <= maxIter; nIter++) {
    const sum = await session.sum('assign', kernelCenters(centers, layout));
    const stats = statistics(sum, nClusters, layout.stride);
    const relocated = stats.counts.includes(0) && (await relocate(session, stats, centers, run));
    const next = movedCenters(stats, centers, run);
    const movement = squaredDistance(next.centers, centers);
    ({ centers } = next);
    const { explained } = next;
    const converged = !relocated && (stats.changed === 0 || movement <= tol);
    yield { nIter, centers, explained, converged };
    if (converged) return;
  }
}

/**
 * Gives each empty cluster one of the rows that are furthest from their own centers, in the statistics of this
 * iteration alone: the next assignment decides whether it stays. As many clusters as X has too few distinct rows for stay
 * empty, and so do those for which only rows at their own centers are left.
 * @returns whether any cluster got a row
 */
async function relocate(
  session: Session<LloydSteps>,
  { sums, weights, counts }: Statistics,
  centers: Float64Array,
  { layout, rows, weight, spare }: LloydRun,
): Promise<boolean> {
  const all = Array.from(counts.keys()).filter((k) => counts[k] === 0);
  const empty = all.slice(0, Math.max(0, all.length - (await spare())));
  if (empty.length === 0) return false;
  const params = { centers: kernelCenters(centers, layout), count: empty.length };
  const farthest = (await session.gather('farthest', params)).flatMap((part) =>
    Array.from({ length: part.length / 2 }, (_, i) => [part[2 * i]!, part[2 * i + 1]!] as [number, number]),
  );
  const labels = await session.gather('labels', null);
  const labelOf = (index: number): number => {
    let s = 0;
    while (index >= labels[s]!.length) index -= labels[s++]!.length;
    return labels[s]![index]!;
  };
  const moving = farthest
    .filter(([distance]) => distance > 0)
    .sort(furthestFirst)
    .slice(0, empty.length)
    .map(([, index]) => index);
  const taken = await rows(moving);
  moving.forEach((index, e) => {
    const from = labelOf(index);
    const to = empty[e]!;
    const w = weight(index);
    const values = taken[e]!;
    for (let j = 0; j < layout.stride; j++) {
      sums[from * layout.stride + j]! -= w * values[j]!;
      sums[to * layout.stride + j] = w * values[j]!;
    }
    weights[from]! -= w;
    weights[to] = w;
    counts[from]!--;
    counts[to] = 1;
  });
  return moving.length > 0;
}

/**
 * Moves each center to the weighted mean of its cluster, rounded to the data's precision. A coordinate that no row of the
 * cluster has observed stays where it was; a cluster that could not be filled goes to the place of the heaviest one. On
 * the sphere the mean is scaled to length 1, which makes Σ w cos largest, and a mean of 0 leaves the center where it was.
 * @returns the new centers, K × d, and `LloydSnapshot.explained`
 */
function movedCenters(
  { sums, weights, counts }: Statistics,
  old: Float64Array,
  { layout, plan, spherical }: LloydRun,
): { centers: Float64Array; explained: number } {
  const { d, width, stride, masked, precision } = layout;
  const k = weights.length;
  const heaviest = weights.indexOf(weights.reduce((most, weight) => Math.max(most, weight), 0));
  const centers = precision === 'F64' ? new Float64Array(k * d) : new Float32Array(k * d);
  const mean = new Float64Array(d);
  let explained = 0;
  for (let c = 0; c < k; c++) {
    const source = counts[c]! > 0 ? c : heaviest;
    for (let j = 0; j < d; j++) {
      const divisor = masked ? sums[source * stride + width + j]! : weights[source]!;
      const origin = plan.origin[j]!;
      mean[j] = divisor > 0 ? origin + sums[source * stride + j]! / divisor : old[source * d + j]!;
      const fromOrigin = mean[j]! - origin;
      if (source === c && !spherical) explained += divisor * fromOrigin * fromOrigin; // Σ W ‖c − zero‖²
    }
    if (!spherical) centers.set(mean, c * d);
    else if (!writeDirection(mean, 0, d, centers, c * d))
      centers.set(old.subarray(c * d, (c + 1) * d), c * d);
    if (spherical && source === c)
      for (let j = 0; j < d; j++) {
        const fromOrigin = centers[c * d + j]! - plan.origin[j]!;
        explained += 2 * fromOrigin * sums[c * stride + j]! - weights[c]! * fromOrigin * fromOrigin;
      }
  }
  return { centers: Float64Array.from(centers), explained };
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) * (a[i]! - b[i]!);
  return sum;
}
