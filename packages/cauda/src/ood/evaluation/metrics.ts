import { checkOptions, numberIn, oneOf, type Rule, required } from '../../check.ts';
import { type Scores, type Tally, tally } from './scores.ts';

/** Which sample is to be detected, and so what a true positive is. */
export type Positive = 'id' | 'ood';

export interface AuprOptions {
  /** Whose scores are the positives: "ood" for AUPR-OUT, "id" for AUPR-IN. */
  positive: Positive;
}
export interface FprAtTprOptions {
  /** Which of the two conventions is meant; there is no default, because papers differ. */
  positive: Positive;
  /** The share of positives to be found, in (0, 1]; defaults to 0.95. */
  tpr?: number;
}

/** The figures by which detectors are compared. */
export interface Figures<Figure> {
  /** Area under the ROC curve: the probability that an out-of-distribution row scores higher than a familiar one. */
  readonly auroc: Figure;
  /** Area under the precision-recall curve, familiar rows being the positives. */
  readonly auprIn: Figure;
  /** The same, out-of-distribution rows being the positives. */
  readonly auprOut: Figure;
  /** `fprAtTpr` with `positive: 'id'`: the share of other rows accepted when 95 % of familiar rows are. */
  readonly fpr95PositiveId: Figure;
  /** `fprAtTpr` with `positive: 'ood'`: the share of familiar rows flagged when 95 % of the others are. */
  readonly fpr95PositiveOod: Figure;
  /** The smallest probability of misclassification, both kinds being equally likely. */
  readonly detectionError: Figure;
}

/** A ROC curve: one point for each distinct threshold, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** Share of in-distribution scores ≥ the threshold. */
  readonly fpr: Float64Array;
  /** Share of out-of-distribution scores ≥ the threshold. */
  readonly tpr: Float64Array;
  /** Decreasing. The first point flags nothing, not even an infinite score: its threshold is Infinity. */
  readonly thresholds: Float64Array;
}

const positiveRule: Rule = required(oneOf('id', 'ood'));
const auprRules: Record<keyof AuprOptions, Rule> = { positive: positiveRule };
const fprRules: Record<keyof FprAtTprOptions, Rule> = {
  positive: positiveRule,
  tpr: numberIn(0, 1, { openLow: true }),
};

/**
 * Area under the ROC curve: the probability that an out-of-distribution score exceeds an in-distribution one, ties
 * counting one half (the Mann–Whitney statistic). 1 is perfect, ½ is chance. Exact: it is counted in whole numbers.
 * The same whichever sample is called positive.
 * @param id in-distribution scores, larger = further out
 * @param ood out-of-distribution scores
 * @throws TypeError or RangeError naming the array and index of a score that is no number
 */
export function auroc(id: Scores, ood: Scores): number {
  return rankedArea(tally('auroc', id, ood));
}

function rankedArea(counted: Tally): number {
  let below = 0; // in-distribution scores below this value
  let twiceWins = 0;
  for (let g = 0; g < counted.values.length; g++) {
    twiceWins += counted.ood[g]! * (2 * below + counted.id[g]!);
    below += counted.id[g]!;
  }
  return twiceWins / (2 * counted.nId * counted.nOod);
}

/**
 * Area under the precision-recall curve by the trapezoidal rule over the distinct thresholds, beginning at recall 0
 * with precision 1: what OpenOOD and pytorch-ood report, and not the average precision. It depends on the ratio of
 * the two sample sizes.
 * @param id in-distribution scores, larger = further out
 * @param ood out-of-distribution scores
 * @throws TypeError or RangeError naming the array and index of a score that is no number
 */
export function aupr(id: Scores, ood: Scores, options: AuprOptions): number {
  const { positive } = checkOptions('aupr', options, auprRules, {});
  return sweep(tally('aupr', id, ood), positive).area;
}

/**
 * The false positives one has to live with to find a share `tpr` of the positives, at the first threshold that finds
 * at least so many. The field has two conventions, and they differ for the same scores:
 * - `positive: 'ood'` (OpenOOD, pytorch-ood): the share of in-distribution scores flagged when at least `tpr` of the
 *   out-of-distribution ones are flagged;
 * - `positive: 'id'` (the ODIN and energy papers): the share of out-of-distribution scores accepted when at least
 *   `tpr` of the in-distribution ones are accepted.
 * @param id in-distribution scores, larger = further out
 * @param ood out-of-distribution scores
 * @throws TypeError or RangeError naming the array and index of a score that is no number
 */
