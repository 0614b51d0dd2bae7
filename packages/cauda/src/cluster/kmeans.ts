import { type CsrLike, CsrMatrix, isCsr } from '../csr.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import { type Session, withSession } from '../parallel/session.ts';
import { Random } from '../random.ts';
import { blocksOf, type Data, takeRows } from '../rows.ts';
import { checkSource, isSource, type MatrixSource, Source } from '../source.ts';
import { asCost, asDistance } from './centersModel.ts';
import { countDistinctRows, tooFewDistinct } from './distinct.ts';
import { zeroFilled } from './lloyd/blocks.ts';
import { floats, kernelCenters, type Layout, layoutOf, layRows } from './lloyd/layout.ts';
import { type LloydRun, lloyd } from './lloyd/lloyd.ts';
import { type Plan, planOf } from './lloyd/plan.ts';
import { type LloydSteps, lloydProgram } from './lloyd/program.ts';
import { type ClusterStatistics, KMeansModel } from './model.ts';
import { type CheckedKMeansOptions, checkKMeansOptions, type KMeansOptions } from './options.ts';
import { localTrials, seed, weightedChoice } from './seeding/kmeansPlusPlus.ts';
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
 * @param X nSamples × nFeatures, dense or sparse, or a source of more rows than memory holds: it is read again for every
 * pass, in the calling thread, and gives the same bits as the same rows in memory. NaN marks a missing entry if `missing`
 * says how to treat it
 * @throws TypeError or RangeError for options or data that make no sense, and for fewer distinct rows than nClusters
 * without `allowFewer`; the signal's reason when aborted
 */
export async function kmeans(
  X: MatrixLike | CsrLike | MatrixSource,
  options: KMeansOptions,
): Promise<KMeansModel> {
  const door = isSource(X)
    ? checkSource('kmeans: source', X)
    : isCsr(X)
      ? CsrMatrix.from(X, 'kmeans: X')
      : Matrix.from(X, { who: 'kmeans: X', allowNaN: options?.missing !== undefined });
  const checked = checkKMeansOptions(door, options);
  const { metric, missing, signal } = checked;
  if (missing !== undefined && door instanceof CsrMatrix)
    throw new RangeError('kmeans: missing goes with a dense matrix; the entries that X leaves out are zeros');
  const given =
    door instanceof Matrix || door instanceof CsrMatrix
      ? door
      : await Source.open(door, { who: 'kmeans: source', allowNaN: missing !== undefined, signal });
  const { rows, expected } = await prepared(given, checked);
  const layout = layoutOf(rows, missing === 'observed');
  const plan = await planOf(rows, layout, checked.nClusters);
  const { centers, ...fit } = await bestFit(rows, layout, plan, checked, expected);
  const published = floats(layout, centers.length);
  published.set(centers);
  return new KMeansModel({
    ...fit,
    centers: new Matrix(published, centers.length / rows.cols, rows.cols),
    metric,
    missing,
  });
}

/**
 * The rows as Lloyd's algorithm takes them: directions of length 1 for the cosine; with a prior, missing entries count
 * as 0 (the derivation shows why), and their variance, `expected`, enters the cost.
 */
async function prepared(
  X: Data,
  { metric, missing }: CheckedKMeansOptions,
): Promise<{ rows: Data; expected?: Float64Array }> {
  if (metric === 'cosine')
    return {
      rows:
        X instanceof Source
          ? X.map((block, first) => unitRows(block, 'kmeans: source', first))
          : unitRows(X, 'kmeans: X'),
    };
  if (typeof missing !== 'object' || X instanceof CsrMatrix) return { rows: X };
  const { variance } = missing;
  const fill = ({ data, rows, cols }: Matrix) =>
    new Matrix(zeroFilled(data, cols, variance).data, rows, cols);
  const expected = new Float64Array(X.rows);
  for await (const { block, first } of blocksOf(X))
    expected.set(zeroFilled(block.data, X.cols, variance).expected, first);
  return { rows: X instanceof Source ? X.map(fill) : fill(X), expected };
}

/**
 * The best of `nInit` runs. The plan changes how it is found, not what is found (but for the last bits of the
 * distances that k-means++ draws from).
 * @param expected what belongs to each row's squared distance besides, with a prior for missing entries
 */
export async function bestFit(
  X: Data,
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
    X,
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
        rows: async (indices) => {
          const taken = await takeRows(X, indices);
          return indices.map((_, i) => {
            const row = floats(layout, layout.stride);
            layRows(taken.data, i, i + 1, layout, row);
            return Float64Array.from(row, (value, j) => value - (plan.origin[j] ?? 0));
          });
        },
        weight,
      };
      let best: (Ending & Pick<Fit, 'nIter' | 'converged' | 'labels' | 'radii'>) | undefined;
      for (let r = 0; r < nInit; r++) {
        let centers = await startingCenters(session, X, means, layout, checked, random.stream(r));
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
        const ending = await finish(session, centers, X, layout, checked);
        if (best && ending.inertia >= best.inertia) continue;
        const radii = mostOf(await session.gather('radii', null));
        const labels = joined(await session.gather('labels', null), X.rows);
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
  X: Data,
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
    const distinct = await countDistinctRows(X, sampleWeight, nClusters);
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
  X: Data,
  means: Float64Array,
  layout: Layout,
  { init, nClusters, metric, sampleWeight }: CheckedKMeansOptions,
  random: Random,
): Promise<Float64Array> {
  if (typeof init === 'object') {
    const start =
      init instanceof Matrix ? init : await meansOf(init.labels, nClusters, X, means, sampleWeight);
    return Float64Array.from(metric === 'cosine' ? unitRows(start, 'kmeans: init').data : start.data);
  }
  const places = async (indices: ArrayLike<number>): Promise<Matrix> => {
    const { data, rows, cols } = await takeRows(X, indices);
    const known = data.map((value, at) => (Number.isNaN(value) ? means[at % cols]! : value));
    return new Matrix(known, rows, cols);
  };
  const trials = localTrials(nClusters);
  const { data } =
    init === 'random'
      ? await places(weightedChoice(random, X.rows, sampleWeight, nClusters))
      : (await seed(session, nClusters, trials, layout, random, X.rows, sampleWeight, places)).centers;
  return Float64Array.from(data);
}

/** The weighted mean of the rows of each label; a coordinate that none of them has observed becomes its column's mean. */
async function meansOf(
  labels: Int32Array,
  k: number,
  X: Data,
  columnMeans: Float64Array,
  sampleWeight: Float64Array | undefined,
): Promise<Matrix> {
  const { cols } = X;
  const sums = new Float64Array(k * cols);
  const weights = new Float64Array(k * cols);
  for await (const { block, first } of blocksOf(X)) {
    const { data, rows } = block;
    for (let i = 0; i < rows; i++) {
      const weight = sampleWeight ? sampleWeight[first + i]! : 1;
      const at = labels[first + i]! * cols;
      if (block instanceof CsrMatrix) {
        for (let p = block.indptr[i]!; p < block.indptr[i + 1]!; p++)
          sums[at + block.indices[p]!]! += weight * data[p]!;
        weights[at]! += weight;
      } else
        for (let j = 0; j < cols; j++) {
          const value = data[i * cols + j]!;
          if (Number.isNaN(value)) continue;
          sums[at + j]! += weight * value;
          weights[at + j]! += weight;
        }
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
