import { type CovarianceType, isShared } from './type.ts';

/** A covariance is not positive definite. A search over many mixtures notes it and goes on to the next. */
export class CollapseError extends Error {}

/**
 * The error of a fit in which a covariance is no longer positive definite.
 * @param component the one whose covariance it is, unless all share it
 * @param remedy what to try, besides scaled data
 * @param weight its mixing weight, where that is known
 */
export function collapsed(
  who: string,
  type: CovarianceType,
  component: number,
  remedy: string,
  weight?: number,
): CollapseError {
  const share = weight === undefined ? '' : ` (weight ${Number(weight.toPrecision(3))})`;
  const what = isShared(type) ? 'the tied covariance' : `component ${component}${share}`;
  return new CollapseError(
    `${who}: ${what} collapsed (covariance not positive definite); try ${remedy}, or scaled data`,
  );
}

/** The error of what cannot happen: a covariance that was factored once is not positive definite now. */
export function factoredBefore(who: string): (component: number) => Error {
  return (component) => new Error(`${who}: component ${component} has no Cholesky factor`);
}
