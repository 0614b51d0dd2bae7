import { exp, log } from '../../kernels/elementary.ts';
import { type FloatArray, like, type Matrix } from '../../matrix.ts';
import type { MixtureParameters } from '../covariance/parameters.ts';
import {
  type CovarianceType,
  covarianceAt,
  covarianceCount,
  covarianceOf,
  isDense,
  isShared,
  varianceAt,
} from '../covariance/type.ts';

/** The rows that lack the same entries (NaN), and what they have. */
export interface Pattern {
  /** Columns that these rows have, ascending, and those that they lack. */
  readonly observed: Int32Array;
  readonly missing: Int32Array;
  /** Their indices, ascending. */
  readonly rows: Int32Array;
  /** Their observed entries, rows.length × observed.length. */
  readonly data: FloatArray;
}

/** The rows of X by pattern, in the order in which the patterns first appear. */
export function patternsOf(data: FloatArray, n: number, d: number): Pattern[] {
  const groups = new Map<string, number[]>();
  const bits = new Uint16Array(Math.ceil(d / 16));
  for (let i = 0; i < n; i++) {
    bits.fill(0);
    for (let j = 0; j < d; j++) if (Number.isNaN(data[i * d + j]!)) bits[j >> 4]! |= 1 << (j & 15);
    const key = String.fromCharCode(...bits);
    const rows = groups.get(key);
    if (rows) rows.push(i);
    else groups.set(key, [i]);
  }
  return Array.from(groups.values(), (group) => {
    const rows = Int32Array.from(group);
    const lacks = (j: number) => Number.isNaN(data[rows[0]! * d + j]!);
    const columns = Int32Array.from({ length: d }, (_, j) => j);
    const observed = columns.filter((j) => !lacks(j));
    const kept = like(data, rows.length * observed.length);
    let at = 0;
    for (const i of rows) for (const j of observed) kept[at++] = data[i * d + j]!;
    return { observed, missing: columns.filter(lacks), rows, data: kept };
  });
}

/** Whether any value is NaN. */
export function hasMissing({ data }: Matrix): boolean {
  for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i]!)) return true;
  return false;
}

/** The mixture of the given columns. */
export function marginalOf(
  type: CovarianceType,
  { weights, means, covariances }: MixtureParameters,
  columns: Int32Array,
): MixtureParameters {
  const k = weights.length;
  const d = means.length / k;
  const m = columns.length;
  const chosen = Float64Array.from(
    { length: k * m },
    (_, i) => means[Math.floor(i / m) * d + columns[i % m]!]!,
  );
  const marginal = (values: Float64Array): MixtureParameters => ({
    weights,
    means: chosen,
    covariances: values,
  });
  switch (type) {
    case 'full':
    case 'tied':
      return marginal(
        Float64Array.from({ length: covarianceCount(type, k) * m * m }, (_, i) => {
          const s = Math.floor(i / (m * m));
          return covariances[(s * d + columns[Math.floor(i / m) % m]!) * d + columns[i % m]!]!;
        }),
      );
    case 'diag':
      return marginal(
        Float64Array.from({ length: k * m }, (_, i) => covariances[Math.floor(i / m) * d + columns[i % m]!]!),
      );
    case 'spherical':
      return marginal(covariances);
    default:
      return type satisfies never;
  }
}

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
   * log p of a row's observed entries, which begin at `from`; 0 if there are none. Writes `deviations` and `probabilities`. Never
   * below −1e300.
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

/** What a density takes of covariances: for dense ones V = L⁻¹ with Σ = L Lᵀ and log det V, else nothing. */
interface WhiteningFactors {
  readonly whitening: Float64Array;
  readonly logDet: Float64Array;
}

/**
 * The factors of the covariances.
 * @param refuse makes the error for a component whose covariance is not positive definite
 */
export function checkFactors(
  type: CovarianceType,
  { weights, means, covariances }: MixtureParameters,
  refuse: (component: number) => Error,
): WhiteningFactors {
  const d = means.length / weights.length;
  if (!isDense(type)) {
    const bad = covariances.findIndex((variance) => !(variance > 0 && variance < Infinity));
    if (bad >= 0) throw refuse(covarianceAt(type, bad, d));
    return { whitening: new Float64Array(), logDet: new Float64Array() };
  }
  const whitening = new Float64Array(covariances.length);
  const logDet = Float64Array.from({ length: covarianceCount(type, weights.length) }, (_, s) => {
    const own = [s * d * d, (s + 1) * d * d] as const;
    const value = whiten(covariances.subarray(...own), d, whitening.subarray(...own));
    if (Number.isNaN(value)) throw refuse(s);
    return value;
  });
  return { whitening, logDet };
}

const HALF_LOG_2PI = 0.9189385332046728;

/** Writes V = L⁻¹ with S = L Lᵀ; returns log det V, or NaN if S is not positive definite. */
function whiten(S: Float64Array, n: number, V: Float64Array): number {
  const L = new Float64Array(n * n);
  let logDet = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let rest = S[i * n + j]!;
      for (let r = 0; r < j; r++) rest -= L[i * n + r]! * L[j * n + r]!;
      if (i > j) L[i * n + j] = rest / L[j * n + j]!;
      else {
        if (!(rest > 0 && rest < Infinity)) return NaN;
        L[i * n + i] = Math.sqrt(rest);
        logDet -= log(L[i * n + i]!);
      }
    }
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let rest = i === j ? 1 : 0;
      for (let r = j; r < i; r++) rest -= L[i * n + r]! * V[r * n + j]!;
      V[i * n + j] = rest / L[i * n + i]!;
    }
  return logDet;
}

/** Writes VᵀV of a lower triangular V. */
function gram(V: Float64Array, n: number, out: Float64Array): void {
  for (let r = 0; r < n; r++)
    for (let i = 0; i <= r; i++) {
      const value = V[r * n + i]!;
      for (let j = 0; j <= r; j++) out[i * n + j]! += value * V[r * n + j]!;
    }
}
