import type { Session } from '../../parallel/session.ts';
import { openSession } from '../../parallel/session.ts';
import { Random } from '../../random.ts';
import { type Data, takeRows } from '../../rows.ts';
import { asCost, asDistance } from '../centers/cost.ts';
import { countDistinctRows, tooFewDistinct } from '../distinctRows.ts';
import type { ClusterStatistics } from '../model.ts';
import type { CheckedKMeansOptions } from '../options.ts';
import { localTrials } from '../seeding/kmeansPlusPlus.ts';
import { startingCenters } from '../seeding/starts.ts';
import { type Ending, finish } from './finish.ts';
import { floats, type Layout, layRows } from './layout.ts';
import { type LloydRun, lloyd } from './lloyd.ts';
import type { Plan } from './plan.ts';
import { type LloydSteps, lloydProgram } from './program.ts';

/** The best run. */
export interface Fit extends ClusterStatistics {
  /** K × d, exactly representable in the data's precision. */
  readonly centers: Float64Array;
  readonly labels: Int32Array;
  readonly inertia: number;
  readonly nIter: number;
  readonly converged: boolean;
}

/** One iteration of one run. */
export interface Iteration {
  /** The run, from 0. */
  readonly run: number;
  /** Iterations done in this run, from 1. */
  readonly nIter: number;
  /** The new centers, K × d. */
  readonly centers: Float64Array;
  /** The cost of the rows at the new centers, each row in the cluster that it has been assigned to. */
  readonly inertia: number;
  /** Whether the run ends because nothing moves any more, or too little. */
  readonly converged: boolean;
  /** The cluster of each row; to be asked for before the next iteration. */
  readonly labels: () => Promise<Int32Array>;
  /** The best run, with the last iteration of all. */
  readonly fit?: Fit;
}

/**
 * Lloyd's algorithm from `nInit` starts, iteration by iteration. The plan changes how the result is found, not what is
 * found (but for the last bits of the distances that k-means++ draws from). The session is closed when the generator
 * ends or is left.
 * @param expected what is added to each row's squared distances, with a prior for missing entries
 */
export async function* restarts(
  X: Data,
  layout: Layout,
  plan: Plan,
  checked: CheckedKMeansOptions,
  expected?: Float64Array,
): AsyncGenerator<Iteration, void, void> {
  const { who, nClusters, init, nInit, maxIter, metric, workers, signal, sampleWeight, onProgress } = checked;
  const trials = init === 'k-means++' ? localTrials(nClusters) : 0;
  const random = new Random(checked.seed);
  const weight = (index: number): number => (sampleWeight ? sampleWeight[index]! : 1);
  const columns = { ...(sampleWeight && { sampleWeight }), ...(expected && { expected }) };
  const missingCost = expected ? expected.reduce((sum, extra, i) => sum + weight(i) * extra, 0) : 0;
  const config = { nClusters, trials, layout, plan };
  const session: Session<LloydSteps> = await openSession(lloydProgram, X, config, {
    workers,
    signal,
    columns,
  });
  try {
    const { means, variance, norm } = await moments(session, layout, plan);
    const run: LloydRun = {
      nClusters,
      maxIter,
      tol: checked.tol * variance,
      spherical: metric === 'cosine',
      layout,
      plan,
      rows: async (indices) => {
        const taken = await takeRows(X, indices);
        return indices.map((_, i) => {
          const row = floats(layout, layout.stride);
          layRows(taken.data, i, i + 1, layout, row);
          return Float64Array.from(row, (value, j) => value - (plan.origin[j] ?? 0));
        });
      },
      weight,
      spare: spareClusters(X, checked),
    };
    let best: Best | undefined;
    for (let r = 0; r < nInit; r++) {
      const start = await startingCenters(session, X, means, layout, checked, random.stream(r));
      for await (const { nIter, centers, explained, converged } of lloyd(session, start, run)) {
        const inertia = asCost(norm - explained, metric) + missingCost;
        const progress = { task: who, iteration: nIter, maxIterations: maxIter, run: r, runs: nInit };
        onProgress?.({ ...progress, objective: inertia });
        const labels = (): Promise<Int32Array> => labelsOf(session, X.rows);
        const iteration: Iteration = { run: r, nIter, centers, inertia, converged, labels };
        if (!converged && nIter < maxIter) {
          yield iteration;
          continue;
        }
        const ending = await finish(session, centers, run, checked);
        if (!best || ending.inertia < best.inertia) {
          const radii = mostOf(await session.gather('radii', null));
          best = { ...ending, nIter, converged, labels: await labels(), radii };
        }
        yield r + 1 < nInit ? iteration : { ...iteration, fit: fitOf(best, layout, metric, missingCost) };
      }
    }
  } finally {
    session.close();
  }
}

