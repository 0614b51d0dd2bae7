import { digamma, logGamma } from '../../gamma.ts';
import { log } from '../../kernels/elementary.ts';
import { factoredBefore } from '../covariance/collapse.ts';
import type { Moments } from '../covariance/maximize.ts';
import {
  type DensityParameters,
  densityParameters,
  inversesOf,
  type MixtureParameters,
} from '../covariance/parameters.ts';
import {
  type CovarianceType,
  covarianceAt,
  covarianceCount,
  covarianceOf,
  isDense,
  isShared,
  varianceAt,
} from '../covariance/type.ts';
import type { WeightConcentrationPriorType } from './options.ts';

/**
 * Variational inference for a Gaussian mixture (Bishop, PRML, 2006, §10.2; Blei and Jordan, 2006, for the Dirichlet
 * process), in scikit-learn's parametrization: a Wishart's W⁻¹ is kept as the covariance W⁻¹ / ν, and the tied and
 * spherical forms share one Wishart as scikit-learn shares it.
 */

/** What the components' parameters are believed to be before the data. */
export interface Priors {
  /** γ of the process, α₀ of the distribution. */
  readonly weightConcentration: number;
  /** β₀. */
  readonly meanPrecision: number;
  /** m₀, length d. */
  readonly mean: Float64Array;
  /** ν₀. */
  readonly degreesOfFreedom: number;
  /** W₀⁻¹: d × d where dense, d when diag, 1 when spherical. */
  readonly covariance: Float64Array;
}

/** What they are believed to be after. */
export interface Posterior extends MixtureParameters {
  /** The Dirichlet's parameters, length k; or the sticks' Beta parameters, k times a, then k times b. */
  readonly weightConcentration: Float64Array;
  /** β, length k. */
  readonly meanPrecision: Float64Array;
  /** ν, length k, or 1 when tied. */
  readonly degreesOfFreedom: Float64Array;
}

/** How the model is built, the same for a whole fit. */
export interface VariationalShape {
  readonly covarianceType: CovarianceType;
  readonly weightConcentrationPriorType: WeightConcentrationPriorType;
}

/**
 * The M-step: the posterior given the components' weighted rows.
 * @param rows their maximum-likelihood parameters, which `maximize` gives
 * @param counts the rows of each component, N_k
 */
export function posteriorOf(
  { covarianceType: type, weightConcentrationPriorType }: VariationalShape,
  priors: Priors,
  rows: MixtureParameters,
  counts: Float64Array,
): Posterior {
  const k = counts.length;
  const d = priors.mean.length;
  const meanPrecision = counts.map((n) => priors.meanPrecision + n);
  const at = (i: number) => Math.floor(i / d);
  const means = rows.means.map(
    (mean, i) => (priors.meanPrecision * priors.mean[i % d]! + counts[at(i)]! * mean) / meanPrecision[at(i)]!,
  );
  const shift = rows.means.map((mean, i) => mean - priors.mean[i % d]!);
  const pull = counts.map((n, c) => (n * priors.meanPrecision) / meanPrecision[c]!);
  const weightConcentration = concentrationOf(weightConcentrationPriorType, priors, counts);
  return {
    weights: expectedWeights(weightConcentrationPriorType, weightConcentration, k),
    means,
    weightConcentration,
    meanPrecision,
    ...wisharts(type, priors, rows.covariances, counts, shift, pull),
  };
}

function concentrationOf(
  type: WeightConcentrationPriorType,
  { weightConcentration: prior }: Priors,
  counts: Float64Array,
): Float64Array {
  if (type === 'dirichletDistribution') return counts.map((n) => prior + n);
  const k = counts.length;
  const ab = new Float64Array(2 * k);
  let later = 0;
  for (let c = k - 1; c >= 0; c--) {
    ab[c] = 1 + counts[c]!;
    ab[k + c] = prior + later;
    later += counts[c]!;
  }
  return ab;
}

