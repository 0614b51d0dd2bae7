import { log } from './kernels/elementary.ts';

/**
 * The logarithm of the gamma function and its derivative, for x > 0, without the engine's `Math`. Both move x up to 10 or
 * more by their recurrences and take Stirling's series there (Abramowitz and Stegun, 1964, 6.1.41 and 6.3.18), whose
 * first omitted term is below 1e-17.
 */

const FAR = 10;
const HALF_LOG_2PI = 0.9189385332046728;

/** B₂ₙ / (2n (2n − 1)), n = 1 … 8: the coefficients of x^(1 − 2n) in log Γ. */
const LOG_GAMMA = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
  -3617 / 122400,
] as const;

/** B₂ₙ / 2n, n = 1 … 8: the coefficients of −x^(−2n) in the digamma function. */
const DIGAMMA = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160] as const;

/** log Γ(x) for x > 0; absolute error below 1e-15 × max(1, |log Γ(x)|) × 4. NaN for x ≤ 0. */
export function logGamma(x: number): number {
  if (!(x > 0)) return NaN;
  if (x === Infinity) return x;
  let product = 1;
  for (; x < FAR; x++) product *= x; // Γ(x) = Γ(x + 1) / x
  const stirling = (x - 0.5) * log(x) - x + HALF_LOG_2PI + series(LOG_GAMMA, 1 / (x * x)) / x;
  return stirling - log(product);
}

/** ψ(x) = d/dx log Γ(x) for x > 0; absolute error below 1e-15 × max(1, |ψ(x)|) × 4. NaN for x ≤ 0. */
export function digamma(x: number): number {
  if (!(x > 0)) return NaN;
  let sum = 0;
  for (; x < FAR; x++) sum += 1 / x; // ψ(x) = ψ(x + 1) − 1 / x
  const square = 1 / (x * x);
  return log(x) - 0.5 / x - series(DIGAMMA, square) * square - sum;
}

/** Σ c[i] zⁱ. */
function series(coefficients: readonly number[], z: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * z + coefficients[i]!;
  return sum;
}
