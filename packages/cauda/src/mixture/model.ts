import { checkOptions, integerIn, required, seedRule } from '../check.ts';
import { log } from '../kernels/elementary.ts';
import { precisionOf } from '../kernels/kernels.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import { Random } from '../random.ts';
import { type Saved, SavedReader, saveMatrix } from '../serialize.ts';
import { choleskyFactors, densityParameters } from './covariance.ts';
import { ALL, BLOCK, type DensityParameters, shiftRows, WIDTH } from './density.ts';
import {
  type CovarianceType,
  checkCovarianceArray,
  checkMixtureWeights,
  covarianceTypes,
} from './options.ts';
import { resident } from './resident.ts';
import { covarianceShape, isDense, parameterCount } from './shape.ts';

const FORMAT = 'cauda.gaussianMixture';
const VERSION = 1;

export interface SampleOptions {
  /** Seed of the draws; the same seed gives the same rows. Defaults to 0. */
  seed?: number;
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
  /** Free parameters: of weights, means and covariances. */
  readonly nParameters: number;
  /** Where means and rows are measured from: the mixture's mean, which keeps float32's digits far from 0. */
  readonly #origin: Float64Array;
  readonly #density: DensityParameters;

  /**
   * Takes the parts as they are; for `gaussianMixture` and `fromJSON`.
   * @param refuse makes the error for a component whose covariance is not positive definite
   */
  constructor(
    parts: {
      covarianceType: CovarianceType;
      weights: Float64Array;
      means: Matrix;
      covariances: Float64Array;
      lowerBounds: Float64Array;
      converged: boolean;
    },
    refuse: (component: number) => Error,
  ) {
    const { covarianceType, weights, covariances } = parts;
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
    this.nParameters = parameterCount(covarianceType, k, d);
    this.#origin = new Float64Array(d);
    for (let i = 0; i < means.length; i++) this.#origin[i % d]! += weights[Math.floor(i / d)]! * means[i]!;
    this.#density = densityParameters(
      covarianceType,
      { weights, means: means.map((value, i) => value - this.#origin[i % d]!), covariances },
      refuse,
    );
    Object.freeze(this);
  }

  /**
   * Log-density of each row under the mixture, in nats:
   *   log p(x) = logsumexp_k( log w_k + log N(x | μ_k, Σ_k) ).
   * Always finite: a row whose distance overflows has −1e300.
   * @param X rows to score (nSamples × nFeatures)
   * @returns length nSamples
   * @throws RangeError if X does not have the fitted number of features
   */
  scoreSamples(X: MatrixLike): Float64Array {
    const matrix = this.#rows(X, 'scoreSamples');
    const scores = new Float64Array(matrix.rows);
    this.#eachBlock(matrix, (from, logProb) => scores.set(logProb, from));
    return scores;
  }

  /** The mean of `scoreSamples(X)`. */
  score(X: MatrixLike): number {
    return meanOf(this.scoreSamples(this.#rows(X, 'score')));
  }

  /** The most probable component of each row, the lowest index winning a tie. */
  predict(X: MatrixLike): Int32Array {
    const matrix = this.#rows(X, 'predict');
    const labels = new Int32Array(matrix.rows);
    this.#eachBlock(matrix, (from, logProb, probabilities) => {
      for (let i = 0; i < logProb.length; i++) {
        let best = 0;
        for (let c = 1; c < this.nComponents; c++)
          if (probabilities[c * WIDTH + i]! > probabilities[best * WIDTH + i]!) best = c;
        labels[from + i] = best;
      }
    });
    return labels;
  }

  /** The probability of each component given each row: nSamples × nComponents, float64; rows sum to 1. */
  predictProba(X: MatrixLike): Matrix {
    const k = this.nComponents;
    const matrix = this.#rows(X, 'predictProba');
    const result = new Float64Array(matrix.rows * k);
    this.#eachBlock(matrix, (from, logProb, probabilities) => {
      for (let i = 0; i < logProb.length; i++)
        for (let c = 0; c < k; c++) result[(from + i) * k + c] = probabilities[c * WIDTH + i]!;
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
    const factors = choleskyFactors(type, this.covariances.data, this.nComponents, d, unreachable);
    const X = new Matrix(new Float64Array(n * d), n, d);
    const labels = new Int32Array(n);
    const z = new Float64Array(d);
    for (let i = 0; i < n; i++) {
      const c = (labels[i] = pick(this.weights, random.uniform()));
      for (let j = 0; j < d; j++) z[j] = random.normal();
      for (let j = 0; j < d; j++) {
        let value = this.means.data[c * d + j]!;
        if (isDense(type)) {
          const row = ((type === 'tied' ? 0 : c) * d + j) * d;
          for (let m = 0; m <= j; m++) value += factors[row + m]! * z[m]!;
        } else value += factors[type === 'diag' ? c * d + j : c]! * z[j]!;
        X.data[i * d + j] = value;
      }
    }
    return { X, labels };
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
    return new GaussianMixtureModel(
      { covarianceType, weights, means, covariances, lowerBounds, converged },
      (component) =>
        new RangeError(
          `${who}: covariances${covarianceType === 'tied' ? '' : ` of component ${component}`} must be positive definite`,
        ),
    );
  }

  #rows(X: MatrixLike, method: string): Matrix {
    return Matrix.from(X, { who: `GaussianMixtureModel.${method}`, cols: this.means.cols });
  }

  /** Visits X block by block: log p(x) of the rows from `from`, and component c's probabilities from c × WIDTH. */
  #eachBlock(
    { data, rows, cols }: Matrix,
    visit: (from: number, logProb: Float64Array, probabilities: Float64Array) => void,
  ): void {
    const precision = precisionOf(data);
    const { nComponents, covarianceType } = this;
    const shape = { nComponents, nFeatures: cols, covarianceType, precision };
    const { kernels, density, x } = resident(this, shape, this.#density);
    const { stride, logProb, responsibilities } = density;
    for (let from = 0; from < rows; from += BLOCK) {
      const n = Math.min(BLOCK, rows - from);
      shiftRows(data, from, n, this.#origin, stride, kernels.floats(precision, x, n * stride));
      density.evaluate(x, n, ALL);
      visit(from, kernels.f64(logProb, n), kernels.f64(responsibilities, nComponents * WIDTH));
    }
  }
}

/** A covariance that was factored when the model was made can be factored again. */
function unreachable(component: number): Error {
  return new Error(`GaussianMixtureModel.sample: component ${component} has no Cholesky factor`);
}

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

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
