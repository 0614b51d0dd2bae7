import { type FloatArray, like, Matrix, type MatrixLike } from '../matrix.ts';
import { type Session, withSession } from '../parallel/session.ts';
import { Random } from '../random.ts';
import { localTrials, seed, weightedChoice } from './init.ts';
import { kernelCenters, type Layout, layoutOf, layRows } from './layout.ts';
import { type LloydRun, lloyd } from './lloyd.ts';
import { KMeansModel } from './model.ts';
import { type CheckedKMeansOptions, checkKMeansOptions, type KMeansOptions } from './options.ts';
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
  const { nClusters, init, nInit, maxIter, workers, signal, sampleWeight, missing, onProgress } = checked;
  const { matrix, missingCost } = fillMissing(given, checked);
  const layout = layoutOf(matrix, missing === 'observed');
  const random = new Random(checked.seed);
  const trials = init === 'k-means++' ? localTrials(nClusters) : 0;

  return withSession(
    lloydProgram,
    matrix,
    { nClusters, trials, layout },
    { workers, signal, columns: sampleWeight ? { sampleWeight } : {} },
    async (session) => {
      const { means, variance, norm } = await moments(session, layout);
      const run: LloydRun = {
        nClusters,
        maxIter,
        tol: checked.tol * variance,
        layout,
        row: (index) => {
          const row = like(matrix.data, layout.stride);
          layRows(matrix.data, index, index + 1, layout, row);
          return row;
        },
        weight: (index) => (sampleWeight ? sampleWeight[index]! : 1),
      };
      let best: Fit | undefined;
      for (let r = 0; r < nInit; r++) {
        const start = await startingCenters(session, matrix, means, layout, checked, random.stream(r));
        const fit = await oneRun(session, start, run, (iteration, score) =>
          onProgress?.({
            task: 'kmeans',
            iteration,
            maxIterations: maxIter,
            run: r,
            runs: nInit,
            objective: norm + 2 * score + missingCost,
          }),
        );
        if (best && fit.inertia >= best.inertia) continue;
        best = { ...fit, labels: joined(await session.gather('labels', null), matrix.rows) };
      }
      const { centers, inertia, ...rest } = best!;
      const published = like(matrix.data, centers.length);
      published.set(centers);
      return new KMeansModel({
        ...rest,
        centers: new Matrix(published, nClusters, matrix.cols),
        inertia: inertia + missingCost,
        missing,
      });
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
  report: (iteration: number, score: number) => void,
): Promise<Omit<Fit, 'labels'>> {
  let centers = start;
  let nIter = 0;
  let converged = false;
  for await (const snapshot of lloyd(session, start, run)) {
    ({ centers, nIter, converged } = snapshot);
    report(nIter, snapshot.score);
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

/** The mean of each column's observed entries, the mean variance of the columns (it scales `tol`), and Σ w ‖x‖². */
async function moments(
  session: Session<LloydSteps>,
  { d }: Layout,
): Promise<{ means: Float64Array; variance: number; norm: number }> {
  const sums = await session.sum('columnSums', null);
  const means = sums.slice(0, d).map((sum, j) => (sums[d + j]! > 0 ? sum / sums[d + j]! : 0));
  const squares = await session.sum('columnSquares', means);
  let variance = 0;
  for (let j = 0; j < d; j++) if (sums[d + j]! > 0) variance += squares[j]! / sums[d + j]!;
  return { means, variance: variance / d, norm: squares[d]! };
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
