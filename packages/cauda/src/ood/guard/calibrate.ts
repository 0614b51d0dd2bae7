import { describe } from '../../check.ts';
import { Detector } from '../detectors/base/detector.ts';
import { calibrated, type GuardInput, type GuardOptions } from './calibrated.ts';
import { Guard } from './guard.ts';

/**
 * A detector's guard: false alarms at most `alpha` with `confidence`, by the scores of rows that neither the network nor
 * the detector was fitted on (`calibrateScores` has the formula).
 *
 *     const guard = await calibrate(await autoGuard(training), { layers, logits }, { alpha: 0.05 });
 *     guard.check({ layers, logits }).inDistribution
 *     writeFileSync('guard.json', JSON.stringify(guard));
 * @param heldOut familiar rows, as the detector reads them, or as { inputs } with a network; independent of each other
 * @throws RangeError if they are too few for the promise, saying how many it takes; TypeError or RangeError for options
 *   and rows that make no sense; the signal's reason when aborted
 */
export async function calibrate(
  detector: Detector,
  heldOut: GuardInput,
  options: GuardOptions,
): Promise<Guard> {
  const who = 'calibrate';
  if (!(detector instanceof Detector))
    throw new TypeError(`${who}: expected a detector, { … } and options; got ${whatIsThat(detector)}`);
  const network = options?.network;
  const before = { detector, network, networkDigest: network?.digest };
  const parts = await calibrated(who, before, heldOut, options);
  return new Guard({ detector, network, unreadNetwork: undefined, ...parts });
}

/** What came in place of a detector, and what to do about it. */
function whatIsThat(given: unknown): string {
  if (given instanceof Promise) return 'a promise of one: await it';
  if (typeof given === 'function') return 'a function: call it, as in energy()';
  return `${describe(given)}; for scores use calibrateScores`;
}
