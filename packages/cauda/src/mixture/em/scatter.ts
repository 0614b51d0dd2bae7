import { putCholesky } from '../../decompose/cholesky.ts';
import { roundUp } from '../../kernels/kernels.ts';
import { withKernels } from '../../kernels/module.ts';
import type { Session } from '../../parallel/session.ts';
import type { Moments } from '../covariance/maximize.ts';
import type { EmSteps } from '../rows/program.ts';

/**
 * The rows' scatter around the origin, T = Σ w x xᵀ, in float64: found once, it spares EM with tied covariances the
 * second moments. Each row's responsibilities sum to 1, so that with N = Σ r and s = Σ r (x − ref) of each component
 *   Σ_k Σ r (x − ref_k)(x − ref_k)ᵀ = T − Σ_k (s_k ref_kᵀ + ref_k s_kᵀ + N_k ref_k ref_kᵀ).
 * The part of T that comes from the distances between the means cancels, and digits are lost with it: see
 * `hasDigitsFor`.
 */
export class TiedScatter {
  readonly #weight: number;
  readonly #products: Float64Array;
  readonly #d: number;

  private constructor(sums: Float64Array, d: number) {
    this.#weight = sums[0]!;
    this.#products = sums.subarray(1);
    this.#d = d;
  }

  static async of(session: Session<EmSteps>, d: number): Promise<TiedScatter> {
    return new TiedScatter(await session.sum('scatter', undefined), d);
  }

  /** Moments around the reference points (K × d), with the second ones that the scatter gives. */
  complete({ total, first }: Moments, reference: Float64Array): Moments {
    const d = this.#d;
    const second = this.#products.slice();
    total.forEach((n, c) => {
      const ref = reference.subarray(c * d, (c + 1) * d);
      const s = first.subarray(c * d, (c + 1) * d);
      let at = 0;
      for (let i = 0; i < d; i++) {
        const a = s[i]! + n * ref[i]!;
        for (let j = i; j < d; j++) second[at++]! -= a * ref[j]! + ref[i]! * s[j]!;
      }
    });
    return { total, first, second };
  }

  /** Whether a covariance (d × d) is large enough for the digits that its difference from the scatter kept. */
  hasDigitsFor(covariance: Float64Array): boolean {
    const d = this.#d;
    const stride = roundUp(d, 4);
    return withKernels((kernels) => {
      const a = kernels.alloc(d * stride * 8);
      if (!putCholesky(kernels, a, covariance, 0, d)) return false;
      const L = kernels.f64(a, d * stride);
      let at = 0;
      for (let i = 0; i < d; i++) {
        const pivot = L[i * stride + i]!;
        if (!(this.#products[at]! <= MOST_LOST * pivot * pivot * this.#weight)) return false;
        at += d - i;
      }
      return true;
    });
  }
}

/**
 * The largest ratio of a column's scatter to its conditional variance, the squared pivot. The differences lose its
 * logarithm in bits, at most 20 of float64's 53, which leaves more than float32 sums have and enough for 9 decimals of
 * float64 ones.
 */
const MOST_LOST = 2 ** 20;
