/** What some work gave, and how long it took on the wall's clock. */
export interface TimedFit<Model> {
  readonly model: Model;
  readonly seconds: number;
}

/** Fits a model and takes the time. */
export async function timed<Model>(fit: () => Promise<Model>): Promise<TimedFit<Model>> {
  const started = performance.now();
  const model = await fit();
  return { model, seconds: secondsSince(started) };
}

/**
 * Seconds since an earlier moment.
 * @param started that moment, from `performance.now()`
 */
export function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
