import { log } from '../kernels/elementary.ts';
import { type Kernels, roundUp } from '../kernels/kernels.ts';
import type { Host, Program } from '../parallel/program.ts';
import { LOG_2PI, type MixtureParameters, packTiles, paddedMeans } from './covariance.ts';
import type { DensityParameters } from './density.ts';
import { marginalOf, type Pattern, patternsOf, type Regression, regression } from './incomplete.ts';
import { type EmConfig, emProgram } from './program.ts';
import { distinct, factorLength, isDense, secondLength } from './shape.ts';

export type IncompleteSteps = {
  /**
   * E-step and expected moments around the means, as the step `em` of `emProgram` has them. Means are measured from the
   * origin. The Σ r of a component whose covariance is not positive definite is NaN.
   */
  em: { params: MixtureParameters; result: Float64Array };
};

interface IncompleteShard {
  readonly patterns: readonly Pattern[];
  readonly weights: Float64Array;
}

/**
 * EM's work on rows with missing entries (Ghahramani and Jordan, 1994). The rows of a pattern are complete rows of fewer
 * columns: they go through `emProgram`, and what is missing is then filled in the sums, not in the rows. With
 * A = [I; B], B the component's regression of the missing columns on the observed ones, E[x − μ | x_o] = A (x_o − μ_o), so
 *   Σ r E[x − μ] = A Σ r (x_o − μ_o),   Σ r E[(x − μ)(x − μ)ᵀ] = A Σ r (x_o − μ_o)(x_o − μ_o)ᵀ Aᵀ + Σ r cov[x | x_o].
 */
export const incompleteProgram: Program<EmConfig, IncompleteShard, IncompleteSteps> = {
  name: 'incompleteEm',
  open: (kernels, config): Host<IncompleteShard, IncompleteSteps> => ({
    load: ({ data, n, d, columns }) => ({
      patterns: patternsOf(data, n, d),
      weights: (columns.weights as Float64Array | undefined) ?? new Float64Array(n).fill(1),
    }),
    steps: {
      em: (parameters) => (shard) => {
        const sums = new ExpectedSums(config, parameters);
        for (const pattern of shard.patterns) {
          const weights = Float64Array.from(pattern.rows, (row) => shard.weights[row]!);
          if (pattern.observed.length === 0) sums.addUnknown(weights);
          else addPattern(kernels, config, pattern, weights, parameters, sums);
        }
        return sums.values;
      },
    },
  }),
};

/** The pattern's rows through `emProgram`, as a mixture of what they have. */
function addPattern(
  kernels: Kernels,
  config: EmConfig,
  pattern: Pattern,
  weights: Float64Array,
  parameters: MixtureParameters,
  sums: ExpectedSums,
): void {
  const { observed, rows, data } = pattern;
  const regressions = regressionsOf(config, parameters, pattern);
  if (typeof regressions === 'number') {
    sums.spoil(regressions);
    return;
  }
  const mark = kernels.mark();
  const host = emProgram.open(kernels, {
    ...config,
    nFeatures: observed.length,
    origin: Float64Array.from(observed, (j) => config.origin[j]!),
  });
  const shard = host.load({
    data,
    n: rows.length,
    d: observed.length,
    first: 0,
    index: 0,
    columns: { weights },
  });
  const density = densityGiven(config, marginalOf(config.covarianceType, parameters, observed), regressions);
  sums.add(pattern, host.steps.em(density)(shard), regressions);
  kernels.release(mark);
}

/** One for each dense covariance, none for diagonals; or the component whose covariance is not positive definite. */
function regressionsOf(
  { nComponents: k, nFeatures: d, covarianceType: type }: EmConfig,
  { covariances }: MixtureParameters,
  { observed, missing }: Pattern,
): Regression[] | number {
  const regressions: Regression[] = [];
  if (isDense(type))
    for (let c = 0; c < distinct(type, k); c++) {
      const found = regression(covariances, c * d * d, d, observed, missing);
      if (!found) return c;
      regressions.push(found);
    }
  else {
    const bad = covariances.findIndex((variance) => !(variance > 0 && variance < Infinity));
    if (bad >= 0) return type === 'diag' ? Math.floor(bad / d) : bad;
  }
  return regressions;
}

/** The mixture of the observed columns as the kernels take it, from the factors that the regressions have. */
function densityGiven(
  { covarianceType: type, nComponents: k }: EmConfig,
  { weights, means, covariances }: MixtureParameters,
  regressions: readonly Regression[],
): DensityParameters {
  const o = means.length / k;
  const count = distinct(type, k);
  const stride = roundUp(o, 4);
  const length = factorLength(type, o);
  const factors = new Float64Array(count * length);
  const logDet = new Float64Array(count);
  const padded = new Float64Array(stride * stride);
  for (let c = 0; c < count; c++) {
    const own = factors.subarray(c * length, (c + 1) * length);
    if (isDense(type)) {
      const { whitening, diagonal } = regressions[c]!;
      for (let i = 0; i < o; i++) {
        padded.set(whitening.subarray(i * o, (i + 1) * o), i * stride);
        logDet[c]! -= log(diagonal[i]!);
      }
      packTiles(padded, stride, own);
    } else
      for (let j = 0; j < o; j++) {
        const variance = covariances[type === 'diag' ? c * o + j : c]!;
        own[j] = 1 / Math.sqrt(variance);
        logDet[c]! -= 0.5 * log(variance);
      }
  }
  const constants = weights.map((w, c) => log(w) + logDet[type === 'tied' ? 0 : c]! - 0.5 * o * LOG_2PI);
  return { means: paddedMeans(means, k, o), factors, constants };
}

