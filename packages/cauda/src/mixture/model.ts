import { precisionOf } from '../kernels/kernels.ts';
import { resident } from '../kernels/resident.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import { type BatchControl, checkBatchControl } from '../parallel/batchControl.ts';
import { type Saved, type SavedArray, SavedReader, saveArray } from '../serialize.ts';
import { withoutMinusZero } from '../vectors.ts';
import { factoredBefore } from './covariance/collapse.ts';
import { type CovarianceType, covarianceShape, parameterCount } from './covariance/type.ts';
import { hasMissing } from './missing/patterns.ts';
import { CompleteRows } from './model/completeRows.ts';
import {
  checkColumns,
  conditionalParts,
  imputed,
  marginalParts,
  predictedMeans,
} from './model/conditional.ts';
import { aicOf, bicOf, counted, logLargest, type ScoreOptions } from './model/criteria.ts';
import { type Evaluation, evaluationOf } from './model/evaluation.ts';
import type { Evaluator } from './model/evaluator.ts';
import { IncompleteRows } from './model/incompleteRows.ts';
import { evaluateInThreads } from './model/inThreads.ts';
import { learned, type MixturePartialFitOptions } from './model/partialFit.ts';
import type { MixtureParts } from './model/parts.ts';
import { type SampleOptions, sampleFrom } from './model/sample.ts';
import { notPositiveDefinite, readMixture, type SavedMixture, saveMixture } from './model/saved.ts';
import type { MissingEntries } from './options.ts';

const VERSION = 2;

/** A `GaussianMixtureModel` as plain data. */
export interface SavedGaussianMixture extends Saved, SavedMixture {
  /** The class of each component, or null. */
  readonly classes: SavedArray | null;
  readonly missing: MissingEntries | null;
}

/**
 * A fitted mixture of Gaussians: its parameters and what they say of any rows. Frozen; made by `gaussianMixture` or
 * `GaussianMixtureModel.fromJSON`. Methods compute in the precision of the rows they are given.
 */
export class GaussianMixtureModel {
  /** The `format` of its saved form. */
  static readonly format: string = 'cauda.gaussianMixture';
  readonly nComponents: number;
  readonly covarianceType: CovarianceType;
  /** Mixing weights, length nComponents, sum 1. */
  readonly weights: Float64Array;
  /** nComponents × nFeatures, float64. */
  readonly means: Matrix;
  /** Row-major; shape [K, d, d] when full, [d, d] tied, [K, d] diag, [K] spherical. */
  readonly covariances: { readonly data: Float64Array; readonly shape: readonly number[] };
  /** Mean log-likelihood a row, in nats, at the last E-step: before the last update. −Infinity without iterations. */
  readonly lowerBound: number;
  /** The lower bound of each iteration of the best run. */
  readonly lowerBounds: Float64Array;
  /** Iterations of the best run. */
  readonly nIter: number;
  /** Whether the best run's lower bound changed by less than tol before `maxIter`. */
  readonly converged: boolean;
  /** The class of each component, if `classGaussianMixture` made the mixture. */
  readonly classes: Int32Array | undefined;
  /** How NaN is treated, as in the options. */
  readonly missing: MissingEntries | undefined;
  /** Free parameters: of weights, means and covariances. */
  readonly nParameters: number;
  readonly #evaluation: Evaluation;

  /**
   * Takes the parts as they are; for the functions that fit and `fromJSON`.
   * @param refuse makes the error for a component whose covariance is not positive definite
   */
  constructor(parts: MixtureParts, refuse: (component: number) => Error) {
    const { covarianceType, weights, covariances, logTerms } = parts;
    const { data, rows: k, cols: d } = parts.means;
    const means = withoutMinusZero(Float64Array.from(data));
    this.nComponents = k;
    this.covarianceType = covarianceType;
    this.weights = weights;
    this.means = new Matrix(means, k, d);
    this.covariances = Object.freeze({
      data: withoutMinusZero(covariances),
      shape: Object.freeze([...covarianceShape(covarianceType, k, d)]),
    });
    this.lowerBounds = parts.lowerBounds;
    this.lowerBound = parts.lowerBounds.at(-1) ?? -Infinity;
    this.nIter = parts.lowerBounds.length;
    this.converged = parts.converged;
    this.classes = parts.classes;
    this.missing = parts.missing;
    this.nParameters = parameterCount(covarianceType, k, d);
    const parameters = { weights, means, covariances: this.covariances.data };
    this.#evaluation = evaluationOf(covarianceType, parameters, logTerms, refuse);
    if (new.target === GaussianMixtureModel) Object.freeze(this); // a class that extends it has fields to add
  }

