import { checkOptions, controlRules } from '../check.ts';
import type { FitControl } from './session.ts';

/** How an async method of a fitted model spreads, stops and reports. */
export type BatchControl = Omit<FitControl, 'seed'>;

/** The control of an async method, checked. */
export function checkBatchControl(who: string, control: BatchControl): Readonly<BatchControl> {
  const { workers, signal, onProgress } = controlRules;
  return checkOptions(who, control, { workers, signal, onProgress }, {});
}
