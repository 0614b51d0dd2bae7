import { checkOptions, describe, integerIn, numberIn, required, seedRule } from '../check.ts';
import { log } from '../kernels/elementary.ts';
import { bytesOf, precisionOf } from '../kernels/kernels.ts';
import { resident } from '../kernels/resident.ts';
import { like, Matrix, type MatrixLike } from '../matrix.ts';
import { Random } from '../random.ts';
import { type Saved, SavedReader, saveMatrix } from '../serialize.ts';
import { collapsed, factoredBefore } from './covariance/collapse.ts';
import {
  choleskyFactorsOf,
  type DensityParameters,
  densityParameters,
  type MixtureParameters,
} from './covariance/parameters.ts';
import {
  type CovarianceType,
  covarianceCount,
  covarianceOf,
  covarianceShape,
  covarianceTypes,
  isDense,
  ofComponent,
  parameterCount,
  varianceAt,
} from './covariance/type.ts';
import { stepwise } from './em/stepwise.ts';
import { hasMissing, IncompleteDensity, marginalOf, patternsOf } from './missing/density.ts';
import { checkCovarianceArray, checkMixtureWeights, type MissingEntries } from './options.ts';
import {
  BLOCK,
  DENSITY_CUTOFF,
  Density,
  EXACT_CUTOFF,
  RESPONSIBILITY_PITCH,
  shiftRows,
} from './rows/density.ts';

const FORMAT = 'cauda.gaussianMixture';
const VERSION = 1;

export interface SampleOptions {
  /** Seed of the draws; the same seed gives the same rows. Defaults to 0. */
  seed?: number;
}

export interface MixturePartialFitOptions {
  /** The share of the batch in the new statistics, in (0, 1]; 1 is an iteration of EM on the batch alone. */
  stepSize: number;
  /** Added to the diagonal of every covariance; as in the fit. Defaults to 1e-6. */
  regCovar?: number;
}

/** What a mixture model is made of. */
export interface MixtureParts {
  readonly covarianceType: CovarianceType;
  readonly weights: Float64Array;
  /** nComponents × nFeatures. */
  readonly means: Matrix;
  /** In the shape of the covariance type. */
  readonly covariances: Float64Array;
  readonly lowerBounds: Float64Array;
  readonly converged: boolean;
  /** Added to each component's log-density in place of log w_k. */
  readonly logTerms?: Float64Array;
  readonly classes?: Int32Array | undefined;
  readonly missing?: MissingEntries | undefined;
}

/**
 * A fitted mixture of Gaussians: its parameters and what they say of any rows. Frozen; made by `gaussianMixture` or
 * `GaussianMixtureModel.fromJSON`. Methods compute in the precision of the rows they are given.
 */
export class GaussianMixtureModel {
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
  /** Where means and rows are measured from: the mixture's mean, which keeps float32's digits far from 0. */
  readonly #origin: Float64Array;
  readonly #density: DensityParameters;

  /**
   * Takes the parts as they are; for the functions that fit and `fromJSON`.
   * @param refuse makes the error for a component whose covariance is not positive definite
   */
  constructor(parts: MixtureParts, refuse: (component: number) => Error) {
    const { covarianceType, weights, covariances, logTerms } = parts;
    const { data, rows: k, cols: d } = parts.means;
    const means = Float64Array.from(data, (value) => value + 0); // −0 becomes 0, as JSON would have it
    this.nComponents = k;
    this.covarianceType = covarianceType;
    this.weights = weights;
    this.means = new Matrix(means, k, d);
    this.covariances = Object.freeze({
      data: covariances.map((value) => value + 0),
      shape: Object.freeze([...covarianceShape(covarianceType, k, d)]),
    });
    this.lowerBounds = parts.lowerBounds;
    this.lowerBound = parts.lowerBounds.at(-1) ?? -Infinity;
    this.nIter = parts.lowerBounds.length;
    this.converged = parts.converged;
    this.classes = parts.classes;
    this.missing = parts.missing;
    this.nParameters = parameterCount(covarianceType, k, d);
    this.#origin = new Float64Array(d);
    for (let i = 0; i < means.length; i++) this.#origin[i % d]! += weights[Math.floor(i / d)]! * means[i]!;
    const centered = means.map((value, i) => value - this.#origin[i % d]!);
    const density = densityParameters(
      covarianceType,
      { weights: logTerms ? weights.map(() => 1) : weights, means: centered, covariances },
      refuse,
    );
    this.#density = logTerms
      ? { ...density, constants: density.constants.map((constant, c) => constant + logTerms[c]!) }
      : density;
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
    const scores = new Float64Array(matrix.rows);
    if (this.#incomplete(matrix))
      this.#eachIncomplete(matrix, (row, logProb) => {
        scores[row] = logProb;
      });
    else this.#eachBlock(matrix, DENSITY_CUTOFF, (from, logProb) => scores.set(logProb, from));
    return scores;
  }