  /**
   * Log-density of each row under the mixture, in nats:
   *   log p(x) = logsumexp_k( log w_k + log N(x | μ_k, Σ_k) ).
   * Always finite: a row whose distance overflows has −1e300. If the mixture was fitted with `missing`, NaN may mark
   * missing entries: the density is then that of the observed ones, and 1 where there are none.
   * @param X rows to score (nSamples × nFeatures)
   * @returns length nSamples
   * @throws RangeError if X does not have the fitted number of features
   */
  scoreSamples(X: MatrixLike): Float64Array {
    const matrix = this.#rows(X, 'scoreSamples');
    return this.#evaluator(matrix).scores(matrix);
  }

  /** `scoreSamples` in worker threads, to the same bits. */
  async scoreSamplesAsync(X: MatrixLike, control: BatchControl = {}): Promise<Float64Array> {
    const matrix = this.#rows(X, 'scoreSamplesAsync');
    const scores = new Float64Array(matrix.rows);
    await this.#inThreads('scoreSamplesAsync', 'scores', matrix, control, scores);
    return scores;
  }

  /** `scoreSamples` and `predict` from one evaluation of rows without missing entries. */
  scoreAndPredict(X: MatrixLike): { logProb: Float64Array; labels: Int32Array } {
    const matrix = Matrix.from(X, { who: 'GaussianMixtureModel.scoreAndPredict', cols: this.means.cols });
    const { scores, labels } = this.#completeRows(matrix).scoresAndLabels(matrix);
    return { logProb: scores, labels };
  }

