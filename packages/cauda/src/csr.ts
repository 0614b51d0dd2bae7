import { describe } from './check.ts';
import { type FloatArray, like, Matrix, type TensorData } from './matrix.ts';
import { exactly, isNumbers } from './numbers.ts';
import { type TensorFormat, tensorValues } from './tensor.ts';

/**
 * A sparse matrix as the compressed rows that scipy and others write: row i has the values data[p] in the columns
 * indices[p], for p from indptr[i] to indptr[i + 1]; all other entries are 0.
 */
export type CsrLike =
  | CsrMatrix
  | (Pick<TensorFormat, 'type' | 'dtype'> & {
      readonly data: TensorData;
      /** Also 64-bit integers. */
      readonly indices: ArrayLike<number | bigint>;
      readonly indptr: ArrayLike<number | bigint>;
      readonly shape: readonly number[];
      /** Only "csr"; other compressed forms are refused by name. */
      readonly format?: string;
    });

/** A sparse matrix of compressed rows, checked. The precision of the values is chosen as for `Matrix`. */
export class CsrMatrix {
  /** The values, row after row. */
  readonly data: FloatArray;
  /** The column of each value, rising within a row. */
  readonly indices: Uint32Array;
  /** Where each row begins in data and indices, and where the last one ends: rows + 1. */
  readonly indptr: Uint32Array;
  readonly rows: number;
  readonly cols: number;

  /** Takes the arrays as they are; `CsrMatrix.from` checks them. */
  constructor(data: FloatArray, indices: Uint32Array, indptr: Uint32Array, cols: number) {
    this.data = data;
    this.indices = indices;
    this.indptr = indptr;
    this.rows = indptr.length - 1;
    this.cols = cols;
    Object.freeze(this);
  }

  /** [rows, cols]. */
  get shape(): readonly [number, number] {
    return [this.rows, this.cols];
  }

  /** The precision of the values. */
  get dtype(): 'float32' | 'float64' {
    return this.data instanceof Float64Array ? 'float64' : 'float32';
  }

  /** A dense copy of row `index`. */
  row(index: number): FloatArray {
    return this.dense(index, index + 1).data;
  }

  /** A dense copy of the rows [from, to). */
  dense(from: number, to: number): Matrix {
    const { data, indices, indptr, cols } = this;
    const values = like(data, (to - from) * cols);
    for (let i = from; i < to; i++)
      for (let p = indptr[i]!; p < indptr[i + 1]!; p++) values[(i - from) * cols + indices[p]!] = data[p]!;
    return new Matrix(values, to - from, cols);
  }

  /** A copy of the rows [from, to). */
  slice(from: number, to: number): CsrMatrix {
    const { data, indices, indptr, cols } = this;
    const [first, last] = [indptr[from]!, indptr[to]!];
    const starts = indptr.slice(from, to + 1).map((start) => start - first);
    return new CsrMatrix(data.slice(first, last), indices.slice(first, last), starts, cols);
  }

  /**
   * Any `CsrLike` as a checked matrix: rows that begin where the one before ends, columns in range that rise within a
   * row, finite values.
   * @param who the function and argument that an error names
   * @throws TypeError for something that is no sparse matrix, RangeError for a broken structure, NaN or infinity
   */
  static from(X: CsrLike, who: string = 'csr'): CsrMatrix {
    if (X instanceof CsrMatrix) return X;
    const { data, indices, indptr, shape, format, type, dtype } = (X ?? {}) as { [name: string]: unknown };
    if (format !== undefined && format !== 'csr')
      throw new TypeError(
        `${who}: format must be "csr", compressed rows; got ${describe(format)}; convert it first (in scipy, matrix.tocsr())`,
      );
    if (!isNumbers(data) || !isNumbers(indices) || !isNumbers(indptr) || !isNumbers(shape))
      throw new TypeError(
        `${who}: a sparse matrix is { data, indices, indptr, shape } with arrays of numbers; got ${describe(X)}`,
      );
    const [rows, cols] = Array.from(shape) as number[];
    const size = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 1;
    if (shape.length !== 2 || !size(rows) || !size(cols) || cols! > 2 ** 32)
      throw new RangeError(
        `${who}: shape must be [rows, columns], at least 1 × 1; got [${Array.from(shape).join(', ')}]`,
      );
    const columns = placesOf(`${who}: indices`, indices);
    const starts = placesOf(`${who}: indptr`, indptr);
    const place = (at: number): string => `${who}: data[${at}]`;
    const values = tensorValues(who, { type, dtype, data }, [data.length], 'shape', place);
    checkStructure(who, values, columns, starts, rows!, cols!);
    return new CsrMatrix(values, Uint32Array.from(columns), Uint32Array.from(starts), cols!);
  }
}

/** Indices as numbers, 64-bit ones too. */
function placesOf(where: string, values: ArrayLike<number | bigint>): ArrayLike<number> {
  if (typeof values[0] !== 'bigint') return values as ArrayLike<number>;
  return Float64Array.from(Array.from<unknown>(values), (value, i) =>
    typeof value === 'bigint' ? exactly(value, () => `${where}[${i}]`) : Number.NaN,
  );
}

/** Whether X is meant as a sparse matrix. */
export function isCsr(X: unknown): X is CsrLike {
  return typeof X === 'object' && X !== null && 'indptr' in X;
}

function checkStructure(
  who: string,
  data: ArrayLike<number>,
  indices: ArrayLike<number>,
  indptr: ArrayLike<number>,
  rows: number,
  cols: number,
): void {
  if (indptr.length !== rows + 1)
    throw new RangeError(`${who}: indptr must have rows + 1 = ${rows + 1} entries; got ${indptr.length}`);
  if (data.length !== indices.length)
    throw new RangeError(
      `${who}: data and indices must have the same length; got ${data.length} and ${indices.length}`,
    );
  if (indptr[0] !== 0 || indptr[rows] !== data.length)
    throw new RangeError(
      `${who}: indptr must go from 0 to the number of values, ${data.length}; got ${indptr[0]} to ${indptr[rows]}`,
    );
  for (let i = 0; i < rows; i++) {
    const from = indptr[i]!;
    const to = indptr[i + 1]!;
    if (!(Number.isInteger(to) && to >= from && to <= data.length))
      throw new RangeError(`${who}: indptr must not fall; got ${from} and then ${to} at row ${i}`);
    for (let p = from; p < to; p++) {
      const column = indices[p]!;
      if (!(Number.isInteger(column) && column >= 0 && column < cols))
        throw new RangeError(
          `${who}: row ${i}: a column index must be an integer in [0, ${cols - 1}]; got ${describe(column)}`,
        );
      if (p > from && column <= indices[p - 1]!)
        throw new RangeError(
          `${who}: row ${i}: column indices must rise; got ${indices[p - 1]} and then ${column} (sort them, and add up duplicates)`,
        );
      if (!Number.isFinite(data[p]))
        throw new RangeError(
          `${who}: row ${i}, column ${column} is ${describe(data[p])}; expected finite values`,
        );
    }
  }
}
