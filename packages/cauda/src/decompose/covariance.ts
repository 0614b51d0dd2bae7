import { atOnce, type Pieces } from '../breather.ts';
import { bytesOf, precisionOf, roundUp } from '../kernels/kernels.ts';
import { withKernels } from '../kernels/module.ts';
import type { Matrix } from '../matrix.ts';
import { powerOfTwo } from '../powerOfTwo.ts';

const BLOCK = 64; // rows whose products are summed in the precision of X before they are added in float64

/** Mean of each column, in float64. */
export function columnMeans({ data, rows, cols }: Matrix): Float64Array {
  const mean = new Float64Array(cols);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < cols; j++, at++) mean[j]! += data[at]!;
  for (let j = 0; j < cols; j++) mean[j]! /= rows;
  return mean;
}

/**
 * Σ (x − mean)(x − mean)ᵀ / (n − 1) over the rows (d × d, float64, both halves). Rows are centered before anything is
 * multiplied.
 */
export function covariance(X: Matrix, mean: Float64Array): Float64Array {
  return atOnce(covariancePieces(X, mean));
}

/** Multiplications of a piece: some tens of milliseconds. */
const PIECE = 2 ** 29;

/** `covariance` in pieces of some rows. */
export function* covariancePieces(X: Matrix, mean: Float64Array): Pieces<Float64Array> {
  const unit = yield* unitOf(X, mean);
  const matrix = yield* scaledCovariance(X, mean, unit);
  return unit === 1 ? matrix : matrix.map((entry) => entry * unit * unit);
}

/** Values looked at in a piece. */
const VALUES = 2 ** 22;

/**
 * The power of two by which x − mean is divided before it is squared, so that float32's squares, too, neither over- nor
 * underflow: the largest one that is at most the largest |x − mean|.
 */
export function* unitOf({ data, rows, cols }: Matrix, mean: Float64Array): Pieces<number> {
  const most = Math.max(1, Math.floor(VALUES / cols));
  let largest = 0;
  for (let from = 0; from < rows; from += most) {
    const to = Math.min(rows, from + most);
    for (let i = from, at = from * cols; i < to; i++)
      for (let j = 0; j < cols; j++, at++) largest = Math.max(largest, Math.abs(data[at]! - mean[j]!));
    yield;
  }
  return powerOfTwo(largest);
}

/** The covariance of the rows divided by `unit`, a power of two: the same bits wherever nothing over- or underflows. */
export function* scaledCovariance(X: Matrix, mean: Float64Array, unit: number): Pieces<Float64Array> {
  const { rows, cols } = X;
  let wide = roundUp(cols, 8);
  if (wide % 64 === 0) wide += 8; // else all rows of a block meet in a few sets of the cache
  const upper = new Float64Array(wide * wide);
  const most = BLOCK * Math.max(1, Math.floor(PIECE / (BLOCK * cols * cols)));
  for (let from = 0; from < rows; from += most) {
    addProducts(X, mean, unit, from, Math.min(most, rows - from), wide, upper);
    yield;
  }
  const result = new Float64Array(cols * cols);
  for (let i = 0; i < cols; i++)
    for (let j = i; j < cols; j++)
      result[i * cols + j] = result[j * cols + i] = upper[i * wide + j]! / (rows - 1);
  return result;
}

/** Adds Σ (x − mean)(x − mean)ᵀ ÷ unit² of `n` rows to the upper half, in rows of `wide`. */
function addProducts(
  { data, cols }: Matrix,
  mean: Float64Array,
  unit: number,
  from: number,
  n: number,
  wide: number,
  upper: Float64Array,
): void {
  withKernels((kernels) => {
    const precision = precisionOf(data);
    const block = kernels.zeros(BLOCK * wide * bytesOf(precision));
    const sums = kernels.put(upper);
    const centered = kernels.floats(precision, block, BLOCK * wide);
    for (let first = from; first < from + n; first += BLOCK) {
      const count = Math.min(BLOCK, from + n - first);
      for (let i = 0, at = first * cols; i < count; i++)
        for (let j = 0; j < cols; j++, at++) centered[i * wide + j] = (data[at]! - mean[j]!) / unit;
      kernels.run[`gram${precision}`](block, count, wide, sums);
    }
    upper.set(kernels.f64(sums, upper.length));
  });
}
