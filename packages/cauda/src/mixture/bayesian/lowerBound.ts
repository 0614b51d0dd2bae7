import { logGamma } from '../../gamma.ts';
import { log } from '../../kernels/elementary.ts';
import { covarianceOf } from '../covariance/type.ts';
import type { Posterior, VariationalShape } from './posterior.ts';

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
