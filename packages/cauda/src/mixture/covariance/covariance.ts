import { choleskyFactors, inverses, putCholesky } from '../../decompose/cholesky.ts';
import { log } from '../../kernels/elementary.ts';
import { type Kernels, roundUp } from '../../kernels/kernels.ts';
import { withKernels } from '../../kernels/module.ts';
import { type CovarianceType, distinct, factorLength, isDense } from './type.ts';

/** The parameters of a mixture; means are measured from wherever the rows are. */
export interface MixtureParameters {
  /** Length k, sum 1. */
  readonly weights: Float64Array;
  /** k × d. */
  readonly means: Float64Array;
  /** In the shape of the covariance type. */
  readonly covariances: Float64Array;
}

/** A mixture as the kernels take it; plain arrays, so that they may travel to workers. */
export interface DensityParameters {
  /** K × stride, padded with zeros, measured from the same origin as the rows. */
  readonly means: Float64Array;
  /** M = L⁻¹ for each Σ = L Lᵀ: lower triangles in the tiles of the kernel `mahalanobis`, or padded diagonals. */
  readonly factors: Float64Array;
  /** log w_k + log det M_k − d/2 log 2π, length K. */
  readonly constants: Float64Array;
  /** M μ_k where components share M (tied), K × stride; else empty. */
  readonly whitened: Float64Array;
}

const LOG_2PI = 1.8378770664093453;

/** Is shown the float64 factors of dense covariance c, in the kernels' memory: L (d × stride), M = L⁻¹ with zeros above. */
export type FactorVisitor = (c: number, kernels: Kernels, lower: number, inverse: number) => void;

/**
 * The mixture as the kernels take it. Nothing is inverted but triangles, and log det is a sum of logs.
 * @param refuse makes the error for a component whose covariance is not positive definite
 */
export function densityParameters(
  type: CovarianceType,
  { weights, means, covariances }: MixtureParameters,
  refuse: (component: number) => Error,
  visit?: FactorVisitor,
): DensityParameters {
  const k = weights.length;
  const d = means.length / k;
  const padded = paddedMeans(means, k, d);
  let whitened: Float64Array = new Float64Array();
  const { packed, logDet } = precisionFactors(
    type,
    covariances,
    k,
    d,
    refuse,
    (c, kernels, lower, inverse) => {
      if (type === 'tied') whitened = products(kernels, inverse, padded, k, d);
      visit?.(c, kernels, lower, inverse);
    },
  );
  const constants = weights.map((w, c) => log(w) + logDet[type === 'tied' ? 0 : c]! - 0.5 * d * LOG_2PI);
  return { means: padded, factors: packed, constants, whitened };
}

/** M v for k rows v of a whole number of vectors. */
function products(kernels: Kernels, inverse: number, rows: Float64Array, k: number, d: number): Float64Array {
  const stride = roundUp(d, 4);
  const M = kernels.f64(inverse, d * stride);
  const out = new Float64Array(rows.length);
  for (let c = 0; c < k; c++)
    for (let i = 0; i < d; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += M[i * stride + j]! * rows[c * stride + j]!;
      out[c * stride + i] = sum;
    }
  return out;
}

/** K × d values as K rows of a whole number of vectors. */
export function paddedMeans(means: Float64Array, k: number, d: number): Float64Array {
  const stride = roundUp(d, 4);
  const padded = new Float64Array(k * stride);
  for (let c = 0; c < k; c++) padded.set(means.subarray(c * d, (c + 1) * d), c * stride);
  return padded;
}

/** What the density needs of the covariances: M with MᵀM = Σ⁻¹ and log det M, one of each a covariance. */
interface PrecisionFactors {
  /** M = L⁻¹ for Σ = L Lᵀ: lower triangles in the tiles of the kernel `mahalanobis`, or padded diagonals. */
  readonly packed: Float64Array;
  readonly logDet: Float64Array;
}

/**
 * The factors of the precisions, without inverting a covariance.
 * @param refuse makes the error for a component whose covariance is not positive definite
 */
