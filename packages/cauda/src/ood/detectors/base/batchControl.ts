import { checkOptions, controlRules } from '../../../check.ts';
import type { FitControl } from '../../../parallel/session.ts';

/** How an async method of a fitted model spreads, stops and reports. */
export type BatchControl = Omit<FitControl, 'seed'>;

/** The control of an async method, checked. */
export function checkBatchControl(who: string, control: BatchControl): Readonly<BatchControl> {
  const { workers, signal, onProgress } = controlRules;
  return checkOptions(who, control, { workers, signal, onProgress }, {});
}

/** Tells `onProgress` how many of the rows are done. */
export function reportTo(
  onProgress: BatchControl['onProgress'],
  task: string,
): (done: number, rows: number) => void {
  return (iteration, maxIterations) =>
    onProgress?.({ task, iteration, maxIterations, run: 0, runs: 1, objective: Number.NaN });
}
