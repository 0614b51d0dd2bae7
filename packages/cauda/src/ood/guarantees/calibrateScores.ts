import { checkOptions, type Rule, required } from '../../check.ts';
import { type SavedArray, SavedReader, saveArray } from '../../serialize.ts';
import { checkScores } from '../evaluation/scores.ts';
import { betaCdf, betaQuantile } from './beta.ts';
import { shareRule } from './conditional.ts';
import { checkScore, countAtLeast, sortCalibration } from './conformal.ts';

export interface CalibrateOptions {
  /** The largest share of in-distribution rows that may be flagged, in [1e-9, 1). */
  alpha: number;
  /** The probability, over the draw of the calibration rows, that this holds; in (0, 1), defaults to 0.95. */
  confidence?: number;
}

/** The rules of `CalibrateOptions`. */
export const calibrateRules: Record<keyof CalibrateOptions, Rule> = {
  alpha: required({
    expected: 'a number in [1e-9, 1)',
    kind: (value) => typeof value === 'number',
    range: (value: number) => value >= 1e-9 && value < 1,
  }),
  confidence: shareRule,
};
const defaults = { confidence: 0.95 };

/** How often a threshold raises a false alarm, if scores do not tie. */
export interface FalseAlarmInterval {
  /** The rate is at least this, with the calibration's confidence. */
  readonly low: number;
  /** The mean rate over all calibration sets. */
  readonly expected: number;
  /** The rate is at most this, with the calibration's confidence, also where scores tie. Never above `alpha`. */
  readonly high: number;
}

/** A calibration as plain data. */
export interface SavedCalibration {
  readonly format: 'cauda.calibration';
  readonly version: 2;
  readonly alpha: number;
  readonly confidence: number;
  readonly scores: SavedArray;
}

/**
 * A threshold that keeps false alarms at or below `alpha` with the given confidence: for a share ≥ `confidence` of all
 * calibration sets, the chance that a new in-distribution row exceeds it is at most `alpha`.
 *
 * The threshold is the l-th largest of n calibration scores. How often it is exceeded follows Beta(l, n + 1 − l) over
 * calibration sets (ties only make it rarer), and l is the largest with P(Beta(l, n + 1 − l) ≤ alpha) ≥ confidence.
 * Vovk: *Conditional validity of inductive conformal predictors*, 2012, proposition 2.
 *
 *     const calibration = calibrateScores(detector.score(heldOut), { alpha: 0.05 });
 *     calibration.inDistribution(score)
 * @param calibrationScores outlier scores, larger = further out, of in-distribution rows that the detector was not
 *   fitted on, independent of each other (length n, finite)
 * @throws RangeError if there are too few scores for the promise, saying how many it takes; TypeError or RangeError for
 *   a score that is no finite number
 */
export function calibrateScores(
  calibrationScores: ArrayLike<number>,
  options: CalibrateOptions,
): Calibration {
  return calibrationOf('calibrateScores', calibrationScores, options);
}

/** `calibrateScores`, with errors that begin with `who`. */
export function calibrationOf(
  who: string,
  calibrationScores: ArrayLike<number>,
  options: CalibrateOptions,
): Calibration {
  const { alpha, confidence } = checkOptions(who, options, calibrateRules, defaults);
  const scores = sortCalibration(who, calibrationScores);
  const n = scores.length;
  if (!enough(n, alpha, confidence))
    throw new RangeError(
      `${who}: alpha ${alpha} with confidence ${confidence} needs at least ${calibrationRowsNeeded({ alpha, confidence })} calibration scores; got ${n}; take more rows, a larger alpha or a lower confidence`,
    );
  let rank = 1; // enough
  let tooFar = n + 1;
  while (tooFar - rank > 1) {
    const middle = (rank + tooFar) >>> 1;
    if (betaCdf(alpha, middle, n + 1 - middle) >= confidence) rank = middle;
    else tooFar = middle;
  }
  return new Calibration(alpha, confidence, scores, rank);
}

