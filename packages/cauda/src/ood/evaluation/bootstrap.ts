import { checkOptions, integerIn, type Rule, seedRule } from '../../check.ts';
import { Random } from '../../random.ts';
import { quantile } from '../../vectors.ts';
import { CountedScores, checkScores, distinctValues, places, type Scores } from './scores.ts';

export interface BootstrapOptions {
  /** The share of resamples between `low` and `high`, in (0, 1); defaults to 0.95. */
  confidence?: number;
  /** How many times both samples are drawn anew; defaults to 1000. */
  resamples?: number;
  /** Seed of the draws; the same seed gives the same interval. Defaults to 0. */
  seed?: number;
}

/** A metric with its confidence interval. */
export interface Interval {
  /** The metric of the scores themselves. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export const bootstrapRules: Record<keyof BootstrapOptions, Rule> = {
  confidence: {
    expected: 'a number in (0, 1)',
    kind: (value) => typeof value === 'number',
    range: (value: number) => value > 0 && value < 1,
  },
  resamples: integerIn(1, Infinity),
  seed: seedRule,
};
const defaults = { confidence: 0.95, resamples: 1000, seed: 0 };

/**
 * The percentile bootstrap: both samples are drawn anew with replacement, each to its own size, and the interval
 * reaches from the (1 − confidence)/2 to the (1 + confidence)/2 quantile of the metric (linear between resamples).
 * Scores are sorted once; a resample only counts how often each distinct value was drawn. Efron and Tibshirani: *An
 * Introduction to the Bootstrap*, 1993, chapter 13.
 *
 *     bootstrap(auroc, id, ood)
 *     bootstrap((id, ood) => fprAtTpr(id, ood, { positive: 'ood' }), id, ood, { confidence: 0.9 })
 * @param metric one of this module's metrics, or a function of them
 * @throws TypeError or RangeError naming the array and index of a score that is no number
 */
export function bootstrap(
  metric: (id: Scores, ood: Scores) => number,
  id: ArrayLike<number>,
  ood: ArrayLike<number>,
  options: BootstrapOptions = {},
): Interval {
  const { confidence, resamples, seed } = checkOptions('bootstrap', options, bootstrapRules, defaults);
  const idScores = checkScores('bootstrap: id', id);
  const oodScores = checkScores('bootstrap: ood', ood);
  const values = distinctValues(idScores, oodScores);
  const idPlaces = places(values, idScores);
  const oodPlaces = places(values, oodScores);

  const random = new Random(seed);
  const idRows = new Uint32Array(idScores.length);
  const oodRows = new Uint32Array(oodScores.length);
  const drawn = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    drawRows(random, idRows);
    drawRows(random, oodRows);
    drawn[r] = metric(countDrawn(values, idPlaces, idRows), countDrawn(values, oodPlaces, oodRows));
  }
  return percentileInterval(metric(idScores, oodScores), drawn, confidence);
}

/** Draws as many rows as `counts` is long, with replacement, and writes into `counts` how often each was drawn. */
export function drawRows(random: Random, counts: Uint32Array): void {
  const n = counts.length;
  counts.fill(0);
  if (n > 65536) for (let i = 0; i < n; i++) counts[random.integer(n)]! += 1;
  else {
    // Two 16-bit draws a word; those at or above the limit would favor small results.
    const limit = 65536 - (65536 % n);
    for (let left = n; left > 0; ) {
      const word = random.uint32();
      const low = word & 0xffff;
      const high = word >>> 16;
      if (low < limit) {
        counts[low % n]! += 1;
        left--;
      }
      if (high < limit && left > 0) {
        counts[high % n]! += 1;
        left--;
      }
    }
  }
}

/** Counts the scores of a resample that drew row i `rows[i]` times, where row i has the distinct value at `at[i]`. */
export function countDrawn(values: Float64Array, at: Uint32Array, rows: Uint32Array): CountedScores {
  const counts = new Float64Array(values.length);
  for (let i = 0; i < at.length; i++) counts[at[i]!]! += rows[i]!;
  return new CountedScores(values, counts);
}

/**
 * The interval from the (1 − confidence)/2 to the (1 + confidence)/2 quantile of what the resamples gave. `drawn` is
 * sorted in place.
 */
export function percentileInterval(value: number, drawn: Float64Array, confidence: number): Interval {
  drawn.sort();
  return Object.freeze({
    value,
    low: quantile(drawn, (1 - confidence) / 2),
    high: quantile(drawn, (1 + confidence) / 2),
  });
}
