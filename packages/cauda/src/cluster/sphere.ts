import { type FloatArray, like, Matrix } from '../matrix.ts';

/**
 * Writes x / ‖x‖ to `out`, for the d values x of `row` from `from`. Their magnitude does not matter: the largest is
 * divided out before they are squared.
 * @returns false, and writes nothing, if all are zero
 */
export function writeDirection(
  row: ArrayLike<number>,
  from: number,
  d: number,
  out: FloatArray,
  at: number,
): boolean {
  let most = 0;
  for (let j = 0; j < d; j++) most = Math.max(most, Math.abs(row[from + j]!));
  if (most === 0) return false;
  let square = 0;
  for (let j = 0; j < d; j++) {
    const scaled = row[from + j]! / most;
    square += scaled * scaled;
  }
  const norm = Math.sqrt(square);
  for (let j = 0; j < d; j++) out[at + j] = row[from + j]! / most / norm;
  return true;
}

/**
 * The rows of X at length 1.
 * @throws RangeError for a row of zeros
 */
export function unitRows({ data, rows, cols }: Matrix, who: string): Matrix {
  const unit = like(data, data.length);
  for (let i = 0; i < rows; i++)
    if (!writeDirection(data, i * cols, cols, unit, i * cols)) throw noDirection(`${who}: row ${i}`);
  return new Matrix(unit, rows, cols);
}

/** The error for a row of zeros under `metric: 'cosine'`. */
export function noDirection(where: string): RangeError {
  return new RangeError(
    `${where} is all zeros and has no direction; leave it out, or use metric "euclidean"`,
  );
}
