import { describe } from './check.ts';
import { type FloatArray, floatsOf, isNumbers, numbersOf, shown, typedKind } from './numbers.ts';
import { takers } from './tags.ts';
import { type TensorFormat, tensorValues } from './tensor.ts';

/** Typed arrays of numbers. */
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

/** The data of a tensor: also 64-bit integers, up to 2^53. A type allows strings, which are refused when they come. */
export type TensorData = NumericArray | BigInt64Array | BigUint64Array | readonly string[];

export type { FloatArray };

/**
 * Whatever Cauda takes as a matrix of nSamples × nFeatures, row-major:
 * - a `Matrix`;
 * - `{ data, shape: [rows, cols] }`;
 * - `{ data, dims: [rows, cols] }`, as ONNX Runtime's and transformers.js' tensors have it; more dimensions are
 *   refused: which of them are features is for the caller to say (a guard pools a `FeatureMap`);
 * - an array of rows.
 *
 * What a tensor says about its data (`type` or `dtype`, `stride` or `strides`, `offset`, `order`, `fortranOrder`) is
 * heeded, or refused by name: `float16` in a Uint16Array is read from its bits.
 */
export type MatrixLike =
  | Matrix
  | (TensorFormat & { readonly data: TensorData; readonly shape: readonly number[] })
  | (TensorFormat & { readonly data: TensorData; readonly dims: readonly number[] })
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
 * plain numbers and integers of 32 and 64 bits become float64, shorter integers and float16 become float32.
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
    this.data = isFloats(data) ? data : floatsOf(data, (at) => `matrix: value ${at}`); // from another window
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

function isFloats(data: FloatArray): boolean {
  return data instanceof Float64Array || data instanceof Float32Array;
}

/** A zeroed array of the same precision as `data`. */
export function like(data: FloatArray, length: number): FloatArray {
  return data instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
}

function fromRows(rows: readonly ArrayLike<number>[], who: string, first: number): Matrix {
  if (rows.length && !isRow(rows[0])) throw noRow(rows, 0, who, first);
  const cols = rows[0]?.length ?? 0;
  const single = rows.every((row) => singles.includes(typedKind(row)));
  const data = single ? new Float32Array(rows.length * cols) : new Float64Array(rows.length * cols);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!; // a hole, too, is looked at
    if (!isRow(row)) throw noRow(rows, i, who, first);
    if (row.length !== cols)
      throw new RangeError(
        `${who}: row ${first + i} has ${plural(row.length, 'value')} but row ${first} has ${cols}; all rows need the same length`,
      );
    const place = (j: number): string => `${who}: row ${first + i}, column ${j}`;
    data.set(typedKind(row) === undefined ? numbersOf(row, place) : floatsOf(row, place), i * cols);
  }
  return new Matrix(data, rows.length, cols);
}

function isRow(row: unknown): row is ArrayLike<number> {
  return (
    typeof row === 'object' && row !== null && Number.isSafeInteger((row as { length?: unknown }).length)
  );
}

/** The arrays of which `floatsOf` makes float32. */
const singles: readonly (string | undefined)[] =
  'Float32Array Float16Array Int16Array Uint16Array Int8Array Uint8Array Uint8ClampedArray'.split(' ');

/** The error for something among the rows that is none. */
function noRow(rows: ArrayLike<unknown>, index: number, who: string, first: number): TypeError {
  const row = rows[index];
  const came = shown(rows, index);
  if (typeof row !== 'object' && row !== undefined)
    return new TypeError(
      `${who}: expected an array of rows; got an array of ${came}; if it is one row, say [row]; if it is one column, say column.map((value) => [value])`,
    );
  return new TypeError(
    `${who}: row ${first + index} must be an array of numbers; got ${came}${row ? '; list the values of its columns, as in rows.map((row) => [row.a, row.b])' : ''}`,
  );
}

function fromTensor(X: unknown, who: string, first: number): Matrix {
  const tensor = (X ?? {}) as TensorFormat & { data?: unknown; shape?: unknown; dims?: unknown };
  const { data, shape, dims } = tensor;
  const given = shape ?? dims;
  if (isNumbers(X))
    throw new TypeError(
      `${who}: expected a Matrix, { data, shape }, { data, dims } or an array of rows; got ${describe(X)}, which has one dimension; if it is one row, say { data, shape: [1, ${X.length}] }; if it is one column, { data, shape: [${X.length}, 1] }`,
    );
  if (!isNumbers(data) || !isNumbers(given))
    throw new TypeError(
      `${who}: expected a Matrix, { data, shape }, { data, dims } or an array of rows; got ${described(X)}`,
    );
  const named = shape ? 'shape' : 'dims';
  const sizes = Array.from(given, Number);
  if (sizes.length < 2 || !sizes.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new RangeError(`${who}: ${named} must be [rows, columns]; got [${sizes.join(', ')}]`);
  const [rows, cols] = [sizes[0]!, sizes.slice(1).reduce((product, size) => product * size, 1)];
  if (sizes.length > 2)
    throw new RangeError(
      `${who}: ${named} must be [rows, columns]; got ${sizes.length} dimensions, [${sizes.join(', ')}]; if each row is all that follows the first, say [${rows}, ${cols}]; a guard pools feature maps given as { data, dims, layout }`,
    );
  const place = (at: number): string => `${who}: row ${first + Math.floor(at / cols)}, column ${at % cols}`;
  return new Matrix(tensorValues(who, { ...formatOf(tensor), data }, sizes, named, place), rows, cols);
}

/** What a tensor says about its data, getters of its class among it. */
function formatOf(tensor: TensorFormat): TensorFormat {
  const { type, dtype, stride, strides, offset, order, fortranOrder, fortran_order } = tensor;
  return { type, dtype, stride, strides, offset, order, fortranOrder, fortran_order };
}

/** An object by the names of its fields, so that one can see which is missing. */
function described(X: unknown): string {
  if (typeof X !== 'object' || X === null || Object.getPrototypeOf(X) !== Object.prototype)
    return describe(X);
  return `{ ${Object.keys(X).join(', ')} }`;
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
