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

/** A ROC curve: one point for each distinct threshold, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** Share of in-distribution scores ≥ the threshold. */
  readonly fpr: Float64Array;
  /** Share of out-of-distribution scores ≥ the threshold. */
  readonly tpr: Float64Array;
  /** Decreasing. The first point flags nothing: its threshold is Infinity. */
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
  const counts = tally('auroc', id, ood);
  let below = 0; // in-distribution scores below this value
  let twiceWins = 0;
  for (let g = 0; g < counts.values.length; g++) {
    twiceWins += counts.ood[g]! * (2 * below + counts.id[g]!);
    below += counts.id[g]!;
  }
  return twiceWins / (2 * counts.nId * counts.nOod);
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
  let area = 0;
  let recall = 0;
  let precision = 1;
  for (const point of operatingPoints(tally('aupr', id, ood), positive)) {
    const found = point.truePositives + point.falsePositives;
    const nextRecall = point.truePositives / point.positives;
    const nextPrecision = point.truePositives / found;
    area += (nextRecall - recall) * 0.5 * (nextPrecision + precision);
    recall = nextRecall;
    precision = nextPrecision;
  }
  return area;
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
  for (const point of operatingPoints(tally('fprAtTpr', id, ood), positive))
    if (point.truePositives / point.positives >= tpr) return point.falsePositives / point.negatives;
  return 1; // unreachable: the last point finds all
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
  let least = 0.5; // flag nothing
  for (const { truePositives, falsePositives, positives, negatives } of operatingPoints(
    tally('detectionError', id, ood),
    'ood',
  ))
    least = Math.min(least, 0.5 * (1 - truePositives / positives) + 0.5 * (falsePositives / negatives));
  return least;
}

/**
 * The ROC curve of flagging scores ≥ a threshold, out-of-distribution being positive: a point for each distinct score
 * and one that flags nothing.
 * @param id in-distribution scores, larger = further out
 * @param ood out-of-distribution scores
 * @throws TypeError or RangeError naming the array and index of a score that is no number
 */
export function rocCurve(id: Scores, ood: Scores): RocCurve {
  const counts = tally('rocCurve', id, ood);
  const points = counts.values.length + 1;
  const fpr = new Float64Array(points);
  const tpr = new Float64Array(points);
  const thresholds = new Float64Array(points);
  thresholds[0] = Infinity;
  let at = 1;
  for (const point of operatingPoints(counts, 'ood')) {
    fpr[at] = point.falsePositives / point.negatives;
    tpr[at] = point.truePositives / point.positives;
    thresholds[at++] = point.threshold;
  }
  return { fpr, tpr, thresholds };
}

/** What calling positive all scores as far out as `threshold` (in for "id") finds. */
interface OperatingPoint {
  threshold: number;
  truePositives: number;
  falsePositives: number;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * The thresholds at which something is found, the strictest first: decreasing for positive "ood", increasing for
 * "id". Each point is the same object: read it before the next.
 */
function* operatingPoints(counts: Tally, positive: Positive): Generator<OperatingPoint, void> {
  const { values } = counts;
  const outward = positive === 'ood';
  const [yes, no] = outward ? [counts.ood, counts.id] : [counts.id, counts.ood];
  const point: OperatingPoint = {
    threshold: 0,
    truePositives: 0,
    falsePositives: 0,
    positives: outward ? counts.nOod : counts.nId,
    negatives: outward ? counts.nId : counts.nOod,
  };
  for (let step = 0; step < values.length; step++) {
    const g = outward ? values.length - 1 - step : step;
    if (yes[g] === 0 && no[g] === 0) continue; // a value that a resample did not draw
    point.threshold = values[g]!;
    point.truePositives += yes[g]!;
    point.falsePositives += no[g]!;
    yield point;
  }
}
