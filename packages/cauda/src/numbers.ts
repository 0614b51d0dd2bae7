import { describe } from './check.ts';

/** The arrays that hold a matrix's values: the precision in which everything is then computed. */
export type FloatArray = Float64Array | Float32Array;

/** The kinds of typed arrays. */
export type TypedKind =
  | 'Float64Array'
  | 'Float32Array'
  | 'Float16Array'
  | 'Int32Array'
  | 'Uint32Array'
  | 'Int16Array'
  | 'Uint16Array'
  | 'Int8Array'
  | 'Uint8Array'
  | 'Uint8ClampedArray'
  | 'BigInt64Array'
  | 'BigUint64Array';

const tagOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  Symbol.toStringTag,
)!.get!;

/**
 * The kind of a typed array, wherever it was made: `instanceof` knows only the arrays of its own window or context.
 * @returns undefined for everything else
 */
export function typedKind(value: unknown): TypedKind | undefined {
  return ArrayBuffer.isView(value) ? (tagOf.call(value) as TypedKind | undefined) : undefined;
}

/** Whether a value holds numbers one after another, 64-bit integers among them; plain arrays are not looked into. */
export function isNumbers(value: unknown): value is ArrayLike<number | bigint> {
  return Array.isArray(value) || typedKind(value) !== undefined;
}

/**
 * The values in the precision in which Cauda computes: float64 and float32 stay as they are, without a copy; 32-bit and
 * 64-bit integers and plain numbers become float64; 16-bit floats and shorter integers become float32, which holds them
 * exactly.
 * @param place names the place of a value by its index, for the error
 * @throws TypeError for what is no number, RangeError for an integer that a double cannot hold exactly
 */
export function floatsOf(values: ArrayLike<number | bigint>, place: (index: number) => string): FloatArray {
  const kind = typedKind(values);
  switch (kind) {
    case undefined:
      return numbersOf(values as ArrayLike<unknown>, place);
    case 'Float64Array':
      return values instanceof Float64Array ? values : new Float64Array(...memoryOf(values));
    case 'Float32Array':
      return values instanceof Float32Array ? values : new Float32Array(...memoryOf(values));
    case 'BigInt64Array':
    case 'BigUint64Array':
      return Float64Array.from(values as BigInt64Array, (value, i) => exactly(value, () => place(i)));
    case 'Int32Array':
    case 'Uint32Array':
      return new Float64Array(values as ArrayLike<number>);
    case 'Float16Array':
    case 'Int16Array':
    case 'Uint16Array':
    case 'Int8Array':
    case 'Uint8Array':
    case 'Uint8ClampedArray':
      return new Float32Array(values as ArrayLike<number>);
    default:
      return kind satisfies never;
  }
}

/**
 * A file's content as bytes, without a copy, wherever the array was made.
 * @returns undefined for what holds no bytes
 */
export function bytesIn(source: unknown): Uint8Array | undefined {
  if (source instanceof Uint8Array) return source;
  if (typedKind(source) === 'Uint8Array') return new Uint8Array(...memoryOf(source));
  const isBuffer = Object.prototype.toString.call(source) === '[object ArrayBuffer]';
  return isBuffer ? new Uint8Array(source as ArrayBuffer) : undefined;
}

/** Where the values of an array from another window or context lie. */
function memoryOf(values: unknown): [ArrayBuffer, number, number] {
  const { buffer, byteOffset, length } = values as Uint8Array<ArrayBuffer>;
  return [buffer, byteOffset, length];
}

/**
 * A copy of an array of numbers, each of which is one: no hole, null, string, boolean or bigint is taken for a number.
 * @param place names the place of a value by its index, for the error
 * @throws TypeError for what is no number
 */
export function numbersOf(values: ArrayLike<unknown>, place: (index: number) => string): Float64Array {
  const copy = new Float64Array(values.length);
  for (let i = 0; i < copy.length; i++) {
    const value = values[i];
    if (typeof value !== 'number')
      throw new TypeError(`${place(i)}: expected a number; got ${shown(values, i)}`);
    copy[i] = value;
  }
  return copy;
}

/**
 * A 64-bit integer as a number.
 * @throws RangeError if a double cannot hold it exactly
 */
export function exactly(value: bigint, place: () => string): number {
  const number = Number(value);
  if (Math.abs(number) > Number.MAX_SAFE_INTEGER)
    throw new RangeError(
      `${place()} is ${value}, beyond the integers that a double holds exactly (2^53); subtract an offset first`,
    );
  return number;
}

/** A short picture of an entry for an error message; a hole and a bigint are told from what they look like. */
export function shown(values: ArrayLike<unknown>, index: number): string {
  const value = values[index];
  if (typeof value === 'bigint') return `${value}n, a bigint`;
  return value === undefined && !(index in values) ? 'a hole' : describe(value);
}
