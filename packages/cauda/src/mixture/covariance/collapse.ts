/** A covariance is not positive definite: what a fit of many mixtures notes, and goes on. */
export class CollapseError extends Error {}

/**
 * @param component whose covariance it is, unless it is that of all
 * @param weight its mixing weight, where that is known
 */
export function collapsed(
  who: string,
  tied: boolean,
  component: number,
  remedy: string,
  weight?: number,
): CollapseError {
  const share = weight === undefined ? '' : ` (weight ${Number(weight.toPrecision(3))})`;
  const what = tied ? 'the tied covariance' : `component ${component}${share}`;
  return new CollapseError(
    `${who}: ${what} collapsed (covariance not positive definite); try ${remedy}, or scaled data`,
  );
}