/** E[π] of a Dirichlet; for sticks, the product of the expected lengths, made to sum to 1. */
function expectedWeights(
  type: WeightConcentrationPriorType,
  concentration: Float64Array,
  k: number,
): Float64Array {
  let rest = 1;
  const weights =
    type === 'dirichletDistribution'
      ? concentration
      : Float64Array.from({ length: k }, (_, c) => {
          const [a, b] = [concentration[c]!, concentration[k + c]!];
          const weight = (a / (a + b)) * rest;
          rest *= b / (a + b);
          return weight;
        });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function wisharts(
  type: CovarianceType,
  priors: Priors,
  scatter: Float64Array,
  counts: Float64Array,
  shift: Float64Array,
  pull: Float64Array,
): { degreesOfFreedom: Float64Array; covariances: Float64Array } {
  const k = counts.length;
  const d = priors.mean.length;
  const prior = priors.covariance;
  const share = counts.reduce((sum, n) => sum + n, 0) / k;
  const degreesOfFreedom = (isShared(type) ? Float64Array.of(share) : counts).map(
    (n) => priors.degreesOfFreedom + n,
  );
  /** Number `at` of W⁻¹, before it is divided by ν. */
  const inverseScale = (value: number, at: number): number => {
    const c = covarianceAt(type, at, d);
    const [i, j] = [Math.floor(at / d) % d, at % d];
    let sum = 0;
    switch (type) {
      case 'full':
        return prior[i * d + j]! + counts[c]! * value + pull[c]! * shift[c * d + i]! * shift[c * d + j]!;
      case 'tied':
        for (let m = 0; m < k; m++) sum += pull[m]! * shift[m * d + i]! * shift[m * d + j]!;
        return prior[at]! + value * share + sum / k;
      case 'diag':
        return prior[j]! + counts[c]! * value + pull[c]! * shift[at]! * shift[at]!;
      case 'spherical':
        for (let m = 0; m < d; m++) sum += shift[c * d + m]! * shift[c * d + m]!;
        return prior[0]! + counts[c]! * value + (pull[c]! * sum) / d;
      default:
        return type satisfies never;
    }
  };
  const covariances = scatter.map(
    (value, at) => inverseScale(value, at) / degreesOfFreedom[covarianceAt(type, at, d)]!,
  );
  return { degreesOfFreedom, covariances };
}

/**
 * What the E-step adds to log N(x | m_k, W_k⁻¹ / ν_k) for each component, so that the sum is
 * E[log π_k] + E[log N(x | μ_k, Λ_k⁻¹)] (Bishop, eqs. 10.64–10.66).
 */
export function expectedLogTerms(
  shape: VariationalShape,
  { weightConcentration, meanPrecision, degreesOfFreedom }: Posterior,
  d: number,
): Float64Array {
  const logWeights = expectedLogWeights(shape.weightConcentrationPriorType, weightConcentration);
  return logWeights.map((logWeight, c) => {
    const nu = degreesOfFreedom[covarianceOf(shape.covarianceType, c)]!;
    let logScale = d * Math.LN2 - d * log(nu);
    for (let j = 0; j < d; j++) logScale += digamma(0.5 * (nu - j));
    return logWeight + 0.5 * (logScale - d / meanPrecision[c]!);
  });
}

function expectedLogWeights(type: WeightConcentrationPriorType, concentration: Float64Array): Float64Array {
  if (type === 'dirichletDistribution') {
    const whole = digamma(concentration.reduce((sum, value) => sum + value, 0));
    return concentration.map((value) => digamma(value) - whole);
  }
  const k = concentration.length / 2;
  let before = 0;
  return Float64Array.from({ length: k }, (_, c) => {
    const [a, b] = [concentration[c]!, concentration[k + c]!];
    const whole = digamma(a + b);
    const value = digamma(a) - whole + before;
    before += digamma(b) - whole;
    return value;
  });
}

/** The mixture of the E-step. */
export interface ExpectedDensity {
  /** As the kernels take it. */
  readonly density: DensityParameters;
  /** ½ log det of the precisions ν W, length k. */
  readonly halfLogDet: Float64Array;
}

/** @param refuse makes the error for a component whose covariance is not positive definite */
export function expectedDensity(
  shape: VariationalShape,
  posterior: Posterior,
  refuse: (component: number, weight: number) => Error,
): ExpectedDensity {
  const { weights, means, covariances } = posterior;
  const d = means.length / weights.length;
  const ones = new Float64Array(weights.length).fill(1); // log 1 = 0: the terms hold E[log π]
  const plain = densityParameters(shape.covarianceType, { weights: ones, means, covariances }, (component) =>
    refuse(component, weights[component]!),
  );
  const terms = expectedLogTerms(shape, posterior, d);
  return {
    density: { ...plain, constants: plain.constants.map((constant, c) => constant + terms[c]!) },
    halfLogDet: plain.constants.map((constant) => constant + d * HALF_LOG_2PI),
  };
}

const HALF_LOG_2PI = 0.9189385332046728;

/**
 * The entropy of the E-step's responsibilities, −Σ r log r, from its sums alone. With log r = a_k − log Σ exp a and
 * a_k = c_k − ½ ‖M_k (x − m_k)‖², it is Σ log Σ exp a − Σ_k (c_k N_k − ½ tr(Λ_k S_k)), S_k being the moments around m_k.
 */
export function responsibilityEntropy(
  type: CovarianceType,
  logLikelihood: number,
  { total, second }: Moments,
  { constants }: DensityParameters,
  { covariances, means }: MixtureParameters,
): number {
  const k = total.length;
  const d = means.length / k;
  let entropy = logLikelihood;
  for (let c = 0; c < k; c++) entropy -= constants[c]! * total[c]!;
  const precisions = inversesOf(type, covariances, d, factoredBefore('bayesianGaussianMixture'));
  let at = 0;
  if (isDense(type))
    for (let c = 0; c < covarianceCount(type, k); c++)
      for (let i = 0; i < d; i++)
        for (let j = i; j < d; j++)
          entropy += (i === j ? 0.5 : 1) * precisions[(c * d + i) * d + j]! * second[at++]!;
  else
    for (; at < k * d; at++)
      entropy += 0.5 * precisions[varianceAt(type, Math.floor(at / d), at % d, d)]! * second[at]!;
  return entropy;
}

/**
 * The variational lower bound on log p(X) without its constants (those of the priors), as scikit-learn has it.
 * @param halfLogDet of the posterior's precisions
 * @param entropy of the responsibilities that made the posterior
 */
export function lowerBoundOf(
  { covarianceType: type, weightConcentrationPriorType }: VariationalShape,
  { weightConcentration, meanPrecision, degreesOfFreedom, means, weights }: Posterior,
  halfLogDet: Float64Array,
  entropy: number,
): number {
  const k = weights.length;
  const d = means.length / k;
  let bound = entropy;
  for (let c = 0; c < k; c++) {
    const nu = degreesOfFreedom[covarianceOf(type, c)]!;
    // the Wishart's log B, of a precision ν W: log det W^½ = log det (ν W)^½ − ½ d log ν
    bound += nu * (halfLogDet[c]! - 0.5 * d * log(nu)) + 0.5 * nu * d * Math.LN2;
    for (let j = 0; j < d; j++) bound += logGamma(0.5 * (nu - j));
    bound -= 0.5 * d * log(meanPrecision[c]!);
  }
  if (weightConcentrationPriorType === 'dirichletDistribution') {
    bound -= logGamma(weightConcentration.reduce((sum, value) => sum + value, 0));
    for (const value of weightConcentration) bound += logGamma(value);
  } else
    for (let c = 0; c < k; c++) {
      const [a, b] = [weightConcentration[c]!, weightConcentration[k + c]!];
      bound += logGamma(a) + logGamma(b) - logGamma(a + b);
    }
  return bound;
}
