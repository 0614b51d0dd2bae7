import { bytesOf, precisionOf, roundUp } from '../kernels/kernels.ts';
import { withKernels } from '../kernels/module.ts';
import { type FloatArray, like, Matrix, type MatrixLike } from '../matrix.ts';
import { type Session, withSession } from '../parallel/session.ts';
import { Random } from '../random.ts';
import { type Saved, SavedReader, saveMatrix } from '../serialize.ts';
import { localTrials, seed, weightedChoice } from './init.ts';
import {
  allocScratch,
  asPrecision,
  assignBlock,
  BLOCK,
  kernelCenters,
  type Layout,
  layoutOf,
  layRows,
  putCenters,
} from './layout.ts';
import { type LloydRun, lloyd } from './lloyd.ts';
import {
  type CheckedKMeansOptions,
  checkKMeansOptions,
  type KMeansOptions,
  type Missing,
} from './options.ts';
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
  const { matrix, missingCost } = fillMissing(given, checked);
  const layout = layoutOf(matrix, checked.missing === 'observed');
  const random = new Random(checked.seed);
  const { nClusters, init, nInit, workers, signal, sampleWeight } = checked;
  const trials = init === 'k-means++' ? localTrials(nClusters) : 0;

  return withSession(
    lloydProgram,
    matrix,
    { nClusters, trials, layout },
    { workers, signal, columns: sampleWeight ? { sampleWeight } : {} },
    async (session) => {
      const { origin, variance, norm } = await center(session, matrix, layout);
      const row = (index: number): Float64Array => {
        const laid = like(matrix.data, layout.stride);
        layRows(matrix.data, index, index + 1, layout, origin, laid);
        return Float64Array.from(laid);
      };
      const run: LloydRun = {
        ...checked,
        layout,
        tol: checked.tol * variance,
        row,
        weight: (index) => (sampleWeight ? sampleWeight[index]! : 1),
      };
      let best: Fit | undefined;
      for (let r = 0; r < nInit; r++) {
        const start = await startingCenters(session, matrix, origin, layout, checked, random.stream(r), row);
        const fit = await oneRun(session, start, run, origin, matrix, (iteration, score) =>
          checked.onProgress?.({
            task: 'kmeans',
            iteration,
            maxIterations: run.maxIter,
            run: r,
            runs: nInit,
            objective: norm + 2 * score + missingCost,
          }),
        );
        if (best && fit.inertia >= best.inertia) continue;
        best = { ...fit, labels: joined(await session.gather('labels', null), matrix.rows) };
      }
      return new KMeansModel({
        ...best!,
        inertia: best!.inertia + missingCost,
        origin,
        missing: checked.missing,
      });
    },
  );
}

interface Fit {
  readonly centers: Matrix;
  readonly inertia: number;
  readonly nIter: number;
  readonly converged: boolean;
  readonly labels: Int32Array;
}

/** From one start to the centers that are published, and the inertia and labels that belong to exactly those. */
async function oneRun(
  session: Session<LloydSteps>,
  start: Float64Array,
  run: LloydRun,
  origin: FloatArray,
  matrix: Matrix,
  report: (iteration: number, score: number) => void,
): Promise<Omit<Fit, 'labels'>> {
  let centers = start;
  let nIter = 0;
  let converged = false;
  for await (const snapshot of lloyd(session, start, run)) {
    ({ centers, nIter, converged } = snapshot);
    report(nIter, snapshot.score);
  }
  const published = like(matrix.data, centers.length);
  for (let i = 0; i < centers.length; i++) published[i] = centers[i]! + origin[i % matrix.cols]!;
  const model = new Matrix(published, run.nClusters, matrix.cols);
  // always a last assignment, to the centers as `predict` will see them: labels and predict agree
  const [inertia] = await session.sum('finish', kernelCenters(fromOrigin(model, origin), run.layout));
  return { centers: model, inertia: inertia!, nIter, converged };
}

/** With a prior, missing entries count as 0 (the derivation shows why), and their weight enters the cost. */
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
 * Moves the session's rows to their mean, rounded to the data's precision, and returns it with the mean variance of
 * the columns, which scales `tol`, and Σ w ‖x − origin‖².
 */
