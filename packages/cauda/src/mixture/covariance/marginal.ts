import type { MixtureParameters } from './parameters.ts';
import { type CovarianceType, covarianceCount } from './type.ts';

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
