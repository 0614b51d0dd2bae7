import { checkOptions, controlRules, describe, oneOf } from '../../check.ts';
import { log } from '../../kernels/elementary.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import type { SavedReader } from '../../serialize.ts';
import { Detector, type DetectorKind, type Examination } from './base/detector.ts';
import type { DetectorInput } from './base/input.ts';
import { fitTail, KNOTS, surprisal } from './surprisal.ts';
import { firstAtLeast, total } from './vectors.ts';

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

type By = 'sum' | 'max' | 'fisher' | 'surprisal';
const choices: readonly By[] = ['sum', 'max', 'fisher', 'surprisal'];

/** The members, with an entry, or a row, for each. */
interface Combination {
  readonly by: By;
  readonly detectors: readonly Detector[];
  /** −1 for a member that reads the input as it is. */
  readonly layers: Float64Array;
  readonly weights: Float64Array;
  /** What the training scores were: as `scales[by]` has it. */
  readonly references: Matrix;
}

/** How a way of combining brings scores to its scale. */
interface Scale {
  /** What is kept of a member's training scores. */
  readonly fit: (scores: Float64Array) => ArrayLike<number>;
  readonly term: (reference: Float64Array, score: number) => number;
  /** The length of a reference, where it is fixed. */
  readonly length?: number;
  readonly valid: (reference: Float64Array) => boolean;
  /** What a valid reference is. */
  readonly expected: string;
}

const increasing = (values: Float64Array): boolean => values.every((v, i) => i === 0 || v >= values[i - 1]!);

const standardized: Scale = {
  fit: (scores) => {
    const mean = total(scores) / scores.length;
    return [mean, Math.sqrt(total(scores.map((v) => (v - mean) * (v - mean))) / scores.length) || 1];
  },
  term: ([mean, deviation], score) => (score - mean!) / deviation!,
  length: 2,
  valid: ([, deviation]) => deviation! > 0,
  expected: 'the mean and the positive deviation of the training scores of each detector',
};

const scales: Record<By, Scale> = {
  sum: standardized,
  max: standardized,
  fisher: {
    fit: (scores) => scores.slice().sort(),
    term: (sorted, score) =>
      -2 * log((1 + sorted.length - firstAtLeast(sorted, score)) / (1 + sorted.length)),
    valid: increasing,
    expected: 'the increasing training scores of each detector',
  },
  surprisal: {
    fit: (scores) => {
      const { knots, excess } = fitTail(scores);
      return [...knots, excess];
    },
    term: (reference, score) =>
      surprisal({ knots: reference.subarray(0, KNOTS), excess: reference[KNOTS]! }, score),
    length: KNOTS + 1,
    valid: (reference) => increasing(reference.subarray(0, KNOTS)) && reference[KNOTS]! > 0,
    expected: 'the increasing percentiles and the positive excess of the training scores of each detector',
  },
};

export const combineKind: DetectorKind<Combination> = {
  name: 'combine',
  score: (parts, input) => {
    const scores = parts.detectors.map((detector, m) =>
      memberInput('combine.score', detector, parts.layers[m]!, input, (given) => detector.score(given)),
    );
    return together(parts, termsOf('combine.score', parts, scores));
  },
  examine: (parts, input) => {
    const found = parts.detectors.map((detector, m) =>
      memberInput('combine.examine', detector, parts.layers[m]!, input, (given) => detector.examine(given)),
    );
    const terms = termsOf(
      'combine.examine',
      parts,
      found.map(({ scores }) => scores),
    );
    return {
      scores: together(parts, terms),
      nearest: found.findLast(({ nearest }) => nearest)?.nearest,
      parts: terms.map((scores, m) => ({
        detector: parts.detectors[m]!.name,
        layer: parts.layers[m]! < 0 ? undefined : parts.layers[m],
        scores,
      })),
    } satisfies Examination;
  },
  read: (saved, nested) => {
    const values = saved.field('detectors');
    if (!Array.isArray(values) || values.length === 0)
      saved.fail('detectors', 'an array of at least one saved detector');
    const detectors = (values as unknown[]).map(nested);
    const by = saved.choice('by', choices);
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
      references: readReferences(saved, scales[by], detectors.length),
    };
  },
};

