import { describe } from '../check.ts';
import { type CsrLike, CsrMatrix, isCsr } from '../csr.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import { noDirection, unitRows, writeDirection } from '../unitRows.ts';
import { asCost, asDistance } from './cost.ts';
import { layBlocks } from './lloyd/blocks.ts';
import { NearestCenter } from './nearest.ts';
import type { Metric, Missing } from './options.ts';

/** What every model with centers says of any rows. */
export abstract class CentersModel {
  /** nClusters × nFeatures, in the precision of the data. */
  readonly centers: Matrix;
  /** How distances are measured, as in the options. */
  readonly metric: Metric;
  /** How NaN is treated, as in the options. */
  readonly missing: Missing | undefined;
  readonly #name: string;
  #nearest: NearestCenter | undefined;

  /** @param name of the class, for errors */
  constructor(name: string, centers: Matrix, metric: Metric, missing: Missing | undefined) {
    this.#name = name;
    this.centers = centers;
    this.metric = metric;
    this.missing = missing;
  }

  /**
   * The nearest center of each row, the lowest index winning a tie.
   * @param X nSamples × nFeatures, dense or sparse; it is converted to the precision of the centers
   */
  predict(X: MatrixLike | CsrLike): Int32Array {
    const matrix = this.rowsOf(X, 'predict');
    const labels = new Int32Array(matrix.rows);
    layBlocks(this.centers, this.missing, matrix, ({ assigner, rows, from }) => {
      labels.set(assigner.assign(rows, assigner.range(0, rows.n), rows.n), from);
    });
    return labels;
  }

  /**
   * The same as `predict` for one row, without allocating anything: for a stream of single rows.
   * @param row nFeatures numbers
   */
  nearest(row: ArrayLike<number>): number {
    const d = this.centers.cols;
    if (row?.length !== d)
      throw new RangeError(
        `${this.#name}.nearest: row must have ${d} values, the features of this model; got ${describe(row)}`,
      );
    this.#nearest ??= new NearestCenter(this.centers);
    const { row: scratch } = this.#nearest;
    const { missing } = this;
    for (let j = 0; j < d; j++) {
      const value = row[j]!;
      if (!Number.isFinite(value) && !(missing && Number.isNaN(value)))
        throw new RangeError(
          `${this.#name}.nearest: row[${j}] is ${describe(value)}; expected finite values`,
        );
      scratch[j] = typeof missing === 'object' && Number.isNaN(value) ? 0 : value;
    }
    if (this.metric === 'cosine' && !writeDirection(row, 0, d, scratch, 0))
      throw noDirection(`${this.#name}.nearest: row`);
    return this.#nearest.find();
  }

  /**
   * The distance of each row to each center: nSamples × nClusters, float64; with the cosine metric 1 − cos. With a
   * prior, the root of the expected squared distance; with `missing: 'observed'`, the distance over the observed
   * coordinates.
   */
  transform(X: MatrixLike | CsrLike): Matrix {
    const k = this.centers.rows;
    const matrix = this.rowsOf(X, 'transform');
    const distances = new Float64Array(matrix.rows * k);
    layBlocks(this.centers, this.missing, matrix, ({ assigner, rows, from, expected }) => {
      assigner.distances(rows, 0, rows.n).forEach((squared, i) => {
        distances[from * k + i] = asDistance(
          squared + (expected ? expected[Math.floor(i / k)]! : 0),
          this.metric,
        );
      });
    });
    return new Matrix(distances, matrix.rows, k);
  }

  /** Minus the inertia of X at the fitted centers (larger is better, as in scikit-learn). */
  score(X: MatrixLike | CsrLike): number {
    let sum = 0;
    layBlocks(this.centers, this.missing, this.rowsOf(X, 'score'), ({ assigner, rows, expected }) => {
      const labels = assigner.assign(rows, assigner.range(0, rows.n), rows.n).slice();
      assigner.ownDistances(rows, 0, labels).forEach((squared, i) => {
        sum += squared + (expected ? expected[i]! : 0);
      });
    });
    return -asCost(sum, this.metric);
  }

  /** X as a method takes it: checked, and at length 1 for the cosine metric. */
  protected rowsOf(X: MatrixLike | CsrLike, method: string): Matrix | CsrMatrix {
    if (!isCsr(X)) return this.denseRows(X, method);
    const who = `${this.#name}.${method}`;
    const matrix = CsrMatrix.from(X, who);
    if (matrix.cols !== this.centers.cols)
      throw new RangeError(
        `${who}: X has ${matrix.cols} features; this model was fitted on ${this.centers.cols}`,
      );
    return this.metric === 'cosine' ? unitRows(matrix, `${who}: X`) : matrix;
  }

  /** The same where it must be dense. */
  protected denseRows(X: MatrixLike, method: string): Matrix {
    const who = `${this.#name}.${method}`;
    const matrix = Matrix.from(X, { who, allowNaN: this.missing !== undefined, cols: this.centers.cols });
    return this.metric === 'cosine' ? unitRows(matrix, `${who}: X`) : matrix;
  }
}
