import type { MixtureParameters } from './parameters.ts';
import { type CovarianceType, componentsOf, covarianceCount, isShared } from './type.ts';

/** Responsibility-weighted moments of the rows around a reference point for each component. */
export interface Moments {
  /** Σ r, length k. */
  readonly total: Float64Array;
  /** Σ r (x − ref), k × d. */
  readonly first: Float64Array;
  /** Σ r (x − ref)(x − ref)ᵀ: packed upper halves, row after row, where dense (added up if shared), else k × d. */
  readonly second: Float64Array;
}

/**
 * Keeps an empty component's divisions finite, as scikit-learn does; of a Σ r below 1 this share is added, so that weights
 * may be as small as they like.
 */
const TINY = 10 * 2 ** -52;

/**
 * The M-step (Bishop, PRML, 2006, eqs. 9.24–9.26) from moments around any reference point. With N = Σ r,
 * n = N + 10 ε (10 ε N where 0 < N < 1) and δ = Σ r (x − ref) / n, so that μ = ref + δ:
 *   n Σ = Σ r (x − μ)(x − μ)ᵀ = Σ r (x − ref)(x − ref)ᵀ − (2 n − N) δ δᵀ.
 * Around the means of the iteration before, δ is small and little cancels.
 */
export function maximize(
  type: CovarianceType,
  { total, first, second }: Moments,
  reference: Float64Array,
  regCovar: number,
): MixtureParameters {
  const d = first.length / total.length;
  const { n, delta, means } = maximizeMeans({ total, first }, reference);
  const whole = n.reduce((sum, value) => sum + value, 0);
  const weights = n.map((value) => value / whole);
  const correction = total.map((sum, c) => 2 * n[c]! - sum);
  /** The variances of each component alone, K × d. */
  const variances = (): Float64Array =>
    second.map((sum, i) => {
      const c = Math.floor(i / d);
      return (sum - correction[c]! * delta[i]! * delta[i]!) / n[c]! + regCovar;
    });
  switch (type) {
    case 'full':
    case 'tied':
      return { weights, means, covariances: matrices(type, second, delta, correction, n, whole, regCovar) };
    case 'diag':
      return { weights, means, covariances: variances() };
    case 'spherical':
      return { weights, means, covariances: rowMeans(variances(), n.length, d) };
    default:
      return type satisfies never;
  }
}

/** The part of `maximize` that needs no second moments: n, δ and μ. */
export function maximizeMeans(
  { total, first }: Pick<Moments, 'total' | 'first'>,
  reference: Float64Array,
): { n: Float64Array; delta: Float64Array; means: Float64Array } {
  const d = first.length / total.length;
  const n = total.map((sum) => sum + (sum > 0 ? TINY * Math.min(1, sum) : TINY));
  const delta = first.map((sum, i) => sum / n[Math.floor(i / d)]!);
  return { n, delta, means: delta.map((value, i) => reference[i]! + value) };
}

/** Covariances that are whole matrices, one for each component or one for all. */
function matrices(
  type: CovarianceType,
  second: Float64Array,
  delta: Float64Array,
  correction: Float64Array,
  n: Float64Array,
  whole: number,
  regCovar: number,
): Float64Array {
  const k = n.length;
  const d = delta.length / k;
  const count = covarianceCount(type, k);
  const covariances = new Float64Array(count * d * d);
  let at = 0;
  for (let s = 0; s < count; s++) {
    const [from, to] = componentsOf(type, s, k);
    const rows = isShared(type) ? whole : n[s]!;
    for (let i = 0; i < d; i++)
      for (let j = i; j < d; j++) {
        let sum = second[at++]!;
        for (let c = from; c < to; c++) sum -= correction[c]! * delta[c * d + i]! * delta[c * d + j]!;
        const value = sum / rows + (i === j ? regCovar : 0);
        covariances[(s * d + i) * d + j] = covariances[(s * d + j) * d + i] = value;
      }
  }
  return covariances;
}

function rowMeans(values: Float64Array, rows: number, cols: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += values[i * cols + j]!;
    return sum / cols;
  });
}
