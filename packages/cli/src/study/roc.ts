import { rocCurve } from 'cauda/ood';
import type { GuardSection } from '../result/sections/guard.ts';
import type { HistogramView } from '../result/sections/histograms.ts';

/** The most points of a ROC curve of accepted images. */
const POINTS = 200;

/**
 * The ROC curve of one detector, in which an accepted digit is a true positive, thinned to at most 200 points.
 * @param id scores of the digits; larger is further out, here and below
 * @param ood scores of the garments
 */
export function acceptedRoc(id: Float64Array, ood: Float64Array): HistogramView['roc'] {
  const flagged = rocCurve(id, ood);
  const last = flagged.fpr.length - 1;
  const points = Math.min(last, POINTS - 1);
  const places = Array.from({ length: points + 1 }, (_, i) => last - Math.round((i * last) / points));
  return {
    fpr: places.map((place) => rounded(1 - flagged.tpr[place]!)),
    tpr: places.map((place) => rounded(1 - flagged.fpr[place]!)),
  };
}

interface Scores {
  readonly id: Float64Array;
  readonly ood: Float64Array;
}

/**
 * The ROC curves of several detectors, in which a flagged garment is a true positive: the shares of garments flagged
 * while at most k of n digits are, with k = 1, 2, 3 … n in steps that grow, as suits a logarithmic axis.
 */
export function flaggedRoc(scores: readonly Scores[]): GuardSection['roc'] {
  const n = scores[0]!.id.length;
  const flagged: number[] = [];
  for (let k = 1; k < n; k = Math.max(k + 1, Math.floor(k * 1.08))) flagged.push(k);
  flagged.push(n);
  return {
    fpr: flagged.map((k) => rounded(k / n)),
    tpr: scores.map(({ id, ood }) => {
      const { fpr, tpr } = rocCurve(id, ood);
      return flagged.map((k) => rounded(tpr[fpr.findLastIndex((share) => share <= k / n)]!));
    }),
  };
}

/** Rounds a share to as many decimals as a plot can show. */
function rounded(share: number): number {
  return Number(share.toFixed(5));
}
