import { type CsrLike, CsrMatrix, isCsr } from '../csr.ts';
import { type FloatArray, like, Matrix, type MatrixLike } from '../matrix.ts';
import { type Session, withSession } from '../parallel/session.ts';
import { Random } from '../random.ts';
import { zeroFilled } from './blocks.ts';
import { asCost, asDistance } from './centersModel.ts';
import { countDistinctRows, tooFewDistinct } from './distinct.ts';
import { localTrials, seed, weightedChoice } from './init.ts';
import { kernelCenters, type Layout, layoutOf, layRows } from './layout.ts';
import { type LloydRun, lloyd } from './lloyd.ts';
import { type ClusterStatistics, KMeansModel } from './model.ts';
import { type CheckedKMeansOptions, checkKMeansOptions, type KMeansOptions } from './options.ts';
import { type Plan, planFor } from './plan.ts';
import { type LloydSteps, lloydProgram } from './shard.ts';
import { unitRows } from './sphere.ts';

/**
 * K-means: `nClusters` centers that minimise the inertia Σ_i w_i ‖x_i − c(x_i)‖², the squared distance of each row
 * to its nearest center, by Lloyd's algorithm from the best of `nInit` starts. Exact; the same answers as
 * scikit-learn's `KMeans`, and the same bits for any number of workers.
 *
 * With `metric: 'cosine'` it is spherical K-means: rows and centers have length 1, and the inertia is Σ_i w_i (1 − cos).
 * Dhillon and Modha, *Concept decompositions for large sparse text data using clustering*, Machine Learning 42 (2001).
 *
 * Running out of iterations is no error: see `converged`.
 * @param X nSamples × nFeatures, dense or sparse; NaN marks a missing entry if `missing` says how to treat it
 * @throws TypeError or RangeError for options or data that make no sense, and for fewer distinct rows than nClusters
 * without `allowFewer`; the signal's reason when aborted
 */
export async function kmeans(X: MatrixLike | CsrLike, options: KMeansOptions): Promise<KMeansModel> {
  const given = isCsr(X)
    ? CsrMatrix.from(X, 'kmeans: X')
    : Matrix.from(X, { who: 'kmeans: X', allowNaN: options?.missing !== undefined });
  const checked = checkKMeansOptions(given, options);
  const { metric, missing } = checked;
  if (missing !== undefined && given instanceof CsrMatrix)
    throw new RangeError('kmeans: missing goes with a dense matrix; the entries that X leaves out are zeros');
  let matrix = metric === 'cosine' ? unitRows(given, 'kmeans: X') : given;
  let expected: Float64Array | undefined;
  if (typeof missing === 'object') {
    // missing entries count as 0 (the derivation shows why), and their variance enters the cost
    const filled = zeroFilled(given.data, given.cols, missing.variance);
    matrix = new Matrix(filled.data, given.rows, given.cols);
    expected = filled.expected;
  }
  const layout = layoutOf(matrix, missing === 'observed');
  const { centers, ...fit } = await bestFit(matrix, layout, planFor(matrix), checked, expected);
  const published = like(matrix.data, centers.length);
  published.set(centers);
  return new KMeansModel({
    ...fit,
    centers: new Matrix(published, centers.length / matrix.cols, matrix.cols),
    metric,
    missing,
  });
}

/**
 * The best of `nInit` runs. The plan changes how it is found, not what is found (but for the last bits of the
 * distances that k-means++ draws from).
 * @param expected what belongs to each row's squared distance besides, with a prior for missing entries
 */
export async function bestFit(
  matrix: Matrix | CsrMatrix,
  layout: Layout,
  plan: Plan,
  checked: CheckedKMeansOptions,
  expected?: Float64Array,
): Promise<Fit> {
  const { nClusters, init, nInit, maxIter, metric, workers, signal, sampleWeight, onProgress } = checked;
  const trials = init === 'k-means++' ? localTrials(nClusters) : 0;
  const random = new Random(checked.seed);
  const weight = (index: number): number => (sampleWeight ? sampleWeight[index]! : 1);
  const columns = { ...(sampleWeight && { sampleWeight }), ...(expected && { expected }) };
  const missingCost = expected ? expected.reduce((sum, extra, i) => sum + weight(i) * extra, 0) : 0;
  return withSession(
    lloydProgram,
    matrix,
    { nClusters, trials, layout, plan },
    { workers, signal, columns },
    async (session) => {
      const { means, variance, norm } = await moments(session, layout, plan);
      const run: LloydRun = {
        nClusters,
        maxIter,
        tol: checked.tol * variance,
        spherical: metric === 'cosine',
        layout,
        plan,
        row: (index) => {
          const row = like(matrix.data, layout.stride);
          layRows(matrix.row(index), 0, 1, layout, row);
          return Float64Array.from(row, (value, j) => value - (plan.origin[j] ?? 0));
        },
        weight,
      };
      let best: (Ending & Pick<Fit, 'nIter' | 'converged' | 'labels' | 'radii'>) | undefined;
      for (let r = 0; r < nInit; r++) {
        let centers = await startingCenters(session, matrix, means, layout, checked, random.stream(r));
        let nIter = 0;
        let converged = false;
        for await (const snapshot of lloyd(session, centers, run)) {
          ({ centers, nIter, converged } = snapshot);
          onProgress?.({
            task: 'kmeans',
            iteration: nIter,
            maxIterations: maxIter,
            run: r,
            runs: nInit,
            objective: asCost(norm - snapshot.explained, metric) + missingCost,
          });
        }
        const ending = await finish(session, centers, matrix, layout, checked);
        if (best && ending.inertia >= best.inertia) continue;
        const radii = mostOf(await session.gather('radii', null));
        const labels = joined(await session.gather('labels', null), matrix.rows);
        best = { ...ending, nIter, converged, labels, radii };
      }
      const { centers, inertia, inertias, sizes, nIter, converged, labels, radii } = best!;
      const k = centers.length / layout.d;
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
    },
  );
}

