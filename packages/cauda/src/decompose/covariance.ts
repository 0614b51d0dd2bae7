import { bytesOf, precisionOf, roundUp } from '../kernels/kernels.ts';
import { withKernels } from '../kernels/module.ts';
import type { Matrix } from '../matrix.ts';

const BLOCK = 64; // rows whose products are summed in the precision of X before they are added in float64

/** Mean of each column, in float64. */
export function columnMeans({ data, rows, cols }: Matrix): Float64Array {
  const mean = new Float64Array(cols);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < cols; j++, at++) mean[j]! += data[at]!;
  for (let j = 0; j < cols; j++) mean[j]! /= rows;
  return mean;
}

/**
 * Σ (x − mean)(x − mean)ᵀ / (n − 1) over the rows (d × d, float64, both halves). Rows are centred before anything is
 * multiplied.
 */
export function covariance(X: Matrix, mean: Float64Array): Float64Array {
  const { rows, cols } = X;
  return withKernels((kernels) => {
    const precision = precisionOf(X.data);
    let wide = roundUp(cols, 8);
    if (wide % 64 === 0) wide += 8; // else all rows of a block meet in a few sets of the cache
    const block = kernels.zeros(BLOCK * wide * bytesOf(precision));
    const sums = kernels.zeros(wide * wide * 8);
    const centred = kernels.floats(precision, block, BLOCK * wide);
    for (let first = 0; first < rows; first += BLOCK) {
      const count = Math.min(BLOCK, rows - first);
      for (let i = 0, at = first * cols; i < count; i++)
        for (let j = 0; j < cols; j++, at++) centred[i * wide + j] = X.data[at]! - mean[j]!;
      kernels.run[`gram${precision}`](block, count, wide, sums);
    }
    const upper = kernels.f64(sums, wide * wide);
    const result = new Float64Array(cols * cols);
    for (let i = 0; i < cols; i++)
      for (let j = i; j < cols; j++)
        result[i * cols + j] = result[j * cols + i] = upper[i * wide + j]! / (rows - 1);
    return result;
  });
}
