import { roundUp } from '../../kernels/kernels.ts';

/**
 * What the components' covariances have in common: nothing (`'full'`), everything (`'tied'`), that features are
 * uncorrelated (`'diag'`), or that each component has one variance for all features (`'spherical'`).
 */
export type CovarianceType = 'full' | 'tied' | 'diag' | 'spherical';

/** All of them. */
export const covarianceTypes: readonly CovarianceType[] = ['full', 'tied', 'diag', 'spherical'];

/** The shape of covariances and precisions for k components in d dimensions, as in scikit-learn. */
export function covarianceShape(type: CovarianceType, k: number, d: number): readonly number[] {
  return { full: [k, d, d], tied: [d, d], diag: [k, d], spherical: [k] }[type];
}

/** How many covariance matrices (or diagonals) there are: one when tied. */
export function distinct(type: CovarianceType, k: number): number {
  return type === 'tied' ? 1 : k;
}

/** Whether covariances are whole matrices. */
export function isDense(type: CovarianceType): boolean {
  return type === 'full' || type === 'tied';
}

/** The free parameters of a mixture. */
export function parameterCount(type: CovarianceType, k: number, d: number): number {
  const covariance = { full: (k * d * (d + 1)) / 2, tied: (d * (d + 1)) / 2, diag: k * d, spherical: k }[
    type
  ];
  return covariance + k * d + k - 1;
}

/** Lengths of the packed factor of a dense or diagonal precision, in elements. */
export function factorLength(type: CovarianceType, d: number): number {
  const stride = roundUp(d, 4);
  return isDense(type) ? (stride * (stride + 4)) / 2 : stride;
}

/** Length of the second moments: packed upper halves where covariances are dense, else k × d. */
export function secondLength(type: CovarianceType, k: number, d: number): number {
  return isDense(type) ? (distinct(type, k) * d * (d + 1)) / 2 : k * d;
}