export function fprAtTpr(id: Scores, ood: Scores, options: FprAtTprOptions): number {
  const { positive, tpr } = checkOptions('fprAtTpr', options, fprRules, { tpr: 0.95 });
  return sweep(tally('fprAtTpr', id, ood), positive, tpr).falseShare;
}

/**
 * The smallest probability of misclassification over all thresholds when both kinds are equally likely:
 * min ½ (1 − TPR) + ½ FPR, in [0, ½]. The same whichever sample is called positive. (Lee et al. 2018 report
 * 1 − this as detection accuracy; ODIN fixes TPR at 95 % instead of minimizing.)
 * @param id in-distribution scores, larger = further out
 * @param ood out-of-distribution scores
 * @throws TypeError or RangeError naming the array and index of a score that is no number
 */
export function detectionError(id: Scores, ood: Scores): number {
  return sweep(tally('detectionError', id, ood), 'ood').leastError;
}

/**
 * Computes all of the above at once, with both choices of what is positive, as `evaluate` needs them of every
 * resample.
 */
export function figuresOf(id: Scores, ood: Scores): Figures<number> {
  const counted = tally('figuresOf', id, ood);
  const inward = sweep(counted, 'id');
  const outward = sweep(counted, 'ood');
  return {
    auroc: rankedArea(counted),
    auprIn: inward.area,
    auprOut: outward.area,
    fpr95PositiveId: inward.falseShare,
    fpr95PositiveOod: outward.falseShare,
    detectionError: outward.leastError,
  };
}

/**
 * The ROC curve of flagging scores ≥ a threshold, out-of-distribution being positive: a point for each distinct score
 * and one that flags nothing.
 * @param id in-distribution scores, larger = further out
 * @param ood out-of-distribution scores
 * @throws TypeError or RangeError naming the array and index of a score that is no number
 */
export function rocCurve(id: Scores, ood: Scores): RocCurve {
  const { values, id: inside, ood: outside, nId, nOod } = tally('rocCurve', id, ood);
  const [fpr, tpr, thresholds] = [[0], [0], [Infinity]];
  let flagged = 0;
  let found = 0;
  for (let g = values.length - 1; g >= 0; g--) {
    if (inside[g] === 0 && outside[g] === 0) continue; // a value that a resample did not draw
    fpr.push((flagged += inside[g]!) / nId);
    tpr.push((found += outside[g]!) / nOod);
    thresholds.push(values[g]!);
  }
  return {
    fpr: Float64Array.from(fpr),
    tpr: Float64Array.from(tpr),
    thresholds: Float64Array.from(thresholds),
  };
}

/** What is found while the threshold goes from calling nothing positive to calling everything positive. */
interface Sweep {
  /** The area under the precision-recall curve. */
  readonly area: number;
  /** The share of negatives called positive at the first threshold that finds a share `tpr` of the positives. */
  readonly falseShare: number;
  /** The least mean of the two error rates. */
  readonly leastError: number;
}

/** Goes through the distinct thresholds, from the strictest: outermost first for "ood", innermost first for "id". */
function sweep({ values, id, ood, nId, nOod }: Tally, positive: Positive, tpr = 0.95): Sweep {
  const outward = positive === 'ood';
  const [yes, no] = outward ? [ood, id] : [id, ood];
  const [positives, negatives] = outward ? [nOod, nId] : [nId, nOod];
  let found = 0;
  let mistaken = 0;
  let precision = 1;
  let area = 0;
  let falseShare: number | undefined;
  let leastError = 0.5; // nothing is called positive
  for (let step = 0; step < values.length; step++) {
    const g = outward ? values.length - 1 - step : step;
    if (yes[g] === 0 && no[g] === 0) continue; // a value that a resample did not draw
    found += yes[g]!;
    mistaken += no[g]!;
    const nextPrecision = found / (found + mistaken);
    area += yes[g]! * 0.5 * (nextPrecision + precision);
    precision = nextPrecision;
    if (falseShare === undefined && found / positives >= tpr) falseShare = mistaken / negatives;
    const error = 0.5 * ((positives - found) / positives + mistaken / negatives);
    if (error < leastError) leastError = error;
  }
  return { area: area / positives, falseShare: falseShare!, leastError }; // the last threshold finds all
}
