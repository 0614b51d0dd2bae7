import type { Pieces } from '../breather.ts';
import { Matrix } from '../matrix.ts';
import { scaledCovariance, unitOf } from './covariance.ts';
import { timesTransposedPieces } from './product.ts';
import { pointAxis, symmetricEigenPieces } from './symmetricEigen.ts';

/** The min(n, d) directions of largest variance. */
export interface PrincipalAxes {
  /** Variance (÷ n − 1) along each, decreasing. */
  readonly variances: Float64Array;
  /** Orthonormal rows of d entries, the one of largest magnitude in each positive. */
  readonly axes: Float64Array;
}

/**
 * The eigenvectors of the covariance matrix, from the smaller of two problems: the d × d matrix itself, or, for fewer
 * rows than columns, the n × n inner products of the centered rows, which has the same eigenvalues λ > 0: if
 * XXᵀu = (n − 1)λu, then Xᵀu is an eigenvector of XᵀX (Bishop, PRML, §12.1.4).
 * @throws RangeError if the variances overflow, or all of them underflow
 */
export function* principalAxes(X: Matrix, mean: Float64Array): Pieces<PrincipalAxes> {
  const unit = yield* unitOf(X, mean);
  const { variances: scaled, axes } = yield* X.rows < X.cols
    ? fromRows(X, mean, unit)
    : fromColumns(X, mean, unit);
  const variances = scaled.map((variance) => variance * unit * unit);
  if (!Number.isFinite(variances[0]))
    throw new RangeError('pca: the variances of X overflow; scale it down first');
  if (scaled[0]! > 0 && variances[0]! < SMALLEST_NORMAL)
    throw new RangeError('pca: the variances of X underflow; scale it up first');
  return { variances, axes };
}

const SMALLEST_NORMAL = 2 ** -1022;

function* fromColumns(X: Matrix, mean: Float64Array, unit: number): Pieces<PrincipalAxes> {
  const moments = finite(yield* scaledCovariance(X, mean, unit));
  const { values, vectors } = yield* symmetricEigenPieces(moments, X.cols);
  return { variances: values, axes: vectors };
}

function* fromRows({ data, rows, cols }: Matrix, mean: Float64Array, unit: number): Pieces<PrincipalAxes> {
  const centered = new Float64Array(data.length);
  for (let i = 0, at = 0; i < rows; i++)
    for (let j = 0; j < cols; j++, at++) centered[at] = (data[at]! - mean[j]!) / unit;
  const left = new Matrix(centered, rows, cols);
  const products = yield* timesTransposedPieces(left, centered, rows);
  const moments = finite(products.map((value) => value / (rows - 1)));
  const { values, vectors } = yield* symmetricEigenPieces(moments, rows);
  const columns = new Float64Array(cols * rows);
  for (let i = 0, at = 0; i < rows; i++)
    for (let j = 0; j < cols; j++, at++) columns[j * rows + i] = centered[at]!;
  const combine = new Matrix(vectors, rows, rows);
  const axes = (yield* timesTransposedPieces(combine, columns, cols)) as Float64Array;
  yield* orthonormalize(axes, rows, cols);
  return { variances: values, axes };
}

function finite(matrix: Float64Array | Float32Array): Float64Array {
  if (!matrix.every(Number.isFinite))
    throw new RangeError('pca: the variances of X overflow; scale it down first');
  return matrix as Float64Array;
}

/**
 * Makes k rows of d > k entries, nearly orthogonal and of decreasing length, orthonormal (Gram and Schmidt, repeated
 * where much was taken away). Rows that hold nothing but rounding are replaced by what is left of coordinate axes.
 */
function* orthonormalize(rows: Float64Array, k: number, d: number): Pieces<void> {
  const longest = norm(rows.subarray(0, d)) || 1;
  for (let c = 0; c < k; c++) {
    yield;
    const row = rows.subarray(c * d, (c + 1) * d);
    for (let j = 0; j < d; j++) row[j]! /= longest;
    for (let size = norm(row); ; ) {
      // Lengths are √(λ/λ₁), and rows a and b are orthogonal to about ε / (their product) already.
      if (size < 0.1) removePrevious(rows, c, d);
      const left = norm(row);
      if (left > 0.5 * size) {
        for (let j = 0; j < d; j++) row[j]! /= left;
        break;
      }
      size = left;
      if (left > d * Number.EPSILON) continue;
      row.fill(0);
      row[freestCoordinate(rows, c, d)] = 1;
      removePrevious(rows, c, d);
      size = norm(row);
    }
    pointAxis(row);
  }
}

/** Takes from row c what it has along the rows before it. */
function removePrevious(rows: Float64Array, c: number, d: number): void {
  const row = rows.subarray(c * d, (c + 1) * d);
  for (let p = 0; p < c; p++) {
    const previous = rows.subarray(p * d, (p + 1) * d);
    let along = 0;
    for (let j = 0; j < d; j++) along += row[j]! * previous[j]!;
    for (let j = 0; j < d; j++) row[j]! -= along * previous[j]!;
  }
}

/** The coordinate of which the first c rows explain least. */
function freestCoordinate(rows: Float64Array, c: number, d: number): number {
  const explained = new Float64Array(d);
  for (let p = 0; p < c; p++)
    for (let j = 0; j < d; j++) explained[j]! += rows[p * d + j]! * rows[p * d + j]!;
  return explained.indexOf(explained.reduce((least, value) => Math.min(least, value)));
}

function norm(vector: Float64Array): number {
  let squares = 0;
  for (let j = 0; j < vector.length; j++) squares += vector[j]! * vector[j]!;
  return Math.sqrt(squares);
}
