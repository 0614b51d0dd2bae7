import {
  type DensityParameters,
  densityParameters,
  type MixtureParameters,
} from '../covariance/parameters.ts';
import type { CovarianceType } from '../covariance/type.ts';

/** A mixture as rows are evaluated by it: plain data, so that it may travel to workers. */
export interface Evaluation {
  readonly covarianceType: CovarianceType;
  /** What rows with missing entries are evaluated by. */
  readonly parameters: MixtureParameters;
  /** Where complete rows are measured from: the mixture's mean, which keeps float32's digits far from 0. */
  readonly origin: Float64Array;
  /** What complete rows are evaluated by. */
  readonly density: DensityParameters;
}

/**
 * @param parameters means measured from 0
 * @param logTerms added to each component's log-density in place of log w_k, if given
 * @param refuse makes the error for a component whose covariance is not positive definite
 */
export function evaluationOf(
  covarianceType: CovarianceType,
  parameters: MixtureParameters,
  logTerms: Float64Array | undefined,
  refuse: (component: number) => Error,
): Evaluation {
  const { weights, means, covariances } = parameters;
  const d = means.length / weights.length;
  const origin = new Float64Array(d);
  for (let i = 0; i < means.length; i++) origin[i % d]! += weights[Math.floor(i / d)]! * means[i]!;
  const density = densityParameters(
    covarianceType,
    {
      weights: logTerms ? weights.map(() => 1) : weights,
      means: means.map((value, i) => value - origin[i % d]!),
      covariances,
    },
    refuse,
  );
  if (!logTerms) return { covarianceType, parameters, origin, density };
  const constants = density.constants.map((constant, c) => constant + logTerms[c]!);
  return { covarianceType, parameters, origin, density: { ...density, constants } };
}
