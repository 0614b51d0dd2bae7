import { checkOptions, describe, flag, type Rule, seedRule, shaped } from '../../check.ts';
import { integersOf, type Labels } from '../../labels.ts';
import { Random } from '../../random.ts';
import { firstAtLeast } from '../../vectors.ts';
import { checkScores } from '../evaluation/scores.ts';

export interface ConformalOptions {
  /** Whether to break ties at random, which makes p exactly uniform; defaults to false. */
  smoothed?: boolean;
  /** Seed of the random ties, used only if `smoothed`; defaults to 0. */
  seed?: number;
}
export interface LabelConditionalOptions {
  /**
   * A label for each row of `scores`, given by the rule that gave `calibrationLabels` (such as the class that the same
   * network predicts). Without it, p is the largest over all classes.
   */
  labels?: Labels;
}

const conformalRules: Record<keyof ConformalOptions, Rule> = { smoothed: flag, seed: seedRule };
const conformalDefaults = { smoothed: false, seed: 0 };
const labelRules: Record<keyof LabelConditionalOptions, Rule> = {
  labels: shaped('an array of integers', (v) => Array.isArray(v) || ArrayBuffer.isView(v)),
};

/**
 * Split-conformal p-values: how unusual each score is among n calibration scores,
 *   p = (1 + #{i: sᵢ ≥ s}) / (n + 1),
 * or, smoothed, (#{sᵢ > s} + U (1 + #{sᵢ = s})) / (n + 1) with U uniform in (0, 1].
 *
 * If s is exchangeable with the calibration scores, P(p ≤ a) ≤ a for every a, over the draw of both; smoothed, P(p ≤ a)
 * = a. The calibration rows must not have been used to fit the detector. Vovk, Gammerman and Shafer: *Algorithmic
 * Learning in a Random World*, 2005, section 2.2. For a promise about the calibration scores at hand, see `calibrateScores`
 * and `conditionalPValues`.
 * @param calibrationScores outlier scores of in-distribution rows, larger = further out (length n, any order)
 * @param scores the scores to judge
 * @returns p in (0, 1] for each score; small = unusual
 * @throws TypeError or RangeError naming the array and index of a score that is no number
 */
export function conformalPValues(
  calibrationScores: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: ConformalOptions = {},
): Float64Array {
  const who = 'conformalPValues';
  const { smoothed, seed } = checkOptions(who, options, conformalRules, conformalDefaults);
  const sorted = checkScores(`${who}: calibrationScores`, calibrationScores).sort();
  const random = new Random(seed);
  return checkScores(`${who}: scores`, scores).map((score) => {
    const atLeast = countAtLeast(sorted, score);
    if (!smoothed) return (1 + atLeast) / (sorted.length + 1);
    const above = countAbove(sorted, score);
    return (above + (1 - random.uniform()) * (1 + atLeast - above)) / (sorted.length + 1);
  });
}

/**
 * Conformal p-values that keep their promise within each class, not only on average over the classes:
 *   p_y = (1 + #{i of class y: sᵢ ≥ s}) / (n_y + 1).
 *
 * - Without `labels`, p = max_y p_y: a row is unusual only if it is unusual for every class. P(p ≤ a | true class) ≤ a.
 * - With `labels`, p = p_y for the row's own label: P(p ≤ a | label) ≤ a, if one rule labels calibration rows and new
 *   rows alike. True calibration labels with predicted new ones are two rules, and then nothing is promised. A label
 *   that no calibration row has gives p = 1.
 *
 * Vovk, Gammerman and Shafer: *Algorithmic Learning in a Random World*, 2005, section 4.5 (Mondrian predictors).
 * @param calibrationScores outlier scores of in-distribution rows, larger = further out (length n)
 * @param calibrationLabels their classes (length n, integers)
 * @param scores the scores to judge
 * @returns p in (0, 1] for each score
 * @throws TypeError or RangeError for a score that is no number, a label that is no integer, or unequal lengths
 */
export function labelConditionalPValues(
  calibrationScores: ArrayLike<number>,
  calibrationLabels: Labels,
  scores: ArrayLike<number>,
  options: LabelConditionalOptions = {},
): Float64Array {
  const who = 'labelConditionalPValues';
  const { labels } = checkOptions(who, options, labelRules, {});
  const calibration = checkScores(`${who}: calibrationScores`, calibrationScores);
  const classOf = checkIntegerLabels(who, 'calibrationLabels', calibrationLabels, calibration.length);
  const checked = checkScores(`${who}: scores`, scores);
  const given = labels && checkIntegerLabels(who, 'labels', labels, checked.length);

  const byClass = new Map<number, number[]>();
  calibration.forEach((score, i) => {
    const label = classOf[i]!;
    const members = byClass.get(label);
    if (members) members.push(score);
    else byClass.set(label, [score]);
  });
  const sorted = new Map<number, Float64Array>();
  for (const [label, members] of byClass) sorted.set(label, Float64Array.from(members).sort());

  const none = new Float64Array(0);
  const pValue = (of: Float64Array, score: number) => (1 + countAtLeast(of, score)) / (of.length + 1);
  if (given) return checked.map((score, i) => pValue(sorted.get(given[i]!) ?? none, score));
  return checked.map((score) => {
    let largest = 0;
    for (const of of sorted.values()) largest = Math.max(largest, pValue(of, score));
    return largest;
  });
}

/** Counts how many of the increasing numbers are ≥ score. */
export function countAtLeast(sorted: Float64Array, score: number): number {
  return sorted.length - firstAtLeast(sorted, score);
}

/** Counts how many of the increasing numbers are > score. */
function countAbove(sorted: Float64Array, score: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! > score) high = middle;
    else low = middle + 1;
  }
  return sorted.length - low;
}

/**
 * @returns the score, if it is a number
 */
export function checkScore(who: string, score: number): number {
  if (typeof score !== 'number')
    throw new TypeError(`${who}: score must be a number; got ${describe(score)}`);
  if (Number.isNaN(score)) throw new RangeError(`${who}: score is NaN; expected a number`);
  return score;
}

/**
 * Checks calibration scores. They must be finite, so that they can be saved.
 * @returns a copy, increasing
 */
export function sortCalibration(who: string, scores: ArrayLike<number>): Float64Array {
  const checked = checkScores(`${who}: calibrationScores`, scores);
  const wrong = checked.findIndex((score) => !Number.isFinite(score));
  if (wrong >= 0)
    throw new RangeError(`${who}: calibrationScores[${wrong}] must be finite; got ${checked[wrong]}`);
  return checked.sort();
}

function checkIntegerLabels(who: string, name: string, labels: Labels, length: number): Float64Array {
  if (labels?.length !== length)
    throw new RangeError(
      `${who}: ${name} must have ${length} labels, one for each score; got ${labels?.length}`,
    );
  return integersOf(`${who}: ${name}`, labels);
}
