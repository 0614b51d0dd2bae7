import { bytesOf, type Kernels, type Precision, precisionOf, roundUp } from '../kernels/kernels.ts';
import { type FloatArray, like, type Matrix } from '../matrix.ts';

/**
 * How K-means' kernels see rows and centers. Rows are measured from an origin near the data, so that float32 keeps
 * its digits under any offset, and padded with zeros to whole vectors.
 *
 * With masked rows (missing: 'observed') a row is [x | m], x with zeros where entries are missing and m their 0/1
 * mask, and a center is [c | −½c²]. The one product of the two is Σ_observed (x c − ½ c²), so the same kernels that
 * minimise ½‖c‖² − x·c over full rows minimise Σ_observed (x − c)² over masked ones, and the same sum over rows
 * that gives Σ x also gives Σ m, the divisor of each mean.
 */
export interface Layout {
  readonly precision: Precision;
  /** Features. */
  readonly d: number;
  /** Elements of the x part of a row, a multiple of 4. */
  readonly width: number;
  /** Elements of a row: width, or 2 × width with a mask. */
  readonly stride: number;
  readonly masked: boolean;
}

export function layoutOf(X: Matrix, masked: boolean): Layout {
  const width = roundUp(X.cols, 4);
  return { precision: precisionOf(X.data), d: X.cols, width, stride: masked ? 2 * width : width, masked };
}

/** Writes rows [from, to) of `data`, less the origin, to `out` in the layout. */
export function layRows(
  data: FloatArray,
  from: number,
  to: number,
  { d, width, stride, masked }: Layout,
  origin: FloatArray | undefined,
  out: FloatArray,
): void {
  if (!masked && d === stride && !origin) {
    out.set(data.subarray(from * d, to * d));
    return;
  }
  for (let i = from, o = 0; i < to; i++, o += stride)
    for (let j = 0; j < d; j++) {
      const value = data[i * d + j]! - (origin ? origin[j]! : 0);
      if (!masked) out[o + j] = value;
      else if (value === value) {
        out[o + j] = value;
        out[o + width + j] = 1;
      }
    }
}

/** Centers as the kernels take them: K × stride rows and the constants that `nearest` starts from. */
export interface KernelCenters {
  readonly rows: FloatArray;
  readonly half: FloatArray;
}

/** @param centers K × d, measured from the origin */
export function kernelCenters(
  centers: Float64Array,
  { precision, d, width, stride, masked }: Layout,
): KernelCenters {
  const k = centers.length / d;
  const make = (length: number): FloatArray =>
    precision === 'F64' ? new Float64Array(length) : new Float32Array(length);
  const rows = make(k * stride);
  const half = make(k);
  for (let c = 0; c < k; c++) {
    let sum = 0;
    for (let j = 0; j < d; j++) {
      const at = c * stride + j;
      rows[at] = centers[c * d + j]!;
      const rounded = rows[at]!;
      if (masked) rows[at + width] = -0.5 * rounded * rounded;
      else sum += rounded * rounded;
    }
    half[c] = 0.5 * sum;
  }
  return { rows, half };
}

/** Rows handled at a time: their products with the centers stay in the cache. */
export const BLOCK = 128;

/** Memory for one block, and the centers beside it. `padded` centers: an even number. */
export interface Scratch {
  readonly k: number;
  readonly padded: number;
  readonly centers: number;
  readonly half: number;
  readonly product: number;
  readonly label: number;
  readonly score: number;
  readonly distance: number;
}

/** @param k centers that rows are assigned to; `room` ≥ k is for as many candidates as are tried at once */
export function allocScratch(
  kernels: Kernels,
  k: number,
  room: number,
  { precision, stride }: Layout,
): Scratch {
  const padded = roundUp(k, 2);
  const size = bytesOf(precision);
  return {
    k,
    padded,
    centers: kernels.zeros(Math.max(padded, room) * stride * size),
    half: kernels.zeros(room * size),
    product: kernels.alloc(BLOCK * padded * size),
    label: kernels.alloc(BLOCK * 4),
    score: kernels.alloc(BLOCK * size),
    distance: kernels.alloc(BLOCK * room * 8),
  };
}

export function putCenters(
  kernels: Kernels,
  scratch: Scratch,
  { precision }: Layout,
  centers: KernelCenters,
): void {
  kernels.floats(precision, scratch.centers, centers.rows.length).set(centers.rows);
  kernels.floats(precision, scratch.half, centers.half.length).set(centers.half);
}

/** Labels and scores of n ≤ BLOCK rows at `x`, into the scratch. Rows beyond n up to a multiple of 4 are read too. */
export function assignBlock(kernels: Kernels, scratch: Scratch, layout: Layout, x: number, n: number): void {
  const { run } = kernels;
  const { centers, half, product, label, score, k, padded } = scratch;
  if (layout.precision === 'F64') {
    run.dotsF64(x, roundUp(n, 4), layout.stride, centers, padded, product);
    run.nearestF64(product, n, padded, half, k, label, score);
  } else {
    run.dotsF32(x, roundUp(n, 4), layout.stride, centers, padded, product);
    run.nearestF32(product, n, padded, half, k, label, score);
  }
}

/** The origin as a float array of the data's precision. */
export function asPrecision(values: Float64Array, data: FloatArray): FloatArray {
  const rounded = like(data, values.length);
  rounded.set(values);
  return rounded;
}