function precisionFactors(
  type: CovarianceType,
  covariances: Float64Array,
  k: number,
  d: number,
  refuse: (component: number) => Error,
  visit: FactorVisitor,
): PrecisionFactors {
  const count = distinct(type, k);
  const stride = roundUp(d, 4);
  const length = factorLength(type, d);
  const packed = new Float64Array(count * length);
  const logDet = new Float64Array(count);
  if (!isDense(type)) {
    for (let c = 0; c < count; c++)
      for (let j = 0; j < d; j++) {
        const variance = covariances[type === 'diag' ? c * d + j : c]!;
        if (!(variance > 0 && variance < Infinity)) throw refuse(c);
        packed[c * stride + j] = 1 / Math.sqrt(variance);
        logDet[c]! -= 0.5 * log(variance);
      }
    return { packed, logDet };
  }
  withKernels((kernels) => {
    const a = kernels.alloc(d * stride * 8);
    const inverse = kernels.alloc(stride * stride * 8);
    kernels.f64(inverse, stride * stride).fill(0);
    for (let c = 0; c < count; c++) {
      if (!putCholesky(kernels, a, covariances, c * d * d, d)) throw refuse(c);
      const lower = kernels.f64(a, d * stride);
      for (let j = 0; j < d; j++) logDet[c]! -= log(lower[j * stride + j]!);
      kernels.run.invertLower(a, d, stride, inverse);
      packTiles(kernels.f64(inverse, stride * stride), stride, packed.subarray(c * length, (c + 1) * length));
      visit(c, kernels, a, inverse);
    }
  });
  return { packed, logDet };
}

/** A lower triangle (stride × stride) in tiles of four rows, column after column. */
function packTiles(lower: Float64Array, stride: number, out: Float64Array): void {
  let at = 0;
  for (let row = 0; row < stride; row += 4)
    for (let i = 0; i < row + 4; i++) for (let r = row; r < row + 4; r++) out[at++] = lower[r * stride + i]!;
}

/** L of each covariance, Σ = L Lᵀ: d × d lower triangles, or standard deviations where it is diagonal. */
export function choleskyFactorsOf(
  type: CovarianceType,
  covariances: Float64Array,
  d: number,
  refuse: (component: number) => Error,
): Float64Array {
  return isDense(type) ? choleskyFactors(covariances, d, refuse) : covariances.map(Math.sqrt);
}

/** The inverse of each precision (or covariance). */
export function inversesOf(
  type: CovarianceType,
  matrices: Float64Array,
  d: number,
  refuse: (component: number) => Error,
): Float64Array {
  if (isDense(type)) return inverses(matrices, d, refuse);
  return matrices.map((value, i) => {
    if (!(value > 0)) throw refuse(type === 'diag' ? Math.floor(i / d) : i);
    return 1 / value;
  });
}

/** Responsibility-weighted moments of the rows around a reference point for each component. */
export interface Moments {
  /** Σ r, length k. */
  readonly total: Float64Array;
  /** Σ r (x − ref), k × d. */
  readonly first: Float64Array;
  /** Σ r (x − ref)(x − ref)ᵀ: packed upper halves, row after row, where dense (summed over k if tied), else k × d. */
  readonly second: Float64Array;
}

/** Keeps an empty component's divisions finite, as scikit-learn does. */
const TINY = 10 * 2 ** -52;

/**
 * The M-step (Bishop, PRML, 2006, eqs. 9.24–9.26) from moments around any reference point. With N = Σ r,
 * n = N + 10 ε and δ = Σ r (x − ref) / n, so that μ = ref + δ:
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
  const moved = total.map((sum, c) => 2 * n[c]! - sum);
  const covariances = isDense(type)
    ? denseCovariances(type === 'tied', second, delta, moved, n, whole, d, regCovar)
    : second.map((sum, i) => {
        const c = Math.floor(i / d);
        return (sum - moved[c]! * delta[i]! * delta[i]!) / n[c]! + regCovar;
      });
  return {
    weights,
    means,
    covariances: type === 'spherical' ? rowMeans(covariances, n.length, d) : covariances,
  };
}

/** The part of `maximize` that needs no second moments: n, δ and μ. */
export function maximizeMeans(
  { total, first }: Pick<Moments, 'total' | 'first'>,
  reference: Float64Array,
): { n: Float64Array; delta: Float64Array; means: Float64Array } {
  const d = first.length / total.length;
  const n = total.map((sum) => sum + TINY);
  const delta = first.map((sum, i) => sum / n[Math.floor(i / d)]!);
  return { n, delta, means: delta.map((value, i) => reference[i]! + value) };
}

function denseCovariances(
  tied: boolean,
  second: Float64Array,
  delta: Float64Array,
  moved: Float64Array,
  n: Float64Array,
  whole: number,
  d: number,
  regCovar: number,
): Float64Array {
  const k = n.length;
  const count = tied ? 1 : k;
  const covariances = new Float64Array(count * d * d);
  let at = 0;
  for (let c = 0; c < count; c++)
    for (let i = 0; i < d; i++)
      for (let j = i; j < d; j++) {
        let sum = second[at++]!;
        for (let m = c; m < (tied ? k : c + 1); m++) sum -= moved[m]! * delta[m * d + i]! * delta[m * d + j]!;
        const value = sum / (tied ? whole : n[c]!) + (i === j ? regCovar : 0);
        covariances[(c * d + i) * d + j] = covariances[(c * d + j) * d + i] = value;
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