async function center(
  session: Session<LloydSteps>,
  matrix: Matrix,
  { d }: Layout,
): Promise<{ origin: FloatArray; variance: number; norm: number }> {
  const sums = await session.sum('columnSums', null);
  const origin = asPrecision(
    sums.subarray(0, d).map((sum, j) => (sums[d + j]! > 0 ? sum / sums[d + j]! : 0)),
    matrix.data,
  );
  const moments = await session.sum('center', origin);
  let variance = 0;
  for (let j = 0; j < d; j++) {
    const n = sums[d + j]!;
    if (n > 0) variance += moments[d + j]! / n - (moments[j]! / n) * (moments[j]! / n);
  }
  return { origin, variance: variance / d, norm: moments[2 * d]! };
}

/** The start of one run, K × d from the origin. A missing entry of a chosen row becomes its column's mean. */
async function startingCenters(
  session: Session<LloydSteps>,
  matrix: Matrix,
  origin: FloatArray,
  layout: Layout,
  { init, nClusters, sampleWeight }: CheckedKMeansOptions,
  random: Random,
  row: (index: number) => Float64Array,
): Promise<Float64Array> {
  if (init instanceof Matrix) return fromOrigin(init, origin);
  const place = (index: number): Float64Array => row(index).subarray(0, layout.d);
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

/** Rows measured from the origin, in the precision of the origin. */
function fromOrigin({ data, cols }: Matrix, origin: FloatArray): Float64Array {
  const moved = like(origin, data.length);
  for (let i = 0; i < data.length; i++) moved[i] = data[i]! - origin[i % cols]!;
  return Float64Array.from(moved);
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

const FORMAT = 'cauda.kmeans';
const VERSION = 1;

/** A fitted K-means: the centers and what they say of any rows. Frozen; made by `kmeans` or `KMeansModel.fromJSON`. */
export class KMeansModel {
  /** nClusters × nFeatures, in the precision of the data. */
  readonly centers: Matrix;
  /** The cluster of each row of X, always equal to `predict(X)`. */
  readonly labels: Int32Array;
  /** Σ w ‖x − c‖² over the rows of X; with `missing`, the cost that was asked for. */
  readonly inertia: number;
  /** Iterations of the best run. */
  readonly nIter: number;
  /** Whether the best run stopped before `maxIter`. */
  readonly converged: boolean;
  /** How NaN is treated, as in the options. */
  readonly missing: Missing | undefined;
  /** The point from which the kernels measure rows and centers: the mean of X. */
  readonly origin: FloatArray;

  /** Takes the parts as they are; for `kmeans` and `fromJSON`. */
  constructor(parts: {
    centers: Matrix;
    labels: Int32Array;
    inertia: number;
    nIter: number;
    converged: boolean;
    missing: Missing | undefined;
    origin: FloatArray;
  }) {
    this.centers = parts.centers;
    this.labels = parts.labels;
    this.inertia = parts.inertia;
    this.nIter = parts.nIter;
    this.converged = parts.converged;
    this.missing = parts.missing;
    this.origin = parts.origin;
    Object.freeze(this);
  }

  /** The nearest center of each row, the lowest index winning a tie. */
  predict(X: MatrixLike): Int32Array {
    const labels = new Int32Array(this.#rows(X, 'predict').rows);
    this.#eachBlock(X, 'predict', 'assign', (from, part) => labels.set(part.labels, from));
    return labels;
  }

  /** The distance of each row to each center: nSamples × nClusters, float64. */
  transform(X: MatrixLike): Matrix {
    const k = this.centers.rows;
    const { rows } = this.#rows(X, 'transform');
    const distances = new Float64Array(rows * k);
    this.#eachBlock(X, 'transform', 'distances', (from, part) => {
      part.distances.forEach((squared, i) => {
        distances[from * k + i] = Math.sqrt(squared + part.expected[Math.floor(i / k)]!);
      });
    });
    return new Matrix(distances, rows, k);
  }

  /** Minus the inertia of X at the fitted centers (larger is better, as in scikit-learn). */
  score(X: MatrixLike): number {
    let inertia = 0;
    this.#eachBlock(X, 'score', 'own', (_, part) => {
      for (let i = 0; i < part.distances.length; i++) inertia += part.distances[i]! + part.expected[i]!;
    });
    return -inertia;
  }

  /** The model as plain data. */
  toJSON(): Saved & Record<string, unknown> {
    return {
      format: FORMAT,
      version: VERSION,
      centers: saveMatrix(this.centers),
      labels: Array.from(this.labels),
      inertia: this.inertia,
      nIter: this.nIter,
      converged: this.converged,
      missing: this.missing ?? null,
      origin: Array.from(this.origin),
    };
  }

  /**
   * The model that `toJSON` saved, to the bit.
   * @throws TypeError or RangeError for anything else, naming the field
   */
  static fromJSON(value: unknown): KMeansModel {
    const saved = new SavedReader('KMeansModel.fromJSON', value, FORMAT, VERSION);
    const centers = saved.matrix('centers');
    const labels = saved.numbers('labels');
    if (!labels.every((label) => Number.isInteger(label) && label >= 0 && label < centers.rows))
      saved.fail('labels', `an array of integers in [0, ${centers.rows - 1}]`);
    const missing = saved.field('missing') as Missing | null;
    if (missing !== null && missing !== 'observed') {
      const { prior, variance } = (missing ?? {}) as { prior?: unknown; variance?: unknown };
      if (prior !== 'gaussian' || !(typeof variance === 'number' && variance >= 0 && variance < Infinity))
        saved.fail('missing', 'null, "observed" or { prior: "gaussian", variance ≥ 0 }');
    }
    return new KMeansModel({
      centers,
      labels: Int32Array.from(labels),
      inertia: saved.number('inertia', 0),
      nIter: saved.number('nIter', 1, Infinity, true),
      converged: saved.flag('converged'),
      missing: missing ?? undefined,
      origin: asPrecision(saved.numbers('origin', centers.cols), centers.data),
    });
  }

  #rows(X: MatrixLike, method: string): Matrix {
    const who = `KMeansModel.${method}`;
    return Matrix.from(X, { who, allowNaN: this.missing !== undefined, cols: this.centers.cols });
  }

  /** Labels, and squared distances as asked, of the rows of X, block by block. */
  #eachBlock(
    X: MatrixLike,
    method: string,
    what: 'assign' | 'distances' | 'own',
    visit: (from: number, part: Part) => void,
  ): void {
    const matrix = this.#rows(X, method);
    const { centers, origin, missing } = this;
    const masked = missing === 'observed';
    const variance = typeof missing === 'object' ? missing.variance : 0;
    const layout: Layout = { ...layoutOf(matrix, masked), precision: precisionOf(centers.data) };
    const { precision, stride, width, d } = layout;
    const k = centers.rows;
    withKernels((kernels) => {
      const scratch = allocScratch(kernels, k, k, layout);
      putCenters(kernels, scratch, layout, kernelCenters(fromOrigin(centers, origin), layout));
      const x = kernels.alloc(roundUp(BLOCK, 4) * stride * bytesOf(precision));
      for (let from = 0; from < matrix.rows; from += BLOCK) {
        const n = Math.min(BLOCK, matrix.rows - from);
        const block = kernels.floats(precision, x, BLOCK * stride).fill(0);
        const expected = new Float64Array(n);
        let { data } = matrix;
        if (typeof missing === 'object') {
          data = data.slice(from * d, (from + n) * d);
          for (let i = 0; i < data.length; i++) {
            if (!Number.isNaN(data[i])) continue;
            data[i] = 0;
            expected[Math.floor(i / d)]! += variance;
          }
          layRows(data, 0, n, layout, origin, block);
        } else layRows(data, from, from + n, layout, origin, block);
        if (what !== 'distances') assignBlock(kernels, scratch, layout, x, n);
        const { run } = kernels;
        if (what === 'distances') {
          const kernel = precision === 'F64' ? run.distancesF64 : run.distancesF32;
          kernel(x, n, stride, width, +masked, scratch.centers, k, scratch.distance);
        } else if (what === 'own') {
          const kernel = precision === 'F64' ? run.ownDistancesF64 : run.ownDistancesF32;
          kernel(x, n, stride, width, +masked, scratch.centers, scratch.label, scratch.distance);
        }
        visit(from, {
          labels: kernels.i32(scratch.label, n),
          distances: kernels.f64(scratch.distance, what === 'distances' ? n * k : n),
          expected,
        });
      }
    });
  }
}

/** What `#eachBlock` shows of a block; views that the next block overwrites. */
interface Part {
  readonly labels: Int32Array;
  readonly distances: Float64Array;
  /** With a prior, what the row's missing entries add to every squared distance. */
  readonly expected: Float64Array;
}
