import type { CsrMatrix } from '../../csr.ts';
import { type Precision, roundUp } from '../../kernels/kernels.ts';
import type { FloatArray, Matrix } from '../../matrix.ts';

/**
 * How K-means' kernels see rows and centers: padded with zeros to whole vectors.
 *
 * With masked rows (missing: 'observed') a row is [x | m], x with zeros where entries are missing and m their 0/1
 * mask, and a center is [c | −½c²]. The one product of the two is Σ_observed (x c − ½ c²), so the same kernels that
 * minimize ½‖c‖² − x·c over full rows minimize Σ_observed (x − c)² over masked ones, and the same sum over rows
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

export function layoutOf({ dtype, cols }: Pick<Matrix, 'dtype' | 'cols'>, masked: boolean): Layout {
  const width = roundUp(cols, 4);
  const precision = dtype === 'float64' ? 'F64' : 'F32';
  return { precision, d: cols, width, stride: masked ? 2 * width : width, masked };
}

/** Writes rows [from, to) of `data` to `out` in the layout. */
export function layRows(
  data: FloatArray,
  from: number,
  to: number,
  { d, width, stride, masked }: Layout,
  out: FloatArray,
): void {
  if (d === stride) {
    out.set(data.subarray(from * d, to * d));
    return;
  }
  for (let i = from, o = 0; i < to; i++, o += stride)
    for (let j = 0; j < d; j++) {
      const value = data[i * d + j]!;
      if (!masked) out[o + j] = value;
      else if (!Number.isNaN(value)) {
        out[o + j] = value;
        out[o + width + j] = 1;
      }
    }
}

/** Writes n sparse rows to `out`, zeroed, in the layout. */
export function layEntries(data: FloatArray, csr: Csr, n: number, { stride }: Layout, out: FloatArray): void {
  for (let i = 0; i < n; i++)
    for (let p = csr.indptr[i]!; p < csr.indptr[i + 1]!; p++) out[i * stride + csr.indices[p]!] = data[p]!;
}

/** Where the values of sparse rows are. */
export type Csr = Pick<CsrMatrix, 'indices' | 'indptr'>;

/** Centers as the kernels take them: K × stride rows and the constants that `nearest` starts from. */
export interface KernelCenters {
  readonly rows: FloatArray;
  readonly half: FloatArray;
  /** The largest ‖row‖. */
  readonly norm: number;
}

/** Lays centers out for the kernels; `centers` is K × d. */
export function kernelCenters(centers: ArrayLike<number>, layout: Layout): KernelCenters {
  const { d, width, stride, masked } = layout;
  const k = centers.length / d;
  const rows = floats(layout, k * stride);
  const half = floats(layout, k);
  let norm = 0;
  for (let c = 0; c < k; c++) {
    let sum = 0;
    let square = 0;
    for (let j = 0; j < d; j++) {
      const at = c * stride + j;
      rows[at] = centers[c * d + j]!;
      const stored = rows[at]!; // in the layout's precision
      square += stored * stored;
      if (masked) {
        rows[at + width] = -0.5 * stored * stored;
        square += rows[at + width]! * rows[at + width]!;
      } else sum += stored * stored;
    }
    half[c] = 0.5 * sum;
    norm = Math.max(norm, square);
  }
  return { rows, half, norm: Math.sqrt(norm) };
}

/** An array of zeros in the layout's precision. */
export function floats({ precision }: Layout, length: number): FloatArray {
  return precision === 'F64' ? new Float64Array(length) : new Float32Array(length);
}
