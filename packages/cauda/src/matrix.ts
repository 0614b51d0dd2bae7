import { describe } from './check.ts';
import { takers } from './tags.ts';

/** Typed arrays of numbers. BigInt arrays are not numbers. */
export type TypedArray =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray;

/** Arrays of numbers that Cauda reads. */
export type NumericArray = TypedArray | readonly number[];

/** The arrays that hold a matrix's values: the precision in which everything is then computed. */
export type FloatArray = Float64Array | Float32Array;

/**
 * Whatever Cauda takes as a matrix of nSamples × nFeatures, row-major:
 * - a `Matrix`;
 * - `{ data, shape: [rows, cols] }`;
 * - `{ data, dims: [rows, cols] }`, as ONNX Runtime's and transformers.js' tensors have it; more dimensions are
 *   refused: which of them are features is for the caller to say (a guard pools a `FeatureMap`);
 * - an array of rows.
 */
export type MatrixLike =
  | Matrix
  | { readonly data: NumericArray; readonly shape: readonly number[] }
  | { readonly data: NumericArray; readonly dims: readonly number[] }
  | readonly ArrayLike<number>[];

/** How `Matrix.from` names itself and what it lets through. */
export interface MatrixFromOptions {
  /** The function and argument that an error names; defaults to "matrix". */
  who?: string;
  /** Whether NaN is let through, as the mark of a missing entry; infinity never is. Defaults to false. */
  allowNaN?: boolean;
  /** The number of columns the matrix must have; defaults to any. */
  cols?: number;
  /** The number of the first row, for errors about a block of a larger matrix; defaults to 0. */
  firstRow?: number;
}

/**
 * A dense row-major matrix. `Float64Array` stays float64 and `Float32Array` stays float32, without a copy; arrays of
 * plain numbers become float64, and every other typed array becomes float32.
 */
export class Matrix {
  /** The values, row after row; length rows × cols. */
  readonly data: FloatArray;
  readonly rows: number;
  readonly cols: number;

