import { type Precision, precisionOf } from '../../kernels/kernels.ts';
import type { Matrix } from '../../matrix.ts';
import {
  type DensityParameters,
  densityParameters,
  type MixtureParameters,
} from '../covariance/parameters.ts';
import { isCoarse } from '../covariance/reach.ts';
import type { CovarianceType } from '../covariance/type.ts';

/** A mixture as rows are evaluated by it: plain data, so that it may travel to workers. */
export interface Evaluation {
  readonly covarianceType: CovarianceType;
  /** What rows with missing entries are evaluated by. */
  readonly parameters: MixtureParameters;
  /** Where complete rows are measured from: the mixture's mean, which keeps float32's digits far from 0, or 0. */
  readonly origin: Float64Array;
  /** What complete rows are evaluated by. */
  readonly density: DensityParameters;
}

/** What complete rows are evaluated in: their own precision, unless that is too coarse for a component. */
export function precisionFor({ density }: Evaluation, X: Pick<Matrix, 'data'>): Precision {
  const own = precisionOf(X.data);
  return isCoarse(density.reach, own) ? 'F64' : own;
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
  const densityFrom = (place: Float64Array): DensityParameters =>
    densityParameters(
      covarianceType,
      {
        weights: logTerms ? weights.map(() => 1) : weights,
        means: means.map((value, i) => value - place[i % d]!),
        covariances,
      },
      refuse,
    );
  let density = densityFrom(origin);
  if (isCoarse(density.reach, 'F64')) density = densityFrom(origin.fill(0));
  if (!logTerms) return { covarianceType, parameters, origin, density };
  const constants = density.constants.map((constant, c) => constant + logTerms[c]!);
  return { covarianceType, parameters, origin, density: { ...density, constants } };
}
