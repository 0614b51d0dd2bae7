import { checkOptions, describe, oneOf } from '../check.ts';
import { log } from '../kernels/elementary.ts';
import type { MatrixLike } from '../matrix.ts';
import { Detector, type DetectorInput, type Kind } from './detector.ts';
import { total } from './vectors.ts';

/** A detector for `combine`, and the entry of `layers` that is its features; without one it reads the input as it is. */
export interface Member {
  readonly detector: Detector;
  readonly layer?: number;
}

export interface CombineOptions {
  /**
   * "sum" and "max": of the scores less their training mean, divided by their training standard deviation (1 if that is
   * 0). "fisher": −2 Σ log p, where p is (1 + the training rows that score as high) / (1 + the training rows), so that
   * the size of a score beyond them does not count. Defaults to "sum".
   */
  by?: By;
}

type By = 'sum' | 'max' | 'fisher';
const choices: readonly By[] = ['sum', 'max', 'fisher'];

/** The members, and what their scores of the training rows were: arrays with an entry, or a row, for each member. */
interface Combination {
  readonly by: By;
  readonly detectors: readonly Detector[];
  /** −1 for a member that reads the input as it is. */
  readonly layers: Float64Array;
  readonly means: Float64Array;
  readonly deviations: Float64Array;
  /** For "fisher", all of them, increasing; else empty. */
  readonly sorted: Float64Array;
}

export const combineKind: Kind<Combination> = {
  name: 'combine',
  score: (parts, input) => {
    const { by, detectors, layers, means, deviations, sorted } = parts;
    const n = sorted.length / detectors.length;
    const terms = detectors.map((detector, m) => {
      const scores = memberScores('combine.score', detector, layers[m]!, input);
      if (by !== 'fisher') return scores.map((score) => (score - means[m]!) / deviations[m]!);
      const training = sorted.subarray(m * n, (m + 1) * n);
      return scores.map((score) => -2 * log((1 + n - firstAtLeast(training, score)) / (1 + n)));
    });
    checkSameRows('combine.score', terms);
    return terms[0]!.map((_, i) => {
      const row = terms.map((term) => term[i]!);
      return by === 'max' ? row.reduce((most, term) => Math.max(most, term)) : total(row);
    });
  },
  read: (saved, nested) => {
    const values = saved.field('detectors');
    if (!Array.isArray(values) || values.length === 0)
      saved.fail('detectors', 'an array of at least one saved detector');
    const detectors = (values as unknown[]).map(nested);
    const count = detectors.length;
    const by = saved.choice('by', choices);
    const layers = saved.numbers('layers', count);
    if (!layers.every((layer) => Number.isInteger(layer) && layer >= -1))
      saved.fail('layers', 'integers ≥ −1');
    const deviations = saved.numbers('deviations', count);
    if (!deviations.every((deviation) => deviation > 0)) saved.fail('deviations', 'positive numbers');
    const sorted = saved.numbers('sorted', by === 'fisher' ? undefined : 0);
    const n = sorted.length / count;
    if (
      by === 'fisher' &&
      !(n >= 1 && Number.isInteger(n) && sorted.every((v, i) => i % n === 0 || v >= sorted[i - 1]!))
    )
      saved.fail('sorted', 'the increasing training scores of each detector in turn');
    return { by, detectors, layers, means: saved.numbers('means', count), deviations, sorted };
  },
};

/**
 * Several detectors as one, each brought to the same scale on the training rows. No single score is good both near the
 * training rows and far from them; the sum of one of features and one of logits can be.
 *
 *     combine([{ detector: gaussians, layer: 0 }, energy()], { layers: [firstHidden], logits })
 * @param members detectors, fitted on the same training rows or on none
 * @param training the training rows, as the members read them
 * @throws TypeError if what a member reads is missing, RangeError if its training scores are not finite
 */
export function combine(
  members: readonly (Detector | Member)[],
  training: DetectorInput,
  options: CombineOptions = {},
): Detector {
  const who = 'combine';
  const { by } = checkOptions(who, options, { by: oneOf(...choices) }, { by: 'sum' as By });
  if (!Array.isArray(members) || members.length === 0)
    throw new TypeError(`${who}: expected an array of at least one detector; got ${describe(members)}`);
  const checked = members.map((member, m) => checkMember(who, member, m));
  const scores = checked.map(({ detector, layer }) => memberScores(who, detector, layer, training));
  checkSameRows(who, scores);
  const moments = scores.map((values, m) => {
    const mean = total(values) / values.length;
    const variance = total(values.map((v) => (v - mean) * (v - mean))) / values.length;
    if (!Number.isFinite(variance))
      throw new RangeError(
        `${who}: the training scores of detector ${m}, ${checked[m]!.detector.name}, must be finite and not overflow when squared`,
      );
    return { mean, deviation: Math.sqrt(variance) || 1 };
  });
  const sorted = by === 'fisher' ? scores.flatMap((values) => Array.from(values.slice().sort())) : [];
  return Detector.of(combineKind, {
    by,
    detectors: checked.map(({ detector }) => detector),
    layers: Float64Array.from(checked, ({ layer }) => layer),
    means: Float64Array.from(moments, ({ mean }) => mean),
    deviations: Float64Array.from(moments, ({ deviation }) => deviation),
    sorted: Float64Array.from(sorted),
  });
}

function checkMember(who: string, member: Detector | Member, index: number): Required<Member> {
  if (member instanceof Detector) return { detector: member, layer: -1 };
  const { detector, layer = -1 } = (member ?? {}) as Partial<Member>;
  if (!(detector instanceof Detector))
    throw new TypeError(
      `${who}: member ${index} must be a detector or { detector, layer }; got ${describe(member)}`,
    );
  if (layer !== -1 && !(Number.isInteger(layer) && layer >= 0))
    throw new RangeError(`${who}: layer of member ${index} must be an integer ≥ 0; got ${describe(layer)}`);
  return { detector, layer };
}

function memberScores(who: string, detector: Detector, layer: number, input: DetectorInput): Float64Array {
  if (layer < 0) return detector.score(input);
  const features: MatrixLike | undefined = input?.layers?.[layer];
  if (features === undefined)
    throw new TypeError(`${who}: layers[${layer}] is missing: the features of ${detector.name}`);
  return detector.score({ ...input, features });
}

function checkSameRows(who: string, scores: readonly Float64Array[]): void {
  const counts = scores.map(({ length }) => length);
  if (counts.some((count) => count !== counts[0]))
    throw new RangeError(`${who}: all detectors must read the same rows; got ${counts.join(', ')} rows`);
}

/** How many of the increasing values are below `score`. */
function firstAtLeast(increasing: Float64Array, score: number): number {
  let low = 0;
  let high = increasing.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (increasing[middle]! < score) low = middle + 1;
    else high = middle;
  }
  return low;
}
