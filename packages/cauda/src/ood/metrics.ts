import { checkOptions, numberIn, oneOf, type Rule, required } from '../check.ts';
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
  return precisionArea(operatingPoints(tally('aupr', id, ood), positive));
}

function precisionArea({ truePositives, falsePositives, positives }: OperatingPoints): number {
  let area = 0;
  let found = 0;
  let precision = 1;
  for (let p = 0; p < truePositives.length; p++) {
    const nextFound = truePositives[p]!;
    const nextPrecision = nextFound / (nextFound + falsePositives[p]!);
    area += (nextFound - found) * 0.5 * (nextPrecision + precision);
    found = nextFound;
    precision = nextPrecision;
  }
  return area / positives;
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
  return falseShare(operatingPoints(tally('fprAtTpr', id, ood), positive), tpr);
}

function falseShare(
  { truePositives, falsePositives, positives, negatives }: OperatingPoints,
  tpr: number,
): number {
  let first = 0;
  while (truePositives[first]! / positives < tpr) first++; // the last point has all
  return falsePositives[first]! / negatives;
}

/**
 * The smallest probability of misclassification over all thresholds when both kinds are equally likely:
 * min ½ (1 − TPR) + ½ FPR, in [0, ½]. The same whichever sample is called positive. (Lee et al. 2018 report
 * 1 − this as detection accuracy; ODIN fixes TPR at 95 % instead of minimising.)
 * @param id in-distribution scores, larger = further out
 * @param ood out-of-distribution scores
 * @throws TypeError or RangeError naming the array and index of a score that is no number
 */
export function detectionError(id: Scores, ood: Scores): number {
  return leastError(operatingPoints(tally('detectionError', id, ood), 'ood'));
}

/** @param points those with out-of-distribution as positive */
function leastError(points: OperatingPoints): number {
  let least = 0.5; // flag nothing
  for (let p = 0; p < points.thresholds.length; p++) {
    const missed = points.positives - points.truePositives[p]!;
    const error = 0.5 * (missed / points.positives + points.falsePositives[p]! / points.negatives);
    if (error < least) least = error;
  }
  return least;
}

/** All of the above at once, with both choices of what is positive: what `evaluate` needs of every resample. */
export function figuresOf(id: Scores, ood: Scores): Figures<number> {
  const counted = tally('figuresOf', id, ood);
  const inward = operatingPoints(counted, 'id');
  const outward = operatingPoints(counted, 'ood');
  return {
    auroc: rankedArea(counted),
    auprIn: precisionArea(inward),
    auprOut: precisionArea(outward),
    fpr95PositiveId: falseShare(inward, 0.95),
    fpr95PositiveOod: falseShare(outward, 0.95),
    detectionError: leastError(outward),
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
  const points = operatingPoints(tally('rocCurve', id, ood), 'ood');
  return {
    fpr: after(0, points.falsePositives, points.negatives),
    tpr: after(0, points.truePositives, points.positives),
    thresholds: after(Infinity, points.thresholds, 1),
  };
}

/** `first`, then the values divided by `divisor`. */
function after(first: number, values: Float64Array, divisor: number): Float64Array {
  const joined = new Float64Array(values.length + 1);
  joined[0] = first;
  for (let i = 0; i < values.length; i++) joined[i + 1] = values[i]! / divisor;
  return joined;
}

/** What is found by calling positive all scores at least as far out (in, for "id") as each threshold. */
interface OperatingPoints {
  /** Those at which something new is found, the strictest first: decreasing for "ood", increasing for "id". */
  readonly thresholds: Float64Array;
  readonly truePositives: Float64Array;
  readonly falsePositives: Float64Array;
  readonly positives: number;
  readonly negatives: number;
}

function operatingPoints({ values, id, ood, nId, nOod }: Tally, positive: Positive): OperatingPoints {
  const outward = positive === 'ood';
  const yes = outward ? ood : id;
  const no = outward ? id : ood;
  const thresholds = new Float64Array(values.length);
  const truePositives = new Float64Array(values.length);
  const falsePositives = new Float64Array(values.length);
  let found = 0;
  let mistaken = 0;
  let points = 0;
  for (let step = 0; step < values.length; step++) {
    const g = outward ? values.length - 1 - step : step;
    if (yes[g] === 0 && no[g] === 0) continue; // a value that a resample did not draw
    thresholds[points] = values[g]!;
    truePositives[points] = found += yes[g]!;
    falsePositives[points++] = mistaken += no[g]!;
  }
  return {
    thresholds: thresholds.subarray(0, points),
    truePositives: truePositives.subarray(0, points),
    falsePositives: falsePositives.subarray(0, points),
    positives: outward ? nOod : nId,
    negatives: outward ? nId : nOod,
  };
}
