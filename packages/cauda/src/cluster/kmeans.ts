import { type FloatArray, like, Matrix, type MatrixLike } from '../matrix.ts';
import { type Session, withSession } from '../parallel/session.ts';
import { Random } from '../random.ts';
import { localTrials, seed, weightedChoice } from './init.ts';
import { kernelCenters, type Layout, layoutOf, layRows } from './layout.ts';
import { type LloydRun, lloyd } from './lloyd.ts';
import { KMeansModel } from './model.ts';
import { type CheckedKMeansOptions, checkKMeansOptions, type KMeansOptions } from './options.ts';
import { type Plan, planFor } from './plan.ts';
import { type LloydSteps, lloydProgram } from './shard.ts';

/**
 * K-means: `nClusters` centers that minimise the inertia Σ_i w_i ‖x_i − c(x_i)‖², the squared distance of each row
 * to its nearest center, by Lloyd's algorithm from the best of `nInit` starts. Exact; the same answers as
 * scikit-learn's `KMeans`, and the same bits for any number of workers.
 *
 * Running out of iterations is no error: see `converged`.
 * @param X nSamples × nFeatures; NaN marks a missing entry if `missing` says how to treat it
 * @throws TypeError or RangeError for options or data that make no sense; the signal's reason when aborted
 */
export async function kmeans(X: MatrixLike, options: KMeansOptions): Promise<KMeansModel> {
  const given = Matrix.from(X, { who: 'kmeans: X', allowNaN: options?.missing !== undefined });
  const checked = checkKMeansOptions(given, options);
  const { nClusters, missing } = checked;
  const { matrix, missingCost } = fillMissing(given, checked);
  const layout = layoutOf(matrix, missing === 'observed');

  const fit = await bestFit(matrix, layout, planFor(matrix), checked, missingCost);
  const { centers, inertia, ...rest } = fit;
  const published = like(matrix.data, centers.length);
  published.set(centers);
  return new KMeansModel({
    ...rest,
    centers: new Matrix(published, nClusters, matrix.cols),
    inertia: inertia + missingCost,
    missing,
  });
}

/**
 * The best of `nInit` runs. The plan changes how it is found, not what is found (but for the last bits of the
 * distances that k-means++ draws from).
 */
export async function bestFit(
  matrix: Matrix,
  layout: Layout,
  plan: Plan,
  checked: CheckedKMeansOptions,
  missingCost = 0,
): Promise<Fit> {
  const { nClusters, init, nInit, maxIter, workers, signal, sampleWeight, onProgress } = checked;
  const trials = init === 'k-means++' ? localTrials(nClusters) : 0;
  const random = new Random(checked.seed);
  return withSession(
    lloydProgram,
    matrix,
    { nClusters, trials, layout, plan },
    { workers, signal, columns: sampleWeight ? { sampleWeight } : {} },
    async (session) => {
      const { means, variance, norm } = await moments(session, layout, plan);
      const run: LloydRun = {
        nClusters,
        maxIter,
        tol: checked.tol * variance,
        layout,
        plan,
        row: (index) => {
          const row = like(matrix.data, layout.stride);
          layRows(matrix.data, index, index + 1, layout, row);
          return Float64Array.from(row, (value, j) => value - (plan.origin[j] ?? 0));
        },
        weight: (index) => (sampleWeight ? sampleWeight[index]! : 1),
      };
      let best: Fit | undefined;
      for (let r = 0; r < nInit; r++) {
        const start = await startingCenters(session, matrix, means, layout, checked, random.stream(r));
        const fit = await oneRun(session, start, run, (iteration, explained) =>
          onProgress?.({
            task: 'kmeans',
            iteration,
            maxIterations: maxIter,
            run: r,
            runs: nInit,
            objective: norm - explained + missingCost,
          }),
        );
        if (best && fit.inertia >= best.inertia) continue;
        best = { ...fit, labels: joined(await session.gather('labels', null), matrix.rows) };
      }
      return best!;
    },
  );
}

interface Fit {
  /** K × d, exactly representable in the data's precision. */
  readonly centers: Float64Array;
  readonly inertia: number;
  readonly nIter: number;
  readonly converged: boolean;
  readonly labels: Int32Array;
}

/** From one start to the centers, and the inertia and labels that belong to exactly those. */
async function oneRun(
  session: Session<LloydSteps>,
  start: Float64Array,
  run: LloydRun,
  report: (iteration: number, explained: number) => void,
): Promise<Omit<Fit, 'labels'>> {
  let centers = start;
  let nIter = 0;
  let converged = false;
  for await (const snapshot of lloyd(session, start, run)) {
    ({ centers, nIter, converged } = snapshot);
    report(nIter, snapshot.explained);
  }
  // always a last assignment, so that the labels are those of the returned centers and equal `predict`
  const [inertia] = await session.sum('finish', kernelCenters(centers, run.layout));
  return { centers, inertia: inertia!, nIter, converged };
}

/** With a prior, missing entries count as 0 (the derivation shows why), and their variance enters the cost. */
function fillMissing(
  X: Matrix,
  { missing, sampleWeight }: CheckedKMeansOptions,
): { matrix: Matrix; missingCost: number } {
  if (typeof missing !== 'object') return { matrix: X, missingCost: 0 };
  const data = X.data.slice();
  let missingWeight = 0;
  for (let i = 0; i < data.length; i++) {
    if (!Number.isNaN(data[i])) continue;
    data[i] = 0;
    missingWeight += sampleWeight ? sampleWeight[Math.floor(i / X.cols)]! : 1;
  }
  return { matrix: new Matrix(data, X.rows, X.cols), missingCost: missing.variance * missingWeight };
}

/**
 * The mean of each column's observed entries, the mean variance of the columns (it scales `tol`), and Σ w ‖x − zero‖²
 * for the zero of `LloydSnapshot.explained`.
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
    const apart = sums[j]! / n;
    means[j] = shift[j]! + apart;
    variance += sums[d + j]! / n - apart * apart;
  }
  return { means, variance: variance / d, norm: sums[3 * d]! };
}

/** The start of one run, K × d. A missing entry of a chosen row becomes its column's mean. */
async function startingCenters(
  session: Session<LloydSteps>,
  matrix: Matrix,
  means: Float64Array,
  layout: Layout,
  { init, nClusters, sampleWeight }: CheckedKMeansOptions,
  random: Random,
): Promise<Float64Array> {
  if (init instanceof Matrix) return Float64Array.from(init.data);
  const place = (index: number): FloatArray =>
    matrix.row(index).map((value, j) => (Number.isNaN(value) ? means[j]! : value));
  const indices =
    init === 'random'
      ? weightedChoice(random, matrix.rows, sampleWeight, nClusters)
      : await seed(
          session,
          nClusters,
          localTrials(nClusters),
          layout,
          random,
          matrix.rows,
          sampleWeight,
          place,
        );
  const centers = new Float64Array(nClusters * layout.d);
  for (let k = 0; k < nClusters; k++) centers.set(place(indices[k]!), k * layout.d);
  return centers;
}

function joined(parts: readonly Int32Array[], n: number): Int32Array {
  const all = new Int32Array(n);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
