import { log } from '../../kernels/elementary.ts';
import { firstAtLeast, percentile } from '../../vectors.ts';

/** The last of the percentiles that are kept. The tail above it is taken to be exponential. */
const LAST = 90;

/**
 * The largest excess that counts, in scales of the exponential tail, so that the terms of rows however far can still
 * be added.
 */
const MOST = 1e300;

/** −log of the share of rows above each kept percentile. */
const steps: Float64Array = Float64Array.from({ length: LAST + 1 }, (_, percent) => -log(1 - percent / 100));

/** How many numbers a tail keeps of its scores. */
export const KNOTS: number = LAST + 1;

/** What tells how rare a score is among the rows that the tail was fitted on. */
export interface Tail {
  /** Their 0th to 90th percentile. */
  readonly knots: Float64Array;
  /**
   * The scale of the exponential tail: by how much, on average, the scores above the last knot exceed it. 1 if there
   * are none.
   */
  readonly excess: number;
}

/** Fits a tail to scores, of which there must be at least one; all must be finite. */
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
