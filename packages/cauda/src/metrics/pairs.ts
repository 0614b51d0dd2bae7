import { Matrix } from '../matrix.ts';
import { contingency, type Labels } from './contingency.ts';

/** Ordered pairs of different samples, by whether each labeling puts the two together. */
interface Pairs {
  /** Apart in both. */
  readonly apart: number;
  /** Together in the prediction alone. */
  readonly predOnly: number;
  /** Together in the truth alone. */
  readonly trueOnly: number;
  /** Together in both. */
  readonly together: number;
}

function countPairs(who: string, labelsTrue: Labels, labelsPred: Labels): Pairs {
  const { n, rowSums, colSums, cells } = contingency(who, labelsTrue, labelsPred);
  const squares = cells.reduce((sum, { count }) => sum + count * count, 0);
  const inTrue = sumOfSquares(rowSums);
  const inPred = sumOfSquares(colSums);
  return {
    apart: n * n - inTrue - inPred + squares,
    predOnly: inPred - squares,
    trueOnly: inTrue - squares,
    together: squares - n,
  };
}

/**
 * [[apart in both, together in the prediction alone], [together in the truth alone, together in both]]: ordered pairs
 * of different samples, n (n − 1) in all (float64, 2 × 2).
 * @throws RangeError if the labelings are empty, of different lengths or not integers
 */
export function pairConfusionMatrix(labelsTrue: Labels, labelsPred: Labels): Matrix {
  const { apart, predOnly, trueOnly, together } = countPairs('pairConfusionMatrix', labelsTrue, labelsPred);
  return new Matrix(Float64Array.of(apart, predOnly, trueOnly, together), 2, 2);
}

/**
 * The Rand index: the share of pairs on which two labelings agree, in [0, 1]; 1 for a single sample. Symmetric.
 * @throws RangeError if the labelings are empty, of different lengths or not integers
 */
export function randScore(labelsTrue: Labels, labelsPred: Labels): number {
  const { apart, predOnly, trueOnly, together } = countPairs('randScore', labelsTrue, labelsPred);
  if (predOnly + trueOnly === 0) return 1;
  return (apart + together) / (apart + predOnly + trueOnly + together);
}

/**
 * The Rand index corrected for chance: 1 for equal labelings, 0 expected for random ones, at least −½. Symmetric, and
 * unchanged when labels are renamed. Hubert and Arabie: *Comparing Partitions*, Journal of Classification 2, 1985.
 * @throws RangeError if the labelings are empty, of different lengths or not integers
 */
export function adjustedRandScore(labelsTrue: Labels, labelsPred: Labels): number {
  const pairs = countPairs('adjustedRandScore', labelsTrue, labelsPred);
  if (pairs.predOnly + pairs.trueOnly === 0) return 1;
  // Products of pair counts exceed 2^53 from 10,000 samples on, and their difference is what matters.
  const apart = BigInt(pairs.apart);
  const predOnly = BigInt(pairs.predOnly);
  const trueOnly = BigInt(pairs.trueOnly);
  const together = BigInt(pairs.together);
  const gain = 2n * (together * apart - trueOnly * predOnly);
  const most = (together + trueOnly) * (trueOnly + apart) + (together + predOnly) * (predOnly + apart);
  return Number(gain) / Number(most);
}

/**
 * The Fowlkes–Mallows index: the geometric mean of the pairs' precision and recall, in [0, 1]; 0 when no pair is
 * together in both. Symmetric. Fowlkes and Mallows: *A Method for Comparing Two Hierarchical Clusterings*, JASA 78,
 * 1983.
 * @throws RangeError if the labelings are empty, of different lengths or not integers
 */
export function fowlkesMallowsScore(labelsTrue: Labels, labelsPred: Labels): number {
  const { predOnly, trueOnly, together } = countPairs('fowlkesMallowsScore', labelsTrue, labelsPred);
  if (together === 0) return 0;
  return Math.sqrt(together / (together + predOnly)) * Math.sqrt(together / (together + trueOnly));
}

function sumOfSquares(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count * count, 0);
}
