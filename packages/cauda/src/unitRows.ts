import { CsrMatrix } from './csr.ts';
import { type FloatArray, like, Matrix } from './matrix.ts';

/**
 * The rows of X at length 1.
 * @param first the number of the first row, for the error
 * @throws RangeError for a row of zeros
 */
export function unitRows<Rows extends Matrix | CsrMatrix>(X: Rows, who: string, first: number = 0): Rows {
  const { data, rows, cols } = X;
  const unit = like(data, data.length);
  const starts = X instanceof CsrMatrix ? X.indptr : undefined;
  for (let i = 0; i < rows; i++) {
    const from = starts ? starts[i]! : i * cols;
    const count = starts ? starts[i + 1]! - from : cols;
    if (!writeDirection(data, from, count, unit, from)) throw noDirection(`${who}: row ${first + i}`);
  }
  return (
    X instanceof CsrMatrix ? new CsrMatrix(unit, X.indices, X.indptr, cols) : new Matrix(unit, rows, cols)
  ) as Rows;
}

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

/** The error for a row of zeros under `metric: 'cosine'`. */
export function noDirection(where: string): RangeError {
  return new RangeError(
    `${where} is all zeros and has no direction; leave it out, or use metric "euclidean"`,
  );
}
