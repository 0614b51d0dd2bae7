import { checkOptions, controlRules } from '../check.ts';
import type { FitControl } from './session.ts';

/** How an async method of a fitted model spreads, stops and reports. */
export type BatchControl = Omit<FitControl, 'seed'>;

/** The control of an async method, checked. */
export function checkBatchControl(who: string, control: BatchControl): Readonly<BatchControl> {
  const { workers, signal, onProgress } = controlRules;
  return checkOptions(who, control, { workers, signal, onProgress }, {});
}

/**
 * Tells `onProgress` how much of a batch is done: rows, or the parts that it is answered in. The objective of such an event
 * is NaN.
 */
export function reportTo(
  onProgress: BatchControl['onProgress'],
  task: string,
): (done: number, all: number) => void {
  return (iteration, maxIterations) =>
    onProgress?.({ task, iteration, maxIterations, run: 0, runs: 1, objective: NaN });
}
