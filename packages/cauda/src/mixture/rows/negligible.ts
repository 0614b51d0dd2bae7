import { log } from '../../kernels/elementary.ts';
import type { Precision } from '../../kernels/kernels.ts';

/**
 * The log-ratio to the best component below which a responsibility is skipped: r < 2^−(p + 3) m w with p = 53 bits in
 * float64, 24 in float32, w the least weight, or 1 / n if that is larger, and m = 1 in float32, n (at most 2¹⁶) in
 * float64. All n rows together then take less than 2^−(p + 3) m n w from any component's Σ r = n w_k: in float32 an
 * eighth of what rounding one of them takes; in float64 an eighth of what rounding may take from a sum of n of them
 * (γ_n = n u: Higham, 2002, §4.2), never more than 2⁻⁴⁰. A component below one row loses less than 2^−(p + 3) m of a
 * row. A row's log-likelihood loses less than K 2^−(p + 3) m w ≤ 2^−(p + 3) m. Such a component is also not evaluated
 * where its bound proves it: see `Pruning`.
 */
export function negligible(weights: Float64Array, n: number, precision: Precision): number {
  const least = Math.max(
    weights.reduce((a, b) => Math.min(a, b)),
    1 / n,
  );
  if (precision === 'F32') return log(least) - 27 * Math.LN2;
  return log(least) + log(Math.min(n, 2 ** 16)) - 56 * Math.LN2;
}