  /**
   * Takes `data` as it is; `Matrix.from` checks its values too.
   * @throws RangeError if the length of data is not rows × cols
   */
  constructor(data: FloatArray, rows: number, cols: number) {
    if (data.length !== rows * cols)
      throw new RangeError(`matrix: ${rows} × ${cols} needs ${rows * cols} values; got ${data.length}`);
    this.data = data;
    this.rows = rows;
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

  /** Row `index` as a view: writing to it writes to the matrix. */
  row(index: number): FloatArray {
    if (!Number.isInteger(index) || index < 0 || index >= this.rows)
      throw new RangeError(`matrix: row must be an integer in [0, ${this.rows - 1}]; got ${describe(index)}`);
    return this.data.subarray(index * this.cols, (index + 1) * this.cols);
  }

  /** A copy of the rows with the given indices, in that order. */
  take(indices: ArrayLike<number>): Matrix {
    const taken = like(this.data, indices.length * this.cols);
    for (let i = 0; i < indices.length; i++) taken.set(this.row(indices[i]!), i * this.cols);
    return new Matrix(taken, indices.length, this.cols);
  }

  /** The values as an array of rows. */
  toArray(): number[][] {
    return Array.from({ length: this.rows }, (_, i) => Array.from(this.row(i)));
  }

  /**
   * Any `MatrixLike` as a checked `Matrix`: not empty, not ragged, finite.
   * @throws TypeError for something that is no matrix, RangeError for wrong sizes, NaN or infinity
   */
  static from(
    X: MatrixLike,
    { who = 'matrix', allowNaN = false, cols, firstRow = 0 }: MatrixFromOptions = {},
  ): Matrix {
    const matrix =
      X instanceof Matrix ? X : Array.isArray(X) ? fromRows(X, who, firstRow) : fromTensor(X, who, firstRow);
    if (matrix.rows === 0 || matrix.cols === 0)
      throw new RangeError(
        `${who}: expected at least one row and one column; got ${matrix.rows} × ${matrix.cols}`,
      );
    if (cols !== undefined && matrix.cols !== cols)
      throw new RangeError(
        `${who}: X has ${plural(matrix.cols, 'feature')}; this model was fitted on ${cols}`,
      );
    checkFinite(matrix, who, allowNaN, firstRow);
    return matrix;
  }
}

/** A zeroed array of the same precision as `data`. */
export function like(data: FloatArray, length: number): FloatArray {
  return data instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
}

function fromRows(rows: readonly ArrayLike<number>[], who: string, first: number): Matrix {
  const cols = rows[0]?.length ?? 0;
  const single = rows[0] instanceof Float32Array;
  if (rows.length && typeof rows[0] !== 'object')
    throw new TypeError(
      `${who}: expected an array of rows; got an array of ${describe(rows[0])}; wrap one row as [row]`,
    );
  const data = single ? new Float32Array(rows.length * cols) : new Float64Array(rows.length * cols);
  rows.forEach((row, i) => {
    if (row?.length !== cols)
      throw new RangeError(
        `${who}: row ${first + i} has ${plural(row?.length ?? 0, 'value')} but row ${first} has ${cols}; all rows need the same length`,
      );
    for (let j = 0; j < cols; j++) {
      const value = row[j];
      if (typeof value !== 'number')
        throw new TypeError(
          `${who}: row ${first + i}, column ${j}: expected a number; got ${describe(value)}`,
        );
      data[i * cols + j] = value;
    }
  });
  return new Matrix(data, rows.length, cols);
}

function fromTensor(X: unknown, who: string, first: number): Matrix {
  const { data, shape, dims } = (X ?? {}) as { data?: unknown; shape?: unknown; dims?: unknown };
  const sizes = shape ?? dims;
  const typed = ArrayBuffer.isView(data) && !(data instanceof DataView);
  if ((!typed && !Array.isArray(data)) || !Array.isArray(sizes))
    throw new TypeError(
      `${who}: expected a Matrix, { data, shape }, { data, dims } or an array of rows; got ${describe(X)}`,
    );
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    throw new TypeError(
      `${who}: ${describe(data)} holds no numbers; convert it to Float64Array or Int32Array`,
    );
  const named = shape ? 'shape' : 'dims';
  if (sizes.length < 2 || !sizes.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new RangeError(`${who}: ${named} must be [rows, columns]; got [${sizes.join(', ')}]`);
  const rows = sizes[0] as number;
  const cols = sizes.slice(1).reduce((product: number, size: number) => product * size, 1);
  if (sizes.length > 2)
    throw new RangeError(
      `${who}: ${named} must be [rows, columns]; got ${sizes.length} dimensions, [${sizes.join(', ')}]; if each row is all that follows the first, say [${rows}, ${cols}]; a guard pools feature maps given as { data, dims, layout }`,
    );
  const numbers = data as NumericArray;
  if (numbers.length !== rows * cols)
    throw new RangeError(
      `${who}: ${named} [${sizes.join(', ')}] needs ${rows * cols} values; data has ${numbers.length}`,
    );
  if (Array.isArray(data)) {
    const wrong = data.findIndex((value) => typeof value !== 'number');
    if (wrong >= 0)
      throw new TypeError(
        `${who}: row ${first + Math.floor(wrong / cols)}, column ${wrong % cols}: expected a number; got ${describe(data[wrong])}`,
      );
    return new Matrix(Float64Array.from(data as number[]), rows, cols);
  }
  if (numbers instanceof Float64Array || numbers instanceof Float32Array)
    return new Matrix(numbers, rows, cols);
  return new Matrix(new Float32Array(numbers), rows, cols);
}

/** `value * 0` is NaN for NaN and infinity alone, so one sum tells whether to look closer. */
function checkFinite({ data, cols }: Matrix, who: string, allowNaN: boolean, first: number): void {
  const whole = data.length - (data.length % 4);
  let [a, b, c, d] = [0, 0, 0, 0]; // four sums side by side: one alone would wait for itself
  for (let i = 0; i < whole; i += 4) {
    a += data[i]! * 0;
    b += data[i + 1]! * 0;
    c += data[i + 2]! * 0;
    d += data[i + 3]! * 0;
  }
  for (let i = whole; i < data.length; i++) a += data[i]! * 0;
  if (a + b + c + d === 0) return;
  const wrong = data.findIndex((value) =>
    allowNaN ? Math.abs(value) === Infinity : !Number.isFinite(value),
  );
  if (wrong < 0) return;
  const where = `row ${first + Math.floor(wrong / cols)}, column ${wrong % cols}`;
  const value = data[wrong];
  throw new RangeError(
    Number.isNaN(value)
      ? `${who}: ${where} is NaN; expected finite values (remove or fill the row; ${takers('missing')} take NaN with the option missing)`
      : `${who}: ${where} is ${value}; expected finite values`,
  );
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
