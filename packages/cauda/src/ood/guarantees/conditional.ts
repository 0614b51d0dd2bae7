import { checkOptions, oneOf, type Rule, seedRule } from '../../check.ts';
import { exp, log } from '../../kernels/elementary.ts';
import { Random } from '../../random.ts';
import { checkScores } from '../evaluation/scores.ts';
import { countAtLeast } from './conformal.ts';

/** How `conditionalPValues` bounds the order statistics of n uniform numbers. */
export type ConditionalMethod = 'simes' | 'dkwm' | 'asymptotic' | 'monteCarlo';

export interface ConditionalOptions {
  /**
   * Defaults to "monteCarlo".
   * - "simes": exact; tight for the smallest p-values, loose (p' ≈ ¾ at p = ½) for the others.
   * - "dkwm": the same margin √(ln(2/δ) / 2n) everywhere: tight in the middle, useless for small p-values.
   * - "asymptotic": a margin in proportion to the standard deviation; exact only as n grows, needs n ≥ 16.
   * - "monteCarlo": the same shape, its size found by simulation: exact for every n, over calibration and simulation.
   */
  method?: ConditionalMethod;
  /** The share of calibration sets for which the promise holds, 1 − δ, in (0, 1); defaults to 0.95. */
  confidence?: number;
  /** Seed of the simulation ("monteCarlo"); defaults to 0. */
  seed?: number;
}

/** A number strictly between 0 and 1. */
export const shareRule: Rule = {
  expected: 'a number in (0, 1)',
  kind: (value) => typeof value === 'number',
  range: (value: number) => value > 0 && value < 1,
};
export const methodRule: Rule = oneOf('simes', 'dkwm', 'asymptotic', 'monteCarlo');
const rules: Record<keyof ConditionalOptions, Rule> = {
  method: methodRule,
  confidence: shareRule,
  seed: seedRule,
};
const defaults = { method: 'monteCarlo' as ConditionalMethod, confidence: 0.95, seed: 0 };

/**
 * Calibration-conditional p-values: with probability ≥ `confidence` over the draw of the calibration scores,
 *   P(p' ≤ a | calibration) ≤ a for all a at once,
 * for any number of independent new rows, and whatever threshold is chosen, even after looking. Given the calibration
 * scores the p' of several rows are independent, which plain conformal p-values are not.
 *
 * p' = b₍ᵢ₎ with i = (n + 1) p, where P(U₍₁₎ ≤ b₁, …, U₍ₙ₎ ≤ bₙ) ≥ confidence for the ordered uniforms U₍ᵢ₎, and
 * bₙ₊₁ = 1. Bates, Candès, Lei, Romano and Sesia: *Testing for outliers with conformal p-values*, Annals of
 * Statistics 51, 2023, section 3.
 * @param calibrationScores outlier scores of in-distribution rows, larger = further out (length n, any order)
 * @param scores the scores to judge
 * @returns p' in (0, 1] for each score
 * @throws TypeError or RangeError for a score that is no number; RangeError for "asymptotic" with n < 16 and
 *   "monteCarlo" with confidence > 0.999
 */
export function conditionalPValues(
  calibrationScores: ArrayLike<number>,
  scores: ArrayLike<number>,
  options: ConditionalOptions = {},
): Float64Array {
  const who = 'conditionalPValues';
  const { method, confidence, seed } = checkOptions(who, options, rules, defaults);
  const sorted = checkScores(`${who}: calibrationScores`, calibrationScores).sort();
  const checked = checkScores(`${who}: scores`, scores);
  const bounds = conditionalBounds(who, sorted.length, method, confidence, seed);
  return checked.map((score) => bounds[countAtLeast(sorted, score)]!);
}

/** b₁ … bₙ₊₁, increasing. */
export function conditionalBounds(
  who: string,
  n: number,
  method: ConditionalMethod,
  confidence: number,
  seed: number,
): Float64Array {
  const delta = 1 - confidence;
  if (method === 'simes') return simes(n, delta);
  if (method === 'dkwm') {
    const margin = Math.sqrt(log(2 / delta) / (2 * n));
    return Float64Array.from({ length: n + 1 }, (_, i) => Math.min(1, (i + 1) / n + margin));
  }
  if (method === 'asymptotic' && n < 16)
    throw new RangeError(`${who}: method "asymptotic" needs at least 16 calibration scores; got ${n}`);
  if (method === 'monteCarlo' && confidence > 0.999)
    throw new RangeError(
      `${who}: method "monteCarlo" simulates confidence up to 0.999; got ${confidence}; try method "simes"`,
    );
  const size = method === 'asymptotic' ? asymptoticSize(n, delta) : simulatedSize(n, confidence, seed);
  return Float64Array.from({ length: n + 1 }, (_, i) =>
    i === n ? 1 : Math.min(1, (i + 1) / n + size * deviation(i + 1, n)),
  );
}

/**
 * bₙ₊₁₋ᵢ = 1 − δ^(1/k) [i (i − 1) … (i − k + 1) / (n (n − 1) … (n − k + 1))]^(1/k) with k = ⌊n/2⌋: all U₍ᵢ₎ ≤ bᵢ with
 * probability 1 − δ exactly (Sarkar 2008; Bates et al., section 3.2).
 */
function simes(n: number, delta: number): Float64Array {
  const k = Math.max(1, Math.floor(n / 2));
  const bounds = new Float64Array(n + 1).fill(1);
  let logProduct = log(delta);
  for (let i = n; i >= k; i--) {
    bounds[n - i] = 1 - exp(logProduct / k);
    logProduct += log((i - k) / i); // from i to i − 1; at i = k the product ends at 0
  }
  return bounds;
}

/** √(i (n − i)) / (n √n), close to the standard deviation of U₍ᵢ₎. */
function deviation(i: number, n: number): number {
  return Math.sqrt((i * (n - i)) / n) / n;
}

/**
 * The number of deviations that the largest of all excesses stays below, in the limit of large n (Eicker and Jaeschke
 * 1979; Bates et al., section 3.3).
 */
function asymptoticSize(n: number, delta: number): number {
  const loglog = log(log(n));
  return (
    (-log(-log(1 - delta)) + 2 * loglog + 0.5 * log(loglog) - 0.5 * log(Math.PI)) / Math.sqrt(2 * loglog)
  );
}

/**
 * The largest excess (U₍ᵢ₎ − i/n) / deviation in each of `draws` simulated calibration sets; the actual one is
 * exchangeable with them, so it exceeds their ⌈confidence (draws + 1)⌉-th smallest with probability ≤ 1 − confidence.
 */
function simulatedSize(n: number, confidence: number, seed: number): number {
  const draws = Math.max(999, Math.ceil(20 / (1 - confidence)));
  const random = new Random(seed);
  const inverse = Float64Array.from({ length: n }, (_, i) => 1 / deviation(i + 1, n));
  const sums = new Float64Array(n);
  const excesses = Float64Array.from({ length: draws }, () => {
    // Ordered uniforms are partial sums of n + 1 exponential numbers, divided by the whole; 32 bits are enough for each.
    let sum = 0;
    for (let i = 0; i < n; i++) sums[i] = sum -= log((random.uint32() + 0.5) * 2 ** -32);
    sum -= log((random.uint32() + 0.5) * 2 ** -32);
    let largest = 0;
    for (let i = 0; i < n - 1; i++) {
      const excess = (sums[i]! / sum - (i + 1) / n) * inverse[i]!;
      if (excess > largest) largest = excess;
    }
    return largest;
  }).sort();
  return excesses[Math.ceil(confidence * (draws + 1)) - 1]!;
}