function readReferences(saved: SavedReader, { length, valid, expected }: Scale, count: number): Matrix {
  const { data, rows, cols } = saved.matrix('references', count, length);
  const references = new Matrix(Float64Array.from(data), rows, cols);
  for (let m = 0; m < rows; m++)
    if (!valid(references.row(m) as Float64Array)) saved.fail('references', expected);
  return references;
}

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
  training: DetectorInput,
  options: CombineOptions = {},
): Promise<Detector> {
  const who = 'combine';
  const rules = { ...controlRules, by: oneOf(...choices) };
  const { by, workers, signal } = checkOptions(who, options, rules, { by: 'sum' as By });
  if (!Array.isArray(members) || members.length === 0)
    throw new TypeError(`${who}: expected an array of at least one detector; got ${describe(members)}`);
  const checked = members.map((member, m) => checkMember(who, member, m));
  const scores: Float64Array[] = [];
  for (const { detector, layer } of checked)
    scores.push(
      await memberInput(who, detector, layer, training, (given) =>
        detector.scoreAsync(given, { workers, signal }),
      ),
    );
  return combineScored(who, checked, scores, by);
}

/**
 * `combine` of members whose scores of the training rows are known.
 * @param members with layer −1 for one that reads the input as it is
 */
export function combineScored(
  who: string,
  members: readonly Required<Member>[],
  scores: readonly Float64Array[],
  by: By,
): Detector {
  checkSameRows(who, scores);
  const references = scores.map((values, m) => {
    const reference = Float64Array.from(scales[by].fit(values));
    if (!reference.every(Number.isFinite))
      throw new RangeError(
        `${who}: the training scores of detector ${m}, ${members[m]!.detector.name}, must be finite and not overflow when squared`,
      );
    return reference;
  });
  return Detector.of(combineKind, {
    by,
    detectors: members.map(({ detector }) => detector),
    layers: Float64Array.from(members, ({ layer }) => layer),
    weights: Float64Array.from(members, ({ weight }) => weight),
    references: Matrix.from(references),
  });
}

/** The members' scores on their scale, times their weights. */
function termsOf(
  who: string,
  { by, weights, references }: Combination,
  scores: readonly Float64Array[],
): Float64Array[] {
  checkSameRows(who, scores);
  const { term } = scales[by];
  return scores.map((values, m) => {
    const reference = references.row(m) as Float64Array;
    return values.map((score) => weights[m]! * term(reference, score));
  });
}

/** The terms of each row, added in the order of the members; or the largest. */
function together({ by }: Combination, terms: readonly Float64Array[]): Float64Array {
  const join = by === 'max' ? Math.max : (a: number, b: number) => a + b;
  return terms[0]!.map((first, i) => terms.slice(1).reduce((sum, term) => join(sum, term[i]!), first));
}

function checkMember(who: string, member: Detector | Member, index: number): Required<Member> {
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

/** What the detector says of its part of the input. */
function memberInput<Result>(
  who: string,
  detector: Detector,
  layer: number,
  input: DetectorInput,
  ask: (given: DetectorInput) => Result,
): Result {
  if (layer < 0) return ask(input);
  const features: MatrixLike | undefined = input?.layers?.[layer];
  if (features === undefined)
    throw new TypeError(`${who}: layers[${layer}] is missing: the features of ${detector.name}`);
  return ask({ ...input, features });
}

function checkSameRows(who: string, scores: readonly Float64Array[]): void {
  const counts = scores.map(({ length }) => length);
  if (counts.some((count) => count !== counts[0]))
    throw new RangeError(`${who}: all detectors must read the same rows; got ${counts.join(', ')} rows`);
}
