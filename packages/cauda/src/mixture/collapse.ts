/** A covariance is not positive definite: what a fit of many mixtures notes, and goes on. */
export class CollapseError extends Error {}

/** @param component whose covariance it is, unless it is that of all */
export function collapsed(who: string, tied: boolean, component: number, remedy: string): CollapseError {
  return new CollapseError(
    `${who}: ${tied ? 'the tied covariance' : `component ${component}`} collapsed (covariance not positive definite); try ${remedy}, or scaled data`,
  );
}
