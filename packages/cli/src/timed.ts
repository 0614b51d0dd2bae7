/** A fitted model and how long its fit took, by the clock on the wall. */
export interface TimedFit<Model> {
  readonly model: Model;
  readonly seconds: number;
}

/** Fits a model and measures the time. */
export async function timed<Model>(fit: () => Promise<Model>): Promise<TimedFit<Model>> {
  const started = performance.now();
  const model = await fit();
  return { model, seconds: secondsSince(started) };
}

/**
 * Seconds that have passed.
 * @param started `performance.now()` at the beginning
 */
export function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