  /** `scoreSamples` and `predict` from one evaluation of rows without missing entries. */
  scoreAndPredict(X: MatrixLike): { logProb: Float64Array; labels: Int32Array } {
    const matrix = Matrix.from(X, { who: 'GaussianMixtureModel.scoreAndPredict', cols: this.means.cols });
    const scores = new Float64Array(matrix.rows);
    const labels = new Int32Array(matrix.rows);
    this.#eachBlock(matrix, DENSITY_CUTOFF, (from, logProb, probabilities) => {
      scores.set(logProb, from);
      for (let i = 0; i < logProb.length; i++)
        labels[from + i] = mostProbable(probabilities, i, this.nComponents);
    });
    return { logProb: scores, labels };
  }

  /** The mean of `scoreSamples(X)`. */
  score(X: MatrixLike): number {
    return meanOf(this.scoreSamples(this.#rows(X, 'score')));
  }

  /** The most probable component of each row, the lowest index winning a tie. */
  predict(X: MatrixLike): Int32Array {
    const matrix = this.#rows(X, 'predict');
    if (this.#incomplete(matrix)) return largestOfEach(this.#probabilities(matrix, true));
    return this.scoreAndPredict(matrix).labels;
  }

  /** The probability of each component given each row: nSamples × nComponents, float64; rows sum to 1. */
  predictProba(X: MatrixLike): Matrix {
    const matrix = this.#rows(X, 'predictProba');
    return this.#probabilities(matrix, this.#incomplete(matrix));
  }

  /** `predictProba` of rows that were checked, some of whose entries may be missing. */
  #probabilities(matrix: Matrix, incomplete: boolean): Matrix {
    const k = this.nComponents;
    const result = new Float64Array(matrix.rows * k);
    if (incomplete)
      this.#eachIncomplete(matrix, (row, _, { probabilities }) => result.set(probabilities, row * k));
    else
      this.#eachBlock(matrix, EXACT_CUTOFF, (from, logProb, probabilities) => {
        for (let i = 0; i < logProb.length; i++)
          for (let c = 0; c < k; c++)
            result[(from + i) * k + c] = probabilities[c * RESPONSIBILITY_PITCH + i]!;
      });
    return new Matrix(result, matrix.rows, k);
  }

  /** Bayesian information criterion on X, −2 log L + nParameters log nSamples; lower is better (Schwarz, 1978). */
  bic(X: MatrixLike): number {
    const matrix = this.#rows(X, 'bic');
    return -2 * this.score(matrix) * matrix.rows + this.nParameters * log(matrix.rows);
  }

  /** Akaike's information criterion on X, −2 log L + 2 nParameters; lower is better (Akaike, 1974). */
  aic(X: MatrixLike): number {
    const matrix = this.#rows(X, 'aic');
    return -2 * this.score(matrix) * matrix.rows + 2 * this.nParameters;
  }

  /**
   * The integrated completed likelihood on X, BIC − 2 Σ log r of each row's most probable component; lower is better. It
   * asks not only for density but for components that lie apart. Biernacki, Celeux and Govaert, *Assessing a mixture
   * model for clustering with the integrated completed likelihood*, IEEE PAMI 22 (2000).
   */
  icl(X: MatrixLike): number {
    const matrix = this.#rows(X, 'icl');
    const k = this.nComponents;
    const { data } = this.#probabilities(matrix, this.#incomplete(matrix));
    let certainty = 0;
    for (let i = 0; i < matrix.rows; i++) {
      let most = 0;
      for (let c = 0; c < k; c++) most = Math.max(most, data[i * k + c]!);
      certainty += log(most);
    }
    return this.bic(matrix) - 2 * certainty;
  }

  /**
   * The mixture of some of the features, in the order given: the same weights, and those parts of means and covariances.
   * @param dims different column indices
   * @throws RangeError for indices that are no columns, or no indices
   */
  marginal(dims: ArrayLike<number>): GaussianMixtureModel {
    return this.#derived(this.#columns('marginal', dims), this.weights);
  }

  /**
   * The mixture of the unknown features given the known ones. Each component is regressed on what is known and weighted
   * by its probability given that (Bishop, PRML, 2006, §2.3.1).
   * @param row nFeatures values, NaN where unknown
   * @returns a mixture of the unknown features, in their order
   * @throws RangeError if no feature is unknown
   */
  conditional(row: ArrayLike<number>): GaussianMixtureModel {
    const who = 'GaussianMixtureModel.conditional';
    const matrix = Matrix.from([Float64Array.from(row)], { who, allowNaN: true, cols: this.means.cols });
    const k = this.nComponents;
    const missing = Int32Array.from({ length: matrix.cols }, (_, j) => j).filter((j) =>
      Number.isNaN(matrix.data[j]!),
    );
    const m = missing.length;
    if (m === 0) throw new RangeError(`${who}: every feature is known; mark those to be inferred with NaN`);
    if (m === matrix.cols) return this.#derived(missing, this.weights);
    const { means, covariances } = marginalOf(this.covarianceType, this.#parameters(), missing);
    const weights = new Float64Array(k);
    this.#eachIncomplete(matrix, (_, __, density) => {
      weights.set(density.probabilities);
      for (let i = 0; i < k * m; i++)
        means[i]! += density.deviations[Math.floor(i / m) * matrix.cols + missing[i % m]!]!;
      if (isDense(this.covarianceType))
        for (let s = 0; s < covarianceCount(this.covarianceType, k); s++)
          covariances.set(density.covarianceOf(s), s * m * m);
    });
    return new GaussianMixtureModel(
      { ...this.#parts(), weights, means: new Matrix(means, k, m), covariances },
      unreachable,
    );
  }

  /**
   * Regression with the mixture: the mean of the other features, in their order, given the values of some.
   * @param dims the columns that are known
   * @param values their values (nSamples × dims.length)
   * @returns nSamples × (nFeatures − dims.length), in the precision of the values
   */
  predictMean(dims: ArrayLike<number>, values: MatrixLike): Matrix {
    const who = 'GaussianMixtureModel.predictMean';
    const known = this.#columns('predictMean', dims);
    const given = Matrix.from(values, { who });
    const d = this.means.cols;
    if (given.cols !== known.length)
      throw new RangeError(
        `${who}: values must have a column for each of the ${known.length} dims; got ${given.cols}`,
      );
    const rest = Int32Array.from({ length: d }, (_, j) => j).filter((j) => !known.includes(j));
    if (rest.length === 0)
      throw new RangeError(`${who}: dims has every feature; leave out those to be predicted`);
    const whole = like(given.data, given.rows * d).fill(NaN);
    for (let i = 0; i < given.rows; i++)
      known.forEach((j, at) => {
        whole[i * d + j] = given.data[i * known.length + at]!;
      });
    const { data } = this.impute(new Matrix(whole, given.rows, d));
    const means = like(given.data, given.rows * rest.length);
    for (let i = 0; i < means.length; i++)
      means[i] = data[Math.floor(i / rest.length) * d + rest[i % rest.length]!]!;
    return new Matrix(means, given.rows, rest.length);
  }

  /**
   * X with each NaN replaced by its mean given the row's observed entries, E[x_m | x_o]. A row without any becomes the
   * mixture's mean.
   * @returns a new matrix, in the precision of X
   */
  impute(X: MatrixLike): Matrix {
    const who = 'GaussianMixtureModel.impute';
    const matrix = Matrix.from(X, { who, allowNaN: true, cols: this.means.cols });
    const k = this.nComponents;
    const d = matrix.cols;
    const filled = matrix.data.slice();
    const means = this.means.data;
    if (hasMissing(matrix))
      this.#eachIncomplete(matrix, (row, _, { deviations, probabilities }) => {
        for (let j = 0; j < d; j++) {
          if (!Number.isNaN(filled[row * d + j]!)) continue;
          let mean = 0;
          for (let c = 0; c < k; c++)
            mean += probabilities[c]! * (means[c * d + j]! + deviations[c * d + j]!);
          filled[row * d + j] = mean;
        }
      });
    return new Matrix(filled, matrix.rows, matrix.cols);
  }

  /**
   * n independent rows drawn from the mixture, and the component each came from.
   * @param n an integer ≥ 1
   * @returns X (n × nFeatures, float64) and labels (n)
   */
  sample(n: number, options: SampleOptions = {}): { X: Matrix; labels: Int32Array } {
    const who = 'GaussianMixtureModel.sample';
    checkOptions(who, { n }, { n: required(integerIn(1, Infinity)) }, {});
    const random = new Random(checkOptions(who, options, { seed: seedRule }, { seed: 0 }).seed);
    const d = this.means.cols;
    const type = this.covarianceType;
    const factors = choleskyFactorsOf(type, this.covariances.data, d, unreachable);
    const X = new Matrix(new Float64Array(n * d), n, d);
    const labels = new Int32Array(n);
    const z = new Float64Array(d);
    for (let i = 0; i < n; i++) {
      const c = (labels[i] = pick(this.weights, random.uniform()));
      for (let j = 0; j < d; j++) z[j] = random.normal();
      for (let j = 0; j < d; j++) {
        let value = this.means.data[c * d + j]!;
        if (isDense(type)) {
          const row = (covarianceOf(type, c) * d + j) * d;
          for (let m = 0; m <= j; m++) value += factors[row + m]! * z[m]!;
        } else value += factors[varianceAt(type, c, j, d)]! * z[j]!;
        X.data[i * d + j] = value;
      }
    }
    return { X, labels };
  }

  /**
   * A mixture that has learned from more rows, for data that come in batches: one step of stepwise EM (Cappé and Moulines,
   * JRSS B 71, 2009). Its weights, means and covariances are those of the statistics (1 − stepSize) × this mixture's +
   * stepSize × the batch's. After n rows, a batch of b is a fair share with stepSize = b / (n + b); (t + 2)^−0.6 for batch t
   * forgets what was learned early, under a mixture that was worse.
   * @param X a batch of rows (nSamples × nFeatures), without missing entries
   * @returns a new model, whose lower bound is the mean log-density of the batch under this one
   */
  partialFit(X: MatrixLike, options: MixturePartialFitOptions): GaussianMixtureModel {
    const who = 'GaussianMixtureModel.partialFit';
    const matrix = Matrix.from(X, { who, cols: this.means.cols });
    const rules = {
      stepSize: required(numberIn(0, 1, { openLow: true })),
      regCovar: numberIn(0, Infinity),
    };
    const { stepSize, regCovar } = checkOptions(who, options, rules, { regCovar: 1e-6 });
    const refuse = (component: number) =>
      collapsed(
        who,
        this.covarianceType,
        component,
        'a smaller stepSize, a larger regCovar',
        this.weights[component]!,
      );
    const { parameters, lowerBound } = stepwise(
      this.covarianceType,
      this.#parameters(),
      matrix,
      this.#origin,
      stepSize,
      regCovar,
      refuse,
    );
    return new GaussianMixtureModel(
      {
        ...this.#parts(),
        ...parameters,
        means: new Matrix(parameters.means, this.nComponents, matrix.cols),
        lowerBounds: Float64Array.of(lowerBound),
        converged: false,
      },
      refuse,
    );
  }

  /** The model as plain data. */
  toJSON(): Saved & Record<string, unknown> {
    return {
      format: FORMAT,
      version: VERSION,
      covarianceType: this.covarianceType,
      weights: Array.from(this.weights),
      means: saveMatrix(this.means),
      covariances: { shape: this.covariances.shape, data: Array.from(this.covariances.data) },
      lowerBounds: Array.from(this.lowerBounds),
      converged: this.converged,
      classes: this.classes ? Array.from(this.classes) : null,
      missing: this.missing ?? null,
    };
  }

  /**
   * The model that `toJSON` saved, to the bit.
   * @throws TypeError or RangeError for anything else, naming the field
   */
  static fromJSON(value: unknown): GaussianMixtureModel {
    const who = 'GaussianMixtureModel.fromJSON';
    const saved = new SavedReader(who, value, FORMAT, VERSION);
    const covarianceType = saved.choice('covarianceType', covarianceTypes);
    const means = saved.matrix('means');
    const { rows: k, cols: d } = means;
    const weights = checkMixtureWeights(`${who}: weights`, saved.numbers('weights', k), k);
    const given = saved.field('covariances') as { data: ArrayLike<number>; shape: readonly number[] };
    const covariances = checkCovarianceArray(`${who}: covariances`, given, covarianceType, k, d);
    const lowerBounds = saved.numbers('lowerBounds');
    const converged = saved.flag('converged');
    const missing = saved.field('missing') ?? undefined;
    if (missing !== undefined && missing !== 'observed') saved.fail('missing', 'null or "observed"');
    return new GaussianMixtureModel(
      {
        covarianceType,
        weights,
        means,
        covariances,
        lowerBounds,
        converged,
        classes: savedClasses(saved, k),
        missing: missing as MissingEntries | undefined,
      },
      (component) =>
        new RangeError(
          `${who}: covariances${ofComponent(covarianceType, component)} must be positive definite`,
        ),
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

  /** Different columns of the fitted data. */
  #columns(method: string, dims: ArrayLike<number>): Int32Array {
    const d = this.means.cols;
    const columns = Array.from(dims);
    const wrong = columns.findIndex(
      (j, at) => !(Number.isInteger(j) && j >= 0 && j < d) || columns.indexOf(j) < at,
    );
    if (columns.length === 0 || wrong >= 0)
      throw new RangeError(
        `GaussianMixtureModel.${method}: dims must be different integers in [0, ${d - 1}]; got ${wrong >= 0 ? describe(columns[wrong]) : 'none'}`,
      );
    return Int32Array.from(columns);
  }

  #parameters(): MixtureParameters {
    return {
      weights: this.weights,
      means: this.means.data as Float64Array,
      covariances: this.covariances.data,
    };
  }

  /** What a mixture made from this one has in common with it. */
  #parts(): Pick<MixtureParts, 'covarianceType' | 'lowerBounds' | 'converged' | 'classes' | 'missing'> {
    const { covarianceType, converged, classes, missing } = this;
    return { covarianceType, lowerBounds: new Float64Array(0), converged, classes, missing };
  }

  /** The mixture of some columns, with the given weights. */
  #derived(columns: Int32Array, weights: Float64Array): GaussianMixtureModel {
    const { means, covariances } = marginalOf(this.covarianceType, this.#parameters(), columns);
    return new GaussianMixtureModel(
      {
        ...this.#parts(),
        weights: weights.slice(),
        means: new Matrix(means, this.nComponents, columns.length),
        covariances,
      },
      unreachable,
    );
  }

  /** Visits rows with missing entries, pattern by pattern, with log p of what they have. */
  #eachIncomplete(
    { data, rows, cols }: Matrix,
    visit: (row: number, logProb: number, density: IncompleteDensity) => void,
  ): void {
    const density = new IncompleteDensity(this.covarianceType, this.#parameters(), unreachable);
    for (const pattern of patternsOf(data, rows, cols)) {
      density.use(pattern);
      pattern.rows.forEach((row, i) => {
        visit(row, density.evaluate(pattern.data, i * pattern.observed.length), density);
      });
    }
  }

  /**
   * Visits X block by block: log p(x) of the rows from `from`, and component c's probabilities from c × RESPONSIBILITY_PITCH, 0 beyond
   * the cutoff.
   */
  #eachBlock(
    { data, rows, cols }: Matrix,
    cutoff: number,
    visit: (from: number, logProb: Float64Array, probabilities: Float64Array) => void,
  ): void {
    const precision = precisionOf(data);
    const { nComponents, covarianceType } = this;
    const { kernels, density, x } = resident(this, precision, (kernels) => {
      const density = new Density(kernels, { nComponents, nFeatures: cols, covarianceType, precision });
      density.set(this.#density);
      return { kernels, density, x: kernels.zeros(BLOCK * density.stride * bytesOf(precision)) };
    });
    const { stride, logProb, responsibilities } = density;
    for (let from = 0; from < rows; from += BLOCK) {
      const n = Math.min(BLOCK, rows - from);
      shiftRows(data, from, n, this.#origin, stride, kernels.floats(precision, x, n * stride));
      density.evaluate(x, n, cutoff);
      visit(from, kernels.f64(logProb, n), kernels.f64(responsibilities, nComponents * RESPONSIBILITY_PITCH));
    }
  }
}

/** A covariance that was factored when the model was made can be factored again. */
const unreachable = factoredBefore('GaussianMixtureModel');

/** The index at which the running sum of weights first exceeds `level`, the last positive one at the end. */
function pick(weights: Float64Array, level: number): number {
  let last = 0;
  for (let c = 0; c < weights.length; c++) {
    if (weights[c] === 0) continue;
    last = c;
    level -= weights[c]!;
    if (level < 0) break;
  }
  return last;
}

/** The component that is most probable for row i of a block, the first of equals. */
function mostProbable(probabilities: Float64Array, i: number, nComponents: number): number {
  let best = 0;
  for (let c = 1; c < nComponents; c++)
    if (probabilities[c * RESPONSIBILITY_PITCH + i]! > probabilities[best * RESPONSIBILITY_PITCH + i]!)
      best = c;
  return best;
}

/** The column of the largest value of each row, the first winning a tie. */
function largestOfEach({ data, rows, cols }: Matrix): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => {
    let best = 0;
    for (let c = 1; c < cols; c++) if (data[i * cols + c]! > data[i * cols + best]!) best = c;
    return best;
  });
}

/** The classes of k components, or undefined where the model has none. */
function savedClasses(saved: SavedReader, k: number): Int32Array | undefined {
  if ((saved.field('classes') ?? null) === null) return undefined;
  const classes = saved.numbers('classes', k);
  if (!classes.every((label) => label === (label | 0))) saved.fail('classes', 'null or 32-bit integers');
  return Int32Array.from(classes);
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
