import { roundUp } from '../../kernels/kernels.ts';

/**
 * What the components' covariances have in common: nothing (`'full'`), everything (`'tied'`), that features are
 * uncorrelated (`'diag'`), or that each component has one variance for all features (`'spherical'`).
 */
export type CovarianceType = 'full' | 'tied' | 'diag' | 'spherical';

const listed: Record<CovarianceType, true> = { full: true, tied: true, diag: true, spherical: true };

/** All the types. */
export const covarianceTypes: readonly CovarianceType[] = Object.keys(listed) as CovarianceType[];

/*
 * Everything that depends on the type by a formula is here, as a switch that a new type makes fail to compile. `k` is the
 * number of components, `d` of features, `c` a component, `s` one of the covariances, `i` and `j` features.
 */

/** The shape of the covariances (or precisions) of k components in d dimensions, as in scikit-learn. */
export function covarianceShape(type: CovarianceType, k: number, d: number): readonly number[] {
  switch (type) {
    case 'full':
      return [k, d, d];
    case 'tied':
      return [d, d];
    case 'diag':
      return [k, d];
    case 'spherical':
      return [k];
    default:
      return type satisfies never;
  }
}

/** How many numbers one covariance has. */
export function covarianceLength(type: CovarianceType, d: number): number {
  switch (type) {
    case 'full':
    case 'tied':
      return d * d;
    case 'diag':
      return d;
    case 'spherical':
      return 1;
    default:
      return type satisfies never;
  }
}

/** Whether all components have the same covariance. */
export function isShared(type: CovarianceType): boolean {
  switch (type) {
    case 'tied':
      return true;
    case 'full':
    case 'diag':
    case 'spherical':
      return false;
    default:
      return type satisfies never;
  }
}

/** Whether covariances are whole matrices; if not, features are uncorrelated. */
export function isDense(type: CovarianceType): boolean {
  switch (type) {
    case 'full':
    case 'tied':
      return true;
    case 'diag':
    case 'spherical':
      return false;
    default:
      return type satisfies never;
  }
}

/** Whether all components have one whole matrix for a covariance, so that one triangular product of a row serves all. */
export function sharesMatrix(type: CovarianceType): boolean {
  return isDense(type) && isShared(type);
}

/** How many covariances there are: one if it is shared, else one for each component. */
export function covarianceCount(type: CovarianceType, k: number): number {
  return isShared(type) ? 1 : k;
}

/** Which of the covariances is component c's. */
export function covarianceOf(type: CovarianceType, c: number): number {
  return isShared(type) ? 0 : c;
}

/**
 * The components that have covariance s.
 * @returns the first of them, and the one after the last
 */
export function componentsOf(
  type: CovarianceType,
  s: number,
  k: number,
): readonly [from: number, to: number] {
  return isShared(type) ? [0, k] : [s, s + 1];
}

/** Where the variance of feature j in component c is among the covariances' numbers. */
export function varianceAt(type: CovarianceType, c: number, j: number, d: number): number {
  switch (type) {
    case 'full':
      return (c * d + j) * d + j;
    case 'tied':
      return j * d + j;
    case 'diag':
      return c * d + j;
    case 'spherical':
      return c;
    default:
      return type satisfies never;
  }
}

/** The covariance to which the covariances' number `at` belongs. */
export function covarianceAt(type: CovarianceType, at: number, d: number): number {
  return Math.floor(at / covarianceLength(type, d));
}

/** The free parameters of a mixture. */
export function parameterCount(type: CovarianceType, k: number, d: number): number {
  const free = isDense(type) ? (d * (d + 1)) / 2 : covarianceLength(type, d);
  return covarianceCount(type, k) * free + k * d + k - 1;
}

/** The number of elements of one precision's factor as the kernels take it: see `DensityParameters`. */
export function factorLength(type: CovarianceType, d: number): number {
  const stride = roundUp(d, 4);
  return isDense(type) ? (stride * (stride + 4)) / 2 : stride;
}

/** The number of second moments around one mean: the packed upper half of their matrix, or its diagonal. */
function momentLength(type: CovarianceType, d: number): number {
  return isDense(type) ? (d * (d + 1)) / 2 : d;
}

/** The number of second moments of all components, which are added up where the covariance is shared. */
export function secondLength(type: CovarianceType, k: number, d: number): number {
  return covarianceCount(type, k) * momentLength(type, d);
}

/** Where component c's second moments begin among all of them. */
export function secondAt(type: CovarianceType, c: number, d: number): number {
  return covarianceOf(type, c) * momentLength(type, d);
}

/** How many features a component's variance is the mean of. */
export function featuresOfVariance(type: CovarianceType, d: number): number {
  switch (type) {
    case 'full':
    case 'tied':
    case 'diag':
      return 1;
    case 'spherical':
      return d;
    default:
      return type satisfies never;
  }
}

/** The words that say whose covariance an error is about, to stand after "covariance". */
export function ofComponent(type: CovarianceType, component: number): string {
  return isShared(type) ? '' : ` of component ${component}`;
}