/**
 * How many calibration scores `calibrate` and `calibrateScores` need to make a promise: the smallest n with
 * (1 − alpha)ⁿ ≤ 1 − confidence, which is 59 for 5 % and 299 for 1 % with confidence 0.95.
 */
export function calibrationRowsNeeded(options: CalibrateOptions): number {
  const { alpha, confidence } = checkOptions('calibrationRowsNeeded', options, calibrateRules, defaults);
  let tooFew = 0;
  let sufficient = 1;
  while (!enough(sufficient, alpha, confidence)) {
    tooFew = sufficient;
    sufficient *= 2;
  }
  while (sufficient - tooFew > 1) {
    const middle = Math.floor((tooFew + sufficient) / 2);
    if (enough(middle, alpha, confidence)) sufficient = middle;
    else tooFew = middle;
  }
  return sufficient;
}

/** Whether n scores suffice: whether, with the confidence, the largest of them is exceeded at most alpha often. */
function enough(n: number, alpha: number, confidence: number): boolean {
  return betaCdf(alpha, 1, n) >= confidence;
}

/** A threshold with its promise. */
export class Calibration {
  static readonly format: string = 'cauda.calibration';

  readonly alpha: number;
  readonly confidence: number;
  /** A row is flagged if its score is above this, strictly. */
  readonly threshold: number;
  /** The threshold's place among the calibration scores, 1 for the largest. */
  readonly rank: number;
  readonly falseAlarmInterval: FalseAlarmInterval;
  /** The calibration scores, increasing. */
  readonly scores: Float64Array;

  /** Use `calibrateScores` or `Calibration.fromJSON`. */
  constructor(alpha: number, confidence: number, scores: Float64Array, rank: number) {
    const n = scores.length;
    this.alpha = alpha;
    this.confidence = confidence;
    this.threshold = scores[n - rank]!;
    this.rank = rank;
    this.falseAlarmInterval = Object.freeze({
      low: betaQuantile(1 - confidence, rank, n + 1 - rank),
      expected: rank / (n + 1),
      high: Math.min(alpha, betaQuantile(confidence, rank, n + 1 - rank)),
    });
    this.scores = scores;
    Object.freeze(this);
  }

  /**
   * Whether the score is not flagged: at most the threshold. The same as `pValue(score) > rank / (n + 1)`.
   * @throws TypeError or RangeError for what is not a number
   */
  inDistribution(score: number): boolean {
    return checkScore('Calibration.inDistribution', score) <= this.threshold;
  }

  /**
   * The conformal p-value of one score, (1 + #{i: sᵢ ≥ score}) / (n + 1), as `conformalPValues` gives it.
   * @throws TypeError or RangeError for what is not a number
   */
  pValue(score: number): number {
    return (
      (1 + countAtLeast(this.scores, checkScore('Calibration.pValue', score))) / (this.scores.length + 1)
    );
  }

  /**
   * The conformal p-values of several scores.
   * @throws TypeError or RangeError naming the index of a score that is no number
   */
  pValues(scores: ArrayLike<number>): Float64Array {
    return checkScores('Calibration.pValues: scores', scores).map((score) => this.pValue(score));
  }

  /** The calibration as plain data, which `fromJSON` reads back to the same bits. */
  toJSON(): SavedCalibration {
    const { alpha, confidence, scores } = this;
    return { format: 'cauda.calibration', version: 2, alpha, confidence, scores: saveArray(scores) };
  }

  /** @throws TypeError or RangeError naming what is wrong with `value`, or saying that the scores are too few */
  static fromJSON(value: unknown): Calibration {
    const who = 'Calibration.fromJSON';
    const saved = new SavedReader(who, value, Calibration.format, 2);
    const promise = { alpha: saved.number('alpha'), confidence: saved.number('confidence') };
    return calibrationOf(who, saved.numbers('scores'), promise);
  }
}
