import { digamma } from '../../gamma.ts';
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
  covarianceCount,
  covarianceOf,
  isDense,
  varianceAt,
} from '../covariance/type.ts';
import type { WeightConcentrationPriorType } from './options.ts';
import type { Posterior, VariationalShape } from './posterior.ts';

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
