import { precisionOf } from '../kernels/kernels.ts';
import { withKernels } from '../kernels/module.ts';
import { type FloatArray, Matrix, type MatrixLike } from '../matrix.ts';
import { type Saved, SavedReader, saveMatrix } from '../serialize.ts';
import { Assigner } from './assigner.ts';
import { kernelCenters, type Layout, layoutOf } from './layout.ts';
import type { Missing } from './options.ts';
import { BLOCK, DenseForm, type Rows } from './rows.ts';

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

  /** Takes the parts as they are; for `kmeans` and `fromJSON`. */
  constructor(parts: {
    centers: Matrix;
    labels: Int32Array;
    inertia: number;
    nIter: number;
    converged: boolean;
    missing: Missing | undefined;
  }) {
    this.centers = parts.centers;
    this.labels = parts.labels;
    this.inertia = parts.inertia;
    this.nIter = parts.nIter;
    this.converged = parts.converged;
    this.missing = parts.missing;
    Object.freeze(this);
  }

  /**
   * The nearest center of each row, the lowest index winning a tie.
   * @param X nSamples × nFeatures; it is converted to the precision of the centers
   */
  predict(X: MatrixLike): Int32Array {
    const matrix = this.#matrix(X, 'predict');
    const labels = new Int32Array(matrix.rows);
    this.#eachBlock(matrix, ({ assigner, rows, from }) => {
      labels.set(assigner.assign(rows, assigner.range(0, rows.n), rows.n), from);
    });
    return labels;
  }

  /**
   * The distance of each row to each center: nSamples × nClusters, float64. With a prior, the root of the expected
   * squared distance; with `missing: 'observed'`, the distance over the observed coordinates.
   */
  transform(X: MatrixLike): Matrix {
    const k = this.centers.rows;
    const matrix = this.#matrix(X, 'transform');
    const distances = new Float64Array(matrix.rows * k);
    this.#eachBlock(matrix, ({ assigner, rows, from, expected }) => {
      assigner.distances(rows, 0, rows.n).forEach((squared, i) => {
        distances[from * k + i] = Math.sqrt(squared + (expected ? expected[Math.floor(i / k)]! : 0));
      });
    });
    return new Matrix(distances, matrix.rows, k);
  }

  /** Minus the inertia of X at the fitted centers (larger is better, as in scikit-learn). */
  score(X: MatrixLike): number {
    let inertia = 0;
    this.#eachBlock(this.#matrix(X, 'score'), ({ assigner, rows, expected }) => {
      const labels = assigner.assign(rows, assigner.range(0, rows.n), rows.n).slice();
      assigner.ownDistances(rows, 0, labels).forEach((squared, i) => {
        inertia += squared + (expected ? expected[i]! : 0);
      });
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
    });
  }

  #matrix(X: MatrixLike, method: string): Matrix {
    const who = `KMeansModel.${method}`;
    return Matrix.from(X, { who, allowNaN: this.missing !== undefined, cols: this.centers.cols });
  }

  /** Lays block after block of X into the kernels' memory, in the precision of the centers. */
  #eachBlock(matrix: Matrix, visit: (block: Block) => void): void {
    const { centers, missing } = this;
    const layout: Layout = {
      ...layoutOf(matrix, missing === 'observed'),
      precision: precisionOf(centers.data),
    };
    const { d } = layout;
    const k = centers.rows;
    withKernels((kernels) => {
      const form = new DenseForm(kernels, layout, k, new Float64Array(d));
      const assigner = new Assigner(kernels, layout, form, k);
      assigner.put(kernelCenters(centers.data, layout));
      for (let from = 0; from < matrix.rows; from += BLOCK) {
        const n = Math.min(BLOCK, matrix.rows - from);
        let data = matrix.data.subarray(from * d, (from + n) * d);
        let expected: Float64Array | undefined;
        if (typeof missing === 'object') ({ data, expected } = zeroFilled(data, d, missing.variance));
        const mark = kernels.mark();
        visit({ assigner, rows: form.load(data, n), from, expected });
        kernels.release(mark);
      }
    });
  }
}

/** A block of rows as the methods see it. */
interface Block {
  readonly assigner: Assigner;
  readonly rows: Rows;
  /** Index of the first row. */
  readonly from: number;
  /** With a prior, what each row's missing entries add to its squared distances. */
  readonly expected: Float64Array | undefined;
}

function zeroFilled(
  rows: FloatArray,
  d: number,
  variance: number,
): { data: FloatArray; expected: Float64Array } {
  const expected = new Float64Array(rows.length / d);
  const data = rows.map((value, i) => {
    if (!Number.isNaN(value)) return value;
    expected[Math.floor(i / d)]! += variance;
    return 0;
  });
  return { data, expected };
}
