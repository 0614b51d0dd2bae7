import type { MixtureParameters } from '../covariance/parameters.ts';
import { type CovarianceType, covarianceAt, isShared } from '../covariance/type.ts';
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

/** What they are believed to be after the data. */
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
  /** W⁻¹ at the covariances' number `at`. */
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