/** `LloydRun.spare`, which counts the distinct rows once for all runs. */
function spareClusters(
  X: Data,
  { who, nClusters, sampleWeight, allowFewer }: CheckedKMeansOptions,
): () => Promise<number> {
  let counted: Promise<number> | undefined;
  return async () => {
    counted ??= countDistinctRows(X, sampleWeight, nClusters);
    const distinct = await counted;
    if (distinct < nClusters && !allowFewer)
      throw new RangeError(`${tooFewDistinct(who, distinct, nClusters, sampleWeight)}, or allowFewer: true`);
    return nClusters - distinct;
  };
}

/** The best of all runs. */
export async function bestOfRestarts(...start: Parameters<typeof restarts>): Promise<Fit> {
  let best: Fit | undefined;
  for await (const { fit } of restarts(...start)) best = fit;
  return best!;
}

/** The best run so far, measured in squared distances. */
type Best = Ending & Pick<Fit, 'nIter' | 'converged' | 'labels' | 'radii'>;

function fitOf(
  { centers, inertia, inertias, sizes, nIter, converged, labels, radii }: Best,
  { d }: Layout,
  metric: CheckedKMeansOptions['metric'],
  missingCost: number,
): Fit {
  const k = centers.length / d;
  return {
    centers,
    labels,
    inertia: asCost(inertia, metric) + missingCost,
    nIter,
    converged,
    sizes: Int32Array.from(sizes.subarray(0, k)),
    inertias: inertias.subarray(0, k).map((part) => asCost(part, metric)),
    radii: radii.subarray(0, k).map((squared) => asDistance(squared, metric)),
  };
}

/**
 * What the columns are like.
 * @returns the mean of each column's observed entries; the mean variance of the columns, which scales `tol`; and
 * Σ w ‖x − zero‖² for the zero of `LloydSnapshot.explained`
 */
async function moments(
  session: Session<LloydSteps>,
  { d }: Layout,
  { shift }: Plan,
): Promise<{ means: Float64Array; variance: number; norm: number }> {
  const sums = await session.sum('moments', null);
  const means = new Float64Array(d);
  let variance = 0;
  for (let j = 0; j < d; j++) {
    const n = sums[2 * d + j]!;
    if (n === 0) continue;
    const fromShift = sums[j]! / n;
    means[j] = shift[j]! + fromShift;
    variance += sums[d + j]! / n - fromShift * fromShift;
  }
  return { means, variance: variance / d, norm: sums[3 * d]! };
}

/** The largest of each entry over the shards. */
function mostOf(parts: readonly Float64Array[]): Float64Array {
  return parts.reduce((most, part) => most.map((value, i) => Math.max(value, part[i]!)));
}

/** The labels of all n rows, one shard after another. */
async function labelsOf(session: Session<LloydSteps>, n: number): Promise<Int32Array> {
  const labels = new Int32Array(n);
  let at = 0;
  for (const part of await session.gather('labels', null)) {
    labels.set(part, at);
    at += part.length;
  }
  return labels;
}
