import { log } from '../../kernels/elementary.ts';
import type { MixtureParameters } from '../covariance/parameters.ts';
import { type CovarianceType, covarianceAt, covarianceCount, isDense } from '../covariance/type.ts';

/** What a density takes of covariances: for dense ones V = L⁻¹ with Σ = L Lᵀ and log det V, else nothing. */
interface WhiteningFactors {
  readonly whitening: Float64Array;
  readonly logDet: Float64Array;
}

/**
 * The factors of the covariances.
 * @param refuse makes the error for a component whose covariance is not positive definite
 */
export function checkFactors(
  type: CovarianceType,
  { weights, means, covariances }: MixtureParameters,
  refuse: (component: number) => Error,
): WhiteningFactors {
  const d = means.length / weights.length;
  if (!isDense(type)) {
    const bad = covariances.findIndex((variance) => !(variance > 0 && variance < Infinity));
    if (bad >= 0) throw refuse(covarianceAt(type, bad, d));
    return { whitening: new Float64Array(), logDet: new Float64Array() };
  }
  const whitening = new Float64Array(covariances.length);
  const logDet = Float64Array.from({ length: covarianceCount(type, weights.length) }, (_, s) => {
    const own = [s * d * d, (s + 1) * d * d] as const;
    const value = whiten(covariances.subarray(...own), d, whitening.subarray(...own));
    if (Number.isNaN(value)) throw refuse(s);
    return value;
  });
  return { whitening, logDet };
}

/**
 * Writes V = L⁻¹ with S = L Lᵀ.
 * @returns log det V, or NaN if S is not positive definite
 */
export function whiten(S: Float64Array, n: number, V: Float64Array): number {
  const L = new Float64Array(n * n);
  let logDet = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let rest = S[i * n + j]!;
      for (let r = 0; r < j; r++) rest -= L[i * n + r]! * L[j * n + r]!;
      if (i > j) L[i * n + j] = rest / L[j * n + j]!;
      else {
        if (!(rest > 0 && rest < Infinity)) return NaN;
        L[i * n + i] = Math.sqrt(rest);
        logDet -= log(L[i * n + i]!);
      }
    }
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let rest = i === j ? 1 : 0;
      for (let r = j; r < i; r++) rest -= L[i * n + r]! * V[r * n + j]!;
      V[i * n + j] = rest / L[i * n + i]!;
    }
  return logDet;
}

/** Writes VᵀV of a lower triangular V. */
export function gram(V: Float64Array, n: number, out: Float64Array): void {
  for (let r = 0; r < n; r++)
    for (let i = 0; i <= r; i++) {
      const value = V[r * n + i]!;
      for (let j = 0; j <= r; j++) out[i * n + j]! += value * V[r * n + j]!;
    }
}