interface Fit extends ClusterStatistics {
  /** K × d, exactly representable in the data's precision. */
  readonly centers: Float64Array;
  readonly labels: Int32Array;
  readonly inertia: number;
  readonly nIter: number;
  readonly converged: boolean;
}

/** What belongs to exactly the centers that a run returns; squared distances, entries beyond K unused. */
interface Ending {
  readonly centers: Float64Array;
  readonly inertia: number;
  readonly inertias: Float64Array;
  readonly sizes: Float64Array;
}

/**
 * Always a last assignment, so that the labels are those of the returned centers and equal `predict`. Rows that are
 * the same share a label, so that with fewer distinct rows than nClusters some cluster has none.
 */
async function finish(
  session: Session<LloydSteps>,
  centers: Float64Array,
  matrix: Matrix | CsrMatrix,
  layout: Layout,
  { nClusters, sampleWeight, allowFewer }: CheckedKMeansOptions,
): Promise<Ending> {
  const assign = async (all: Float64Array): Promise<Omit<Ending, 'centers'>> => {
    const sums = await session.sum('finish', kernelCenters(all, layout));
    return {
      inertia: sums[0]!,
      inertias: sums.subarray(1, 1 + nClusters),
      sizes: sums.subarray(1 + nClusters),
    };
  };
  const ending = { centers, ...(await assign(centers)) };
  if (!ending.sizes.includes(0)) return ending;
  if (!allowFewer) {
    const distinct = countDistinctRows(matrix, sampleWeight, nClusters);
    if (distinct >= nClusters) return ending;
    throw new RangeError(
      `${tooFewDistinct('kmeans', distinct, nClusters, sampleWeight)}, or allowFewer: true`,
    );
  }
  const { d } = layout;
  const kept = Array.from(ending.sizes.keys()).filter((k) => ending.sizes[k]! > 0);
  const padded = new Float64Array(centers.length); // a copy of the first center loses every tie to it
  for (let k = 0; k < nClusters; k++) {
    const from = (kept[k] ?? kept[0]!) * d;
    padded.set(centers.subarray(from, from + d), k * d);
  }
  return { centers: padded.slice(0, kept.length * d), ...(await assign(padded)) };
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
  matrix: Matrix | CsrMatrix,
  means: Float64Array,
  layout: Layout,
  { init, nClusters, metric, sampleWeight }: CheckedKMeansOptions,
  random: Random,
): Promise<Float64Array> {
  if (typeof init === 'object') {
    const start =
      init instanceof Matrix ? init : meansOf(init.labels, nClusters, matrix, means, sampleWeight);
    return Float64Array.from(metric === 'cosine' ? unitRows(start, 'kmeans: init').data : start.data);
  }
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

/** The weighted mean of the rows of each label; a coordinate that none of them has observed becomes its column's mean. */
function meansOf(
  labels: Int32Array,
  k: number,
  X: Matrix | CsrMatrix,
  columnMeans: Float64Array,
  sampleWeight: Float64Array | undefined,
): Matrix {
  const { data, rows, cols } = X;
  const sums = new Float64Array(k * cols);
  const weights = new Float64Array(k * cols);
  for (let i = 0; i < rows; i++) {
    const weight = sampleWeight ? sampleWeight[i]! : 1;
    const at = labels[i]! * cols;
    if (X instanceof CsrMatrix) {
      for (let p = X.indptr[i]!; p < X.indptr[i + 1]!; p++) sums[at + X.indices[p]!]! += weight * data[p]!;
      weights[at]! += weight;
    } else
      for (let j = 0; j < cols; j++) {
        const value = data[i * cols + j]!;
        if (Number.isNaN(value)) continue;
        sums[at + j]! += weight * value;
        weights[at + j]! += weight;
      }
  }
  if (X instanceof CsrMatrix)
    for (let c = 0; c < k; c++) weights.fill(weights[c * cols]!, c * cols, (c + 1) * cols); // all are observed
  return new Matrix(
    sums.map((sum, at) => (weights[at]! > 0 ? sum / weights[at]! : columnMeans[at % cols]!)),
    k,
    cols,
  );
}

/** The largest of each entry over the shards. */
function mostOf(parts: readonly Float64Array[]): Float64Array {
  return parts.reduce((most, part) => most.map((value, i) => Math.max(value, part[i]!)));
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
