import { log } from '../../kernels/elementary.ts';
import { firstAtLeast, percentile } from './vectors.ts';

/** The percentiles that are kept: the tail above the last one is taken for exponential. */
const LAST = 90;

/** Of an exponential tail's scales; terms of rows beyond all numbers can still be added. */
const MOST = 1e300;

/** −log of the share of rows above each kept percentile. */
const steps: Float64Array = Float64Array.from({ length: LAST + 1 }, (_, percent) => -log(1 - percent / 100));

/** How many numbers a tail keeps of its scores. */
export const KNOTS: number = LAST + 1;

/** How rare scores are among the rows that they were fitted on. */
export interface Tail {
  /** Their 0th to 90th percentile. */
  readonly knots: Float64Array;
  /** The mean of what the scores above the last knot have more than it: the scale of the exponential tail; 1 if none. */
  readonly excess: number;
}

/** The tail of these scores (finite, at least one). */
export function fitTail(scores: Float64Array): Tail {
  const sorted = scores.slice().sort();
  const knots = Float64Array.from({ length: KNOTS }, (_, percent) => percentile(sorted, percent));
  const last = knots[LAST]!;
  let sum = 0;
  let count = 0;
  for (const score of sorted)
    if (score > last) {
      sum += score - last;
      count++;
    }
  return { knots, excess: count ? sum / count : 1 };
}

/**
 * How surprising a score is, in nats: −log P(score or more), where P is read between the percentiles, equal scores
 * counting as reached, and falls exponentially beyond the last. So it grows in proportion to a score that is far out,
 * as a likelihood does, and scores that are more familiar than most count for nothing.
 */
export function surprisal({ knots, excess }: Tail, score: number): number {
  const last = knots[LAST]!;
  if (score > last) return steps[LAST]! + Math.min((score - last) / excess, MOST);
  const low = firstAtLeast(knots, score);
  if (low === 0) return 0;
  const from = knots[low - 1]!;
  const share = (score - from) / (knots[low]! - from);
  return steps[low - 1]! + share * (steps[low]! - steps[low - 1]!);
}
