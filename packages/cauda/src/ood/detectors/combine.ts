import { checkOptions, controlRules, describe, oneOf } from '../../check.ts';
import type { FitControl } from '../../parallel/session.ts';
import type { Views } from '../../views.ts';
import { Detector, type DetectorKind, detectorOf } from './base/detector.ts';
import {
  type By,
  type Combination,
  type CombinedMember,
  classesOfMembers,
  combinationOf,
  examineCombination,
  readReferences,
  scoreCombination,
  scoreCombinationAsync,
  viewsOfMember,
  ways,
} from './combination.ts';

/** A detector for `combine`. */
export interface Member {
  readonly detector: Detector;
  /** The entry of `layers` that is its features; without one it reads the input as it is. */
  readonly layer?: number;
  /** What its term is multiplied by, > 0; defaults to 1. */
  readonly weight?: number;
}

export interface CombineOptions extends FitControl {
  /**
   * How the members' scores become terms of one scale, and what is made of the terms. Defaults to "sum".
   * - "sum" and "max": a score less its training mean, divided by its training standard deviation (1 if that is 0).
   * - "fisher": −2 Σ log p, where p is (1 + the training rows that score as high) / (1 + the training rows), so that the
   *   size of a score beyond them does not count.
   * - "surprisal": −Σ log p with p from the training scores' percentiles and an exponential tail beyond the 90th, so that
   *   the size of an extreme score counts, and being familiar in one does not make up for being strange in another.
   */
  by?: By;
}

export const combineKind: DetectorKind<Combination> = {
  name: 'combine',
  score: (parts, views) => scoreCombination('combine.score', parts, views),
  scoreAsync: (parts, views, control) => scoreCombinationAsync('combine.scoreAsync', parts, views, control),
  examine: (parts, views) => examineCombination('combine.examine', parts, views),
  classes: classesOfMembers,
  read: (saved, inner) => {
    const values = saved.field('detectors');
    if (!Array.isArray(values) || values.length === 0)
      saved.fail('detectors', 'an array of at least one saved detector');
    const detectors = (values as unknown[]).map((value) => inner.detector(value));
    const by = saved.choice('by', ways);
    const layers = saved.numbers('layers', detectors.length);
    if (!layers.every((layer) => Number.isInteger(layer) && layer >= -1))
      saved.fail('layers', 'integers ≥ −1');
    const weights = saved.numbers('weights', detectors.length);
    if (!weights.every((weight) => weight > 0)) saved.fail('weights', 'positive numbers');
    return {
      by,
      detectors,
      layers,
      weights,
      references: readReferences(saved, by, detectors.length),
    };
  },
};

/**
 * Several detectors as one, each brought to the same scale on the training rows. No single score is good both near the
 * training rows and far from them; the sum of one of features and one of logits can be.
 *
 *     await combine([{ detector: gaussians, layer: 0 }, energy()], { layers: [firstHidden], logits })
 * @param members detectors, fitted on the same training rows or on none
 * @param training rows like the training rows, as the members read them
 * @throws TypeError if what a member reads is missing, RangeError if its training scores are not finite; the
 *   signal's reason when aborted
 */
export async function combine(
  members: readonly (Detector | Member)[],
  training: Views,
  options: CombineOptions = {},
): Promise<Detector> {
  const who = 'combine';
  const rules = { ...controlRules, by: oneOf(...ways) };
  const { by, workers, signal, onProgress } = checkOptions(who, options, rules, { by: 'sum' as By });
  if (!Array.isArray(members) || members.length === 0)
    throw new TypeError(`${who}: expected an array of at least one detector; got ${describe(members)}`);
  const checked = members.map((member, m) => checkMember(who, member, m));
  const scores: Float64Array[] = [];
  for (const { detector, layer } of checked)
    scores.push(
      await detector.scoreAsync(viewsOfMember(who, detector, layer, training), {
        workers,
        signal,
        onProgress,
      }),
    );
  return detectorOf(combineKind, combinationOf(who, checked, scores, by));
}

function checkMember(who: string, member: Detector | Member, index: number): CombinedMember {
  if (member instanceof Detector) return { detector: member, layer: -1, weight: 1 };
  const { detector, layer = -1, weight = 1 } = (member ?? {}) as Partial<Member>;
  if (!(detector instanceof Detector))
    throw new TypeError(
      `${who}: member ${index} must be a detector or { detector, layer }; got ${describe(member)}`,
    );
  if (layer !== -1 && !(Number.isInteger(layer) && layer >= 0))
    throw new RangeError(`${who}: layer of member ${index} must be an integer ≥ 0; got ${describe(layer)}`);
  if (!(typeof weight === 'number' && weight > 0 && weight < Infinity))
    throw new RangeError(
      `${who}: weight of member ${index} must be a positive number; got ${describe(weight)}`,
    );
  return { detector, layer, weight };
}