  /** The mean of `scoreSamples(X)`, weighted if there are weights. */
  score(X: MatrixLike, options: ScoreOptions = {}): number {
    const matrix = this.#rows(X, 'score');
    const { mean } = counted('GaussianMixtureModel.score', options, matrix.rows);
    return mean(this.#evaluator(matrix).scores(matrix));
  }

  /** The most probable component of each row, the lowest index winning a tie. */
  predict(X: MatrixLike): Int32Array {
    const matrix = this.#rows(X, 'predict');
    return this.#evaluator(matrix).labels(matrix);
  }

  /** `predict` in worker threads, to the same labels. */
  async predictAsync(X: MatrixLike, control: BatchControl = {}): Promise<Int32Array> {
    const matrix = this.#rows(X, 'predictAsync');
    const labels = new Int32Array(matrix.rows);
    await this.#inThreads('predictAsync', 'labels', matrix, control, labels);
    return labels;
  }

  /** The probability of each component given each row: nSamples × nComponents, float64; rows sum to 1. */
  predictProba(X: MatrixLike): Matrix {
    const matrix = this.#rows(X, 'predictProba');
    return new Matrix(this.#evaluator(matrix).probabilities(matrix), matrix.rows, this.nComponents);
  }

  /** `predictProba` in worker threads, to the same bits. */
  async predictProbaAsync(X: MatrixLike, control: BatchControl = {}): Promise<Matrix> {
    const matrix = this.#rows(X, 'predictProbaAsync');
    const probabilities = new Float64Array(matrix.rows * this.nComponents);
    await this.#inThreads('predictProbaAsync', 'probabilities', matrix, control, probabilities);
    return new Matrix(probabilities, matrix.rows, this.nComponents);
  }

  /**
   * Bayesian information criterion on X, −2 log L + nParameters log nSamples; lower is better (Schwarz, 1978). With
   * weights, log L and nSamples are those of as many copies.
   */
  bic(X: MatrixLike, options: ScoreOptions = {}): number {
    const matrix = this.#rows(X, 'bic');
    const { total, sum } = counted('GaussianMixtureModel.bic', options, matrix.rows);
    return bicOf(sum(this.#evaluator(matrix).scores(matrix)), this.nParameters, total);
  }

  /** Akaike's information criterion on X, −2 log L + 2 nParameters; lower is better (Akaike, 1974). */
  aic(X: MatrixLike, options: ScoreOptions = {}): number {
    const matrix = this.#rows(X, 'aic');
    const { sum } = counted('GaussianMixtureModel.aic', options, matrix.rows);
    return aicOf(sum(this.#evaluator(matrix).scores(matrix)), this.nParameters);
  }

  /**
   * The integrated completed likelihood on X, BIC − 2 Σ log r of each row's most probable component; lower is better. It
   * asks not only for density but for components that lie apart. Biernacki, Celeux and Govaert, *Assessing a mixture
   * model for clustering with the integrated completed likelihood*, IEEE PAMI 22 (2000).
   */
  icl(X: MatrixLike, options: ScoreOptions = {}): number {
    const matrix = this.#rows(X, 'icl');
    const { total, sum } = counted('GaussianMixtureModel.icl', options, matrix.rows);
    const evaluator = this.#evaluator(matrix);
    const bic = bicOf(sum(evaluator.scores(matrix)), this.nParameters, total);
    return bic - 2 * sum(logLargest(evaluator.probabilities(matrix), this.nComponents));
  }

  /**
   * The mixture of some of the features, in the order given: the same weights, and those parts of means and covariances.
   * @param dims different column indices
   * @throws RangeError for indices that are no columns, or no indices
   */
  marginal(dims: ArrayLike<number>): GaussianMixtureModel {
    const columns = checkColumns('GaussianMixtureModel.marginal', dims, this.means.cols);
    return this.#derived(marginalParts(this.#evaluation, columns));
  }

  /**
   * The mixture of the unknown features given the known ones. Each component is regressed on what is known and weighted
   * by its probability given that (Bishop, PRML, 2006, §2.3.1).
   * @param row nFeatures values, NaN where unknown
   * @returns a mixture of the unknown features, in their order
   * @throws RangeError if no feature is unknown
   */
  conditional(row: ArrayLike<number>): GaussianMixtureModel {
    return this.#derived(conditionalParts('GaussianMixtureModel.conditional', this.#evaluation, row));
  }

  /**
   * Regression with the mixture: the mean of the other features, in their order, given the values of some.
   * @param dims the columns that are known
   * @param values their values (nSamples × dims.length)
   * @returns nSamples × (nFeatures − dims.length), in the precision of the values
   */
  predictMean(dims: ArrayLike<number>, values: MatrixLike): Matrix {
    const who = 'GaussianMixtureModel.predictMean';
    return predictedMeans(who, this.#evaluation, checkColumns(who, dims, this.means.cols), values);
  }

  /**
   * X with each NaN replaced by its mean given the row's observed entries, E[x_m | x_o]. A row without any becomes the
   * mixture's mean.
   * @returns a new matrix, in the precision of X
   */
  impute(X: MatrixLike): Matrix {
    const who = 'GaussianMixtureModel.impute';
    return imputed(this.#evaluation, Matrix.from(X, { who, allowNaN: true, cols: this.means.cols }));
  }

  /**
   * n independent rows drawn from the mixture, and the component each came from.
   * @param n an integer ≥ 1
   * @returns X (n × nFeatures, float64) and labels (n)
   */
  sample(n: number, options: SampleOptions = {}): { X: Matrix; labels: Int32Array } {
    return sampleFrom('GaussianMixtureModel.sample', this.#evaluation, n, options);
  }

  /**
   * A mixture that has learned from more rows, for data that come in batches: one step of stepwise EM (Cappé and Moulines,
   * JRSS B 71, 2009). Its weights, means and covariances are those of the statistics (1 − stepSize) × this mixture's +
   * stepSize × the batch's. After n rows, a batch of b is a fair share with stepSize = b / (n + b); (t + 2)^−0.6 for batch t
   * forgets what was learned early, under a mixture that was worse.
   * @param X a batch of rows (nSamples × nFeatures), without missing entries
   * @returns a new model, whose lower bound is the mean log-density of the batch under this one
   */
  async partialFit(X: MatrixLike, options: MixturePartialFitOptions): Promise<GaussianMixtureModel> {
    const who = 'GaussianMixtureModel.partialFit';
    const batch = Matrix.from(X, { who, cols: this.means.cols });
    const { parts, refuse } = learned(who, this.#evaluation, batch, options);
    return new GaussianMixtureModel({ ...this.#parts(), ...parts }, refuse);
  }

  /**
   * The mixture with means and covariances that float32 holds, half as long in a file; itself where that is too coarse.
   * For what fits a mixture and saves it.
   */
  rounded(): GaussianMixtureModel {
    const parts = this.#parts();
    const { rows, cols, data } = this.means;
    const means = data.map(Math.fround);
    const covariances = parts.covariances.map(Math.fround);
    if (!(means.every(Number.isFinite) && covariances.every(Number.isFinite))) return this;
    try {
      return new GaussianMixtureModel(
        { ...parts, means: new Matrix(means, rows, cols), covariances },
        () => new RangeError('no longer positive definite'),
      );
    } catch (error) {
      if (error instanceof RangeError) return this;
      throw error;
    }
  }

  /** The same mixture, whose components belong to these classes. For `classGaussianMixture`. */
  withClasses(classes: Int32Array): GaussianMixtureModel {
    return new GaussianMixtureModel({ ...this.#parts(), classes }, factoredBefore('GaussianMixtureModel'));
  }

  /** The model as plain data. */
  toJSON(): SavedGaussianMixture {
    return {
      format: GaussianMixtureModel.format,
      version: VERSION,
      ...saveMixture(this.#parts()),
      classes: this.classes ? saveArray(this.classes) : null,
      missing: this.missing ?? null,
    };
  }

  /**
   * The model that `toJSON` saved, to the bit.
   * @throws TypeError or RangeError for anything else, naming the field
   */
  static fromJSON(value: unknown): GaussianMixtureModel {
    const who = 'GaussianMixtureModel.fromJSON';
    const saved = new SavedReader(who, value, GaussianMixtureModel.format, VERSION);
    const parts = readMixture(who, saved);
    const missing = saved.field('missing') ?? undefined;
    if (missing !== undefined && missing !== 'observed') saved.fail('missing', 'null or "observed"');
    const classes =
      (saved.field('classes') ?? null) === null ? undefined : saved.integers('classes', parts.means.rows);
    return new GaussianMixtureModel(
      { ...parts, classes, missing: missing as MissingEntries | undefined },
      notPositiveDefinite(who, parts.covarianceType),
    );
  }

  #rows(X: MatrixLike, method: string): Matrix {
    return Matrix.from(X, {
      who: `GaussianMixtureModel.${method}`,
      allowNaN: this.missing !== undefined,
      cols: this.means.cols,
    });
  }

  /** Whether some of the rows' entries are missing; without `missing`, `#rows` has refused them. */
  #incomplete(matrix: Matrix): boolean {
    return this.missing !== undefined && hasMissing(matrix);
  }

  #evaluator(matrix: Matrix): Evaluator {
    return this.#incomplete(matrix) ? new IncompleteRows(this.#evaluation) : this.#completeRows(matrix);
  }

  /** The calling thread's evaluator for rows in this precision, which lasts from call to call. */
  #completeRows({ data }: Matrix): CompleteRows {
    const precision = precisionOf(data);
    return resident(this, precision, (kernels) => new CompleteRows(kernels, precision, this.#evaluation));
  }

  async #inThreads<Out extends Float64Array | Int32Array>(
    method: string,
    name: Out extends Int32Array ? 'labels' : 'scores' | 'probabilities',
    matrix: Matrix,
    control: BatchControl,
    out: Out,
  ): Promise<void> {
    const task = `GaussianMixtureModel.${method}`;
    const checked = checkBatchControl(task, control);
    const incomplete = this.#incomplete(matrix);
    const local = (): Evaluator => this.#evaluator(matrix);
    await evaluateInThreads(task, name, this.#evaluation, matrix, incomplete, local, checked, out);
  }

  #parts(): MixtureParts {
    const { covarianceType, weights, means, covariances, lowerBounds, converged, classes, missing } = this;
    return {
      covarianceType,
      weights,
      means,
      covariances: covariances.data,
      lowerBounds,
      converged,
      classes,
      missing,
    };
  }

  /** A mixture of other columns that was made from this one. */
  #derived(parts: Pick<MixtureParts, 'weights' | 'means' | 'covariances'>): GaussianMixtureModel {
    return new GaussianMixtureModel(
      { ...this.#parts(), lowerBounds: new Float64Array(), ...parts },
      factoredBefore('GaussianMixtureModel'),
    );
  }
}
