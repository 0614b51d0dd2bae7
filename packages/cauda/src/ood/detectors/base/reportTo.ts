import type { BatchControl } from '../../../parallel/batchControl.ts';

/** Tells `onProgress` how many of the rows are done. */
export function reportTo(
  onProgress: BatchControl['onProgress'],
  task: string,
): (done: number, rows: number) => void {
  return (iteration, maxIterations) =>
    onProgress?.({ task, iteration, maxIterations, run: 0, runs: 1, objective: Number.NaN });
}
