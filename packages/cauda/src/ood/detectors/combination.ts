import { log } from '../../kernels/elementary.ts';
import { Matrix } from '../../matrix.ts';
import type { BatchControl } from '../../parallel/batchControl.ts';
import type { SavedReader } from '../../serialize.ts';
import { firstAtLeast, total } from '../../vectors.ts';
import type { Views } from '../../views.ts';
import type { Detector, Examination } from './base/detector.ts';
import { fitTail, KNOTS, surprisal } from './surprisal.ts';

/** What makes one score of several: each is brought to a scale that all share, weighted and joined. */

/** How the terms of a combination are made and joined; `CombineOptions` tells what each means. */
export type By = 'sum' | 'max' | 'fisher' | 'surprisal';
export const ways: readonly By[] = ['sum', 'max', 'fisher', 'surprisal'];

/** A combination, with an entry or a row for each member. */
export interface Combination {
  readonly by: By;
  readonly detectors: readonly Detector[];
  /** −1 for a member that reads the input as it is. */
  readonly layers: Float64Array;
  readonly weights: Float64Array;
  /** What is kept of each member's training scores, as `scales[by]` says. */
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

/** A member of a combination. */
export interface CombinedMember {
  readonly detector: Detector;
  /** −1 for one that reads the views as they are. */
  readonly layer: number;
  readonly weight: number;
}

/**
 * The combination of members whose scores of the training rows are known.
 * @param who begins the messages of errors
 * @throws RangeError for scores of different rows, or scores that are not finite
 */
export function combinationOf(
  who: string,
  members: readonly CombinedMember[],
  scores: readonly Float64Array[],
  by: By,
): Combination {
  checkSameRows(who, scores);
  const references = scores.map((values, m) => {
    const reference = Float64Array.from(scales[by].fit(values));
    if (!reference.every(Number.isFinite))
      throw new RangeError(
        `${who}: the training scores of detector ${m}, ${members[m]!.detector.name}, must be finite and not overflow when squared`,
      );
    return reference;
  });
  return { by, ...columnsOf(members), references: Matrix.from(references) };
}

/** Turns members into the columns of a combination. */
export function columnsOf(
  members: readonly CombinedMember[],
): Pick<Combination, 'detectors' | 'layers' | 'weights'> {
  return {
    detectors: members.map(({ detector }) => detector),
    layers: Float64Array.from(members, ({ layer }) => layer),
    weights: Float64Array.from(members, ({ weight }) => weight),
  };
}

/** Scores some rows. */
export function scoreCombination(who: string, parts: Combination, views: Views): Float64Array {
  const scores = parts.detectors.map((detector, m) =>
    detector.score(viewsOfMember(who, detector, parts.layers[m]!, views)),
  );
  return together(parts, termsOf(who, parts, scores));
}

/** Scores some rows, member after member, in blocks or workers. */
export async function scoreCombinationAsync(
  who: string,
  parts: Combination,
  views: Views,
  { signal, workers, onProgress }: BatchControl,
): Promise<Float64Array> {
  const scores: Float64Array[] = [];
  for (const [m, detector] of parts.detectors.entries()) {
    const given = viewsOfMember(who, detector, parts.layers[m]!, views);
    scores.push(await detector.scoreAsync(given, { signal, workers, onProgress }));
  }
  return together(parts, termsOf(who, parts, scores));
}

/** Scores some rows, and says what each member adds. */
export function examineCombination(who: string, parts: Combination, views: Views): Examination {
  const found = parts.detectors.map((detector, m) =>
    detector.examine(viewsOfMember(who, detector, parts.layers[m]!, views)),
  );
  const terms = termsOf(
    who,
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
  };
}

/** The labels that the nearest class may have: those of the last member that knows classes, which names it. */
export function classesOfMembers({ detectors }: Pick<Combination, 'detectors'>): Int32Array | undefined {
  return detectors.findLast(({ classes }) => classes)?.classes;
}

/** Reads the references of `count` members, and checks that they are what this way of combining keeps. */
export function readReferences(saved: SavedReader, by: By, count: number): Matrix {
  const { length, valid, expected } = scales[by];
  const { data, rows, cols } = saved.matrix('references', count, length);
  const references = new Matrix(Float64Array.from(data), rows, cols);
  for (let m = 0; m < rows; m++)
    if (!valid(references.row(m) as Float64Array)) saved.fail('references', expected);
  return references;
}

/** Brings the members' scores to their common scale, times their weights. */
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

/** Joins the terms of each row: their sum, in the order of the members, or the largest of them. */
function together({ by }: Combination, terms: readonly Float64Array[]): Float64Array {
  const join = by === 'max' ? Math.max : (a: number, b: number) => a + b;
  return terms[0]!.map((first, i) => terms.slice(1).reduce((sum, term) => join(sum, term[i]!), first));
}

/** Picks what a member reads of some views. */
export function viewsOfMember(who: string, detector: Detector, layer: number, views: Views): Views {
  if (layer < 0) return views;
  const features = views?.layers?.[layer];
  if (features === undefined)
    throw new TypeError(`${who}: layers[${layer}] is missing: the features of ${detector.name}`);
  return { ...views, features };
}

function checkSameRows(who: string, scores: readonly Float64Array[]): void {
  const counts = scores.map(({ length }) => length);
  if (counts.some((count) => count !== counts[0]))
    throw new RangeError(`${who}: all detectors must read the same rows; got ${counts.join(', ')} rows`);
}