/** A step's result for whole rows: [Σ w log p(x), Σ w, Σ r, first moments, second moments]. */
class ExpectedSums {
  readonly values: Float64Array;
  readonly #config: EmConfig;
  readonly #parameters: MixtureParameters;
  readonly #first: number;
  readonly #second: number;

  constructor(config: EmConfig, parameters: MixtureParameters) {
    const { nComponents: k, nFeatures: d, covarianceType: type } = config;
    this.#config = config;
    this.#parameters = parameters;
    this.#first = 2 + k;
    this.#second = 2 + k + k * d;
    this.values = new Float64Array(this.#second + secondLength(type, k, d));
  }

  /** Says that component c has no density. */
  spoil(c: number): void {
    this.values[2 + c] = NaN;
  }

  /** Rows of which nothing is known: they belong to the components as the weights say, and log p = 0. */
  addUnknown(weights: Float64Array): void {
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    this.values[1]! += whole;
    this.#parameters.weights.forEach((share, c) => {
      this.values[2 + c]! += share * whole;
      this.#addCovariance(c, share * whole, undefined, undefined);
    });
  }

  /** The sums of a pattern's rows, of the observed columns alone, lifted to all columns. */
  add({ observed, missing }: Pattern, sums: Float64Array, regressions: readonly Regression[]): void {
    const { nComponents: k, nFeatures: d, covarianceType: type } = this.#config;
    const { values } = this;
    const o = observed.length;
    const dense = isDense(type);
    for (let i = 0; i < 2 + k; i++) values[i]! += sums[i]!;
    for (let c = 0; c < k; c++) {
      const first = sums.subarray(2 + k + c * o, 2 + k + (c + 1) * o);
      const own = this.#first + c * d;
      observed.forEach((j, r) => {
        values[own + j]! += first[r]!;
      });
      if (dense) {
        const { coefficients } = regressions[type === 'tied' ? 0 : c]!;
        missing.forEach((j, a) => {
          for (let r = 0; r < o; r++) values[own + j]! += coefficients[a * o + r]! * first[r]!;
        });
      } else
        observed.forEach((j, r) => {
          values[this.#second + c * d + j]! += sums[2 + k + k * o + c * o + r]!;
        });
      this.#addCovariance(c, sums[2 + c]!, missing, regressions[type === 'tied' ? 0 : c]);
    }
    const packed = (o * (o + 1)) / 2;
    regressions.forEach(({ coefficients }, c) => {
      const from = 2 + k + k * o + c * packed;
      this.#addLifted(c, observed, missing, unpacked(sums.subarray(from, from + packed), o), coefficients);
    });
  }

  /** Adds A S Aᵀ to component c's second moments. */
  #addLifted(
    c: number,
    observed: Int32Array,
    missing: Int32Array,
    S: Float64Array,
    coefficients: Float64Array,
  ): void {
    const [o, m] = [observed.length, missing.length];
    for (let i = 0; i < o; i++)
      for (let j = i; j < o; j++) this.#addSecond(c, observed[i]!, observed[j]!, S[i * o + j]!);
    const row = new Float64Array(o); // of B S
    for (let a = 0; a < m; a++) {
      row.fill(0);
      for (let r = 0; r < o; r++)
        for (let i = 0; i < o; i++) row[i]! += coefficients[a * o + r]! * S[r * o + i]!;
      for (let i = 0; i < o; i++) this.#addSecond(c, missing[a]!, observed[i]!, row[i]!);
      for (let b = a; b < m; b++) {
        let sum = 0;
        for (let i = 0; i < o; i++) sum += row[i]! * coefficients[b * o + i]!;
        this.#addSecond(c, missing[a]!, missing[b]!, sum);
      }
    }
  }

  /** Adds `times` the covariance of the missing columns (all, if undefined) given the others. */
  #addCovariance(
    c: number,
    times: number,
    missing: Int32Array | undefined,
    given: Regression | undefined,
  ): void {
    const { nFeatures: d, covarianceType: type } = this.#config;
    const { covariances } = this.#parameters;
    const m = missing?.length ?? d;
    const source = given?.covariance ?? covariances;
    const from = given || type === 'tied' ? 0 : c * d * d;
    for (let a = 0; a < m; a++) {
      const j = missing ? missing[a]! : a;
      if (!isDense(type))
        this.values[this.#second + c * d + j]! += times * covariances[type === 'diag' ? c * d + j : c]!;
      else
        for (let b = a; b < m; b++)
          this.#addSecond(
            type === 'tied' ? 0 : c,
            j,
            missing ? missing[b]! : b,
            times * source[from + a * m + b]!,
          );
    }
  }

  /** Adds to one entry of the packed upper half of matrix c. */
  #addSecond(c: number, i: number, j: number, value: number): void {
    const { nFeatures: d } = this.#config;
    const [low, high] = i < j ? [i, j] : [j, i];
    const at = (c * d * (d + 1)) / 2 + low * d - (low * (low - 1)) / 2 + high - low;
    this.values[this.#second + at]! += value;
  }
}

/** A symmetric matrix from its packed upper half. */
function unpacked(upper: Float64Array, n: number): Float64Array {
  const full = new Float64Array(n * n);
  let at = 0;
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) full[i * n + j] = full[j * n + i] = upper[at++]!;
  return full;
}
