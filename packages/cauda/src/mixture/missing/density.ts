import { exp, log } from '../../kernels/elementary.ts';
import type { FloatArray } from '../../matrix.ts';
import type { MixtureParameters } from '../covariance/parameters.ts';
import { type CovarianceType, covarianceOf, isDense, isShared, varianceAt } from '../covariance/type.ts';
import { checkFactors, gram, whiten } from './factors.ts';
import type { Pattern } from './patterns.ts';

/** A component given which entries a row has; docs/derivations/mixture-missing.md, section 2. */
interface Regression {
  /** B: how the mean of the missing entries follows the observed ones, m × o; empty if uncorrelated. */
  readonly coefficients: Float64Array;
  /** C, their covariance: m × m, or m variances if uncorrelated. */
  readonly covariance: Float64Array;
  /** −½ log det Σ_oo − o/2 log 2π. */
  readonly constant: number;
}

/**
 * A mixture's density of rows with missing entries, one row at a time, in float64 and in whatever thread. `use` a
 * pattern, then `evaluate` its rows.
 */
export class IncompleteDensity {
  /** Of the row last evaluated: x̂ − μ_k, x̂ being the row with its holes filled by component k's means; K × d. */
  readonly deviations: Float64Array;
  /** Of the row last evaluated: the probability of each component. */
  readonly probabilities: Float64Array;
  readonly #type: CovarianceType;
  readonly #parameters: MixtureParameters;
  readonly #d: number;
  readonly #logWeights: Float64Array;
  /** For dense covariances: V = L⁻¹ with Σ = L Lᵀ, Λ = VᵀV = Σ⁻¹, and ½ log det Λ. */
  readonly #whitening: Float64Array;
  readonly #precisions: Float64Array;
  readonly #logDet: Float64Array;
  #observed: Int32Array = new Int32Array();
  #missing: Int32Array = new Int32Array();
  #regressions: readonly Regression[] = [];

  /** @param refuse makes the error for a component whose covariance is not positive definite */
  constructor(type: CovarianceType, parameters: MixtureParameters, refuse: (component: number) => Error) {
    const { weights, means } = parameters;
    const k = weights.length;
    const d = means.length / k;
    this.#type = type;
    this.#parameters = parameters;
    this.#d = d;
    this.#logWeights = weights.map(log);
    this.deviations = new Float64Array(k * d);
    this.probabilities = new Float64Array(k);
    const { whitening, logDet } = checkFactors(type, parameters, refuse);
    this.#whitening = whitening;
    this.#logDet = logDet;
    this.#precisions = new Float64Array(whitening.length);
    for (let at = 0; at < whitening.length; at += d * d)
      gram(whitening.subarray(at, at + d * d), d, this.#precisions.subarray(at, at + d * d));
  }

  /** Which entries the next rows have. */
  use({ observed, missing }: Pick<Pattern, 'observed' | 'missing'>): void {
    this.#observed = observed;
    this.#missing = missing;
    const first = this.#regression(0);
    this.#regressions = Array.from(this.probabilities, (_, c) =>
      c === 0 || isShared(this.#type) ? first : this.#regression(c),
    );
  }

  /** C of component c for the pattern in use: m × m where covariances are dense, else m variances. */
  covarianceOf(c: number): Float64Array {
    return this.#regressions[c]!.covariance;
  }

  /**
   * Evaluates a row's observed entries, which begin at `from`: writes `deviations` and `probabilities`.
   * @returns log p of them, 0 if there are none, never below −1e300
   */
  evaluate(observed: FloatArray, from: number): number {
    const { probabilities } = this;
    const k = probabilities.length;
    let most = -Infinity;
    for (let c = 0; c < k; c++) {
      this.#fill(c, observed, from);
      const square = this.#square(c);
      const value =
        square < 2e300 ? this.#logWeights[c]! + this.#regressions[c]!.constant - 0.5 * square : -1e300; // NaN too
      probabilities[c] = value;
      if (value > most) most = value;
    }
    let sum = 0;
    for (let c = 0; c < k; c++) sum += probabilities[c] = exp(probabilities[c]! - most);
    for (let c = 0; c < k; c++) probabilities[c]! /= sum;
    return this.#observed.length ? most + log(sum) : 0;
  }

  #regression(c: number): Regression {
    const { covariances } = this.#parameters;
    const d = this.#d;
    const [observed, missing] = [this.#observed, this.#missing];
    const [o, m] = [observed.length, missing.length];
    let constant = -o * HALF_LOG_2PI;
    if (!isDense(this.#type)) {
      const variance = (j: number) => covariances[varianceAt(this.#type, c, j, d)]!;
      for (const j of observed) constant -= 0.5 * log(variance(j));
      return { coefficients: new Float64Array(), covariance: Float64Array.from(missing, variance), constant };
    }
    const s = covarianceOf(this.#type, c);
    const precision = this.#precisions.subarray(s * d * d, (s + 1) * d * d);
    const block = new Float64Array(m * m);
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) block[a * m + b] = precision[missing[a]! * d + missing[b]!]!;
    const G = new Float64Array(m * m);
    constant += this.#logDet[s]! + whiten(block, m, G); // ½ log det Λ − ½ log det Λ_mm = −½ log det Σ_oo
    const covariance = new Float64Array(m * m);
    gram(G, m, covariance);
    const coefficients = new Float64Array(m * o);
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) {
        const factor = covariance[a * m + b]!;
        const row = missing[b]! * d;
        for (let r = 0; r < o; r++) coefficients[a * o + r]! -= factor * precision[row + observed[r]!]!;
      }
    return { coefficients, covariance, constant };
  }

  #fill(c: number, row: FloatArray, from: number): void {
    const { means } = this.#parameters;
    const { deviations } = this;
    const [observed, missing] = [this.#observed, this.#missing];
    const o = observed.length;
    const at = c * this.#d;
    for (let r = 0; r < o; r++) {
      const j = at + observed[r]!;
      deviations[j] = row[from + r]! - means[j]!;
    }
    const { coefficients } = this.#regressions[c]!;
    for (let a = 0; a < missing.length; a++) {
      let sum = 0;
      if (coefficients.length)
        for (let r = 0; r < o; r++) sum += coefficients[a * o + r]! * deviations[at + observed[r]!]!;
      deviations[at + missing[a]!] = sum;
    }
  }

  /** (x_o − μ_o)ᵀ Σ_oo⁻¹ (x_o − μ_o), which is the whole row's square when it is filled. */
  #square(c: number): number {
    const { deviations } = this;
    const { covariances } = this.#parameters;
    const d = this.#d;
    let square = 0;
    if (!isDense(this.#type)) {
      for (const j of this.#observed)
        square +=
          (deviations[c * d + j]! * deviations[c * d + j]!) / covariances[varianceAt(this.#type, c, j, d)]!;
      return square;
    }
    const V = this.#whitening;
    const offset = covarianceOf(this.#type, c) * d * d;
    for (let i = 0; i < d; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += V[offset + i * d + j]! * deviations[c * d + j]!;
      square += sum * sum;
    }
    return square;
  }
}

const HALF_LOG_2PI = 0.9189385332046728;
