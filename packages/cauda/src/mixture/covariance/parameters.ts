import { choleskyFactors, inverses, putCholesky } from '../../decompose/cholesky.ts';
import { log } from '../../kernels/elementary.ts';
import { type Kernels, roundUp } from '../../kernels/kernels.ts';
import { withKernels } from '../../kernels/module.ts';
import { columnReach } from './reach.ts';
import {
  type CovarianceType,
  componentsOf,
  covarianceAt,
  covarianceCount,
  covarianceOf,
  factorLength,
  isDense,
  sharesMatrix,
  varianceAt,
} from './type.ts';

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
  /** M μ_k where all components have one matrix M, K × stride; else empty. */
  readonly whitened: Float64Array;
  /**
   * How far the means are from the origin in their components' standard deviations, at most: the largest entry of any
   * |M_k| |μ_k|. See `isCoarse`.
   */
  readonly reach: number;
}

const LOG_2PI = 1.8378770664093453;

/** Is called with the float64 factors of each dense covariance, in the kernels' memory: L (d × stride), M = L⁻¹ with zeros above. */
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
  let reach = isDense(type) ? 0 : columnReach(type, means, covariances, d);
  const { packed, logDet } = precisionFactors(
    type,
    covariances,
    k,
    d,
    refuse,
    (c, kernels, lower, inverse) => {
      if (sharesMatrix(type)) whitened = products(kernels, inverse, padded, k, d);
      const [from, to] = componentsOf(type, c, k);
      for (let own = from; own < to; own++)
        reach = Math.max(reach, denseReach(kernels, inverse, means.subarray(own * d, (own + 1) * d)));
      visit?.(c, kernels, lower, inverse);
    },
  );
  const constants = weights.map((w, c) => log(w) + logDet[covarianceOf(type, c)]! - 0.5 * d * LOG_2PI);
  return { means: padded, factors: packed, constants, whitened, reach };
}

/** The largest entry of |M| |v|. */
function denseReach(kernels: Kernels, inverse: number, v: Float64Array): number {
  const d = v.length;
  const stride = roundUp(d, 4);
  const M = kernels.f64(inverse, d * stride);
  let most = 0;
  for (let i = 0; i < d; i++) {
    let sum = 0;
    for (let j = 0; j <= i; j++) sum += Math.abs(M[i * stride + j]! * v[j]!);
    most = Math.max(most, sum);
  }
  return most;
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

/** What the density needs of each covariance: M with MᵀM = Σ⁻¹, and log det M. */
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
  const count = covarianceCount(type, k);
  const stride = roundUp(d, 4);
  const length = factorLength(type, d);
  const packed = new Float64Array(count * length);
  const logDet = new Float64Array(count);
  if (!isDense(type)) {
    for (let c = 0; c < count; c++)
      for (let j = 0; j < d; j++) {
        const variance = covariances[varianceAt(type, c, j, d)]!;
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

/**
 * The inverse of each precision (or covariance).
 * @param refuse makes the error for a component whose matrix is not positive definite
 */
export function inversesOf(
  type: CovarianceType,
  matrices: Float64Array,
  d: number,
  refuse: (component: number) => Error,
): Float64Array {
  if (isDense(type)) return inverses(matrices, d, refuse);
  return matrices.map((value, i) => {
    if (!(value > 0)) throw refuse(covarianceAt(type, i, d));
    return 1 / value;
  });
}
