import type { Kernels } from '../kernels/kernels.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';

/** Some rows as the first layer reads them: all values, or the `count` that are not zero, column by column. */
export type Batch = { readonly dense: number } | { readonly entries: number; readonly count: number };

/** Bytes of a non-zero value with its column, and with its row in a batch too. */
export const ENTRY = 8;
export const BATCH_ENTRY = 12;

/** The share of non-zero values up to which skipping the zeros is faster than the dense tiles. */
export const SPARSE = 0.4;

/** Rows handled at once: with the first layer's weights they stay in the processor's cache. */
export const BLOCK = 64;

/**
 * Checks X.
 * @returns X in float32, without a copy where it is float32 already
 */
export function float32Matrix(X: MatrixLike, who: string, cols?: number): Matrix {
  const matrix = Matrix.from(X, { who, cols });
  if (matrix.dtype === 'float32') return matrix;
  return Matrix.from(new Matrix(new Float32Array(matrix.data), matrix.rows, matrix.cols), { who });
}

/** Copies the rows [from, from + n) of a matrix to `to`, `stride` elements a row. The padding is left alone. */
export function copyRows(
  kernels: Kernels,
  { data, cols }: Matrix,
  from: number,
  n: number,
  stride: number,
  to: number,
): void {
  const view = kernels.f32(to, n * stride);
  for (let i = 0; i < n; i++) view.set(data.subarray((from + i) * cols, (from + i + 1) * cols), i * stride);
}

/**
 * Writes 0 … n − 1 to the kernels' memory, for sparse rows taken in their own order.
 * @returns where they lie
 */
export function putCounting(kernels: Kernels, n: number): number {
  return kernels.put(Uint32Array.from({ length: n }, (_, i) => i));
}
