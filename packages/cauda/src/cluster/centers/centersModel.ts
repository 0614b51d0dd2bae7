import { describe } from '../../check.ts';
import { type CsrLike, CsrMatrix, isCsr } from '../../csr.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { withKernels } from '../../kernels/module.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import { type BatchControl, checkBatchControl } from '../../parallel/batchControl.ts';
import { noDirection, unitRows, writeDirection } from '../../unitRows.ts';
import type { Metric, Missing } from '../options.ts';
import { distancesAt, labelsAt, squaresAt } from './answers.ts';
import { CenterBlocks } from './blocks.ts';
import { asCost } from './cost.ts';
import { answerInThreads } from './inThreads.ts';
import { NearestCenter } from './nearest.ts';
import type { CentersConfig } from './program.ts';

/** What every model with centers tells of any rows. */
export abstract class CentersModel {
  /** nClusters × nFeatures, in the precision of the data. */
  readonly centers: Matrix;
  /** How distances are measured, as in the options. */
  readonly metric: Metric;
  /** How NaN is treated, as in the options. */
  readonly missing: Missing | undefined;
  readonly #name: string;
  #nearest: NearestCenter | undefined;

  /** @param name the name of the class, for errors */
  constructor(name: string, centers: Matrix, metric: Metric, missing: Missing | undefined) {
    this.#name = name;
    this.centers = centers;
    this.metric = metric;
    this.missing = missing;
  }

  /**
   * The nearest center of each row, the lowest index winning a tie.
   * @param X nSamples × nFeatures, dense or sparse; it is converted to the precision of the centers
   * @returns length nSamples
   * @throws TypeError or RangeError for rows that make no sense
   */
  predict(X: MatrixLike | CsrLike): Int32Array {
    const matrix = this.rowsOf(X, 'predict');
    return withKernels((kernels) => labelsAt(this.#blocks(kernels), matrix));
  }

  /**
   * `predict` for many rows, with the same labels: in worker threads, while timers are served and `signal` is heeded.
   * @returns length nSamples
   * @throws TypeError or RangeError as `predict`; the signal's reason when aborted
   */
  async predictAsync(X: MatrixLike | CsrLike, control: BatchControl = {}): Promise<Int32Array> {
    const who = `${this.#name}.predictAsync`;
    const checked = checkBatchControl(who, control);
    const matrix = this.rowsOf(X, 'predictAsync');
    const labels = new Int32Array(matrix.rows);
    await answerInThreads(who, 'labels', this.threadConfig(), matrix, checked, labels);
    return labels;
  }

  /**
   * The same as `predict` for one row, without allocating anything: for a stream of single rows.
   * @param row nFeatures numbers
   * @returns the index of the nearest center
   * @throws RangeError for another number of values, or for values that are not finite
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
   * The distance of each row to each center; with the cosine metric 1 − cos. With a prior it is the root of the expected
   * squared distance, with `missing: 'observed'` the distance over the observed coordinates.
   * @returns nSamples × nClusters, float64
   * @throws TypeError or RangeError for rows that make no sense
   */
  transform(X: MatrixLike | CsrLike): Matrix {
    const matrix = this.rowsOf(X, 'transform');
    const distances = withKernels((kernels) => distancesAt(this.#blocks(kernels), matrix, this.metric));
    return new Matrix(distances, matrix.rows, this.centers.rows);
  }

  /**
   * `transform` for many rows, with the same bits: in worker threads, while timers are served and `signal` is heeded.
   * @returns nSamples × nClusters
   * @throws TypeError or RangeError as `transform`; the signal's reason when aborted
   */
  async transformAsync(X: MatrixLike | CsrLike, control: BatchControl = {}): Promise<Matrix> {
    const who = `${this.#name}.transformAsync`;
    const checked = checkBatchControl(who, control);
    const matrix = this.rowsOf(X, 'transformAsync');
    const k = this.centers.rows;
    const distances = new Float64Array(matrix.rows * k);
    await answerInThreads(who, 'distances', this.threadConfig(), matrix, checked, distances);
    return new Matrix(distances, matrix.rows, k);
  }

  /**
   * Minus the inertia of X at the fitted centers: larger is better, as in scikit-learn.
   * @throws TypeError or RangeError for rows that make no sense
   */
  score(X: MatrixLike | CsrLike): number {
    const matrix = this.rowsOf(X, 'score');
    return this.#scoreOf(withKernels((kernels) => squaresAt(this.#blocks(kernels), matrix)));
  }

  /**
   * `score` for many rows, with the same bits: in worker threads, while timers are served and `signal` is heeded.
   * @throws TypeError or RangeError as `score`; the signal's reason when aborted
   */
  async scoreAsync(X: MatrixLike | CsrLike, control: BatchControl = {}): Promise<number> {
    const who = `${this.#name}.scoreAsync`;
    const checked = checkBatchControl(who, control);
    const matrix = this.rowsOf(X, 'scoreAsync');
    const squares = new Float64Array(matrix.rows);
    await answerInThreads(who, 'squares', this.threadConfig(), matrix, checked, squares);
    return this.#scoreOf(squares);
  }

  /** The model as worker threads know it. */
  protected threadConfig(): CentersConfig {
    const { centers, metric, missing } = this;
    return { centers: centers.data, cols: centers.cols, metric, missing };
  }

  #blocks(kernels: Kernels): CenterBlocks {
    return new CenterBlocks(kernels, this.centers, this.missing);
  }

  #scoreOf(squares: Float64Array): number {
    return -asCost(
      squares.reduce((sum, squared) => sum + squared, 0),
      this.metric,
    );
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
