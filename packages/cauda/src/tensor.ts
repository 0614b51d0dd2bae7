import { describe } from './check.ts';
import { type FloatArray, floatsOf, isNumbers, type TypedKind, typedKind } from './numbers.ts';

/** What tensors of other libraries say about how their data lie. All of it is heeded, or refused by name. */
export interface TensorFormat {
  /** The type of the values: "float32", "float16", "<f8" …, as ONNX Runtime, NumPy's readers and ndarrays name it. */
  readonly type?: unknown;
  readonly dtype?: unknown;
  /** From one element to the next along each dimension, in elements. */
  readonly stride?: unknown;
  readonly strides?: unknown;
  /** The index of the first element; defaults to 0. */
  readonly offset?: unknown;
  /** "row-major" or "C", the default, or "column-major" or "F". */
  readonly order?: unknown;
  /** Whether the first dimension, not the last, is the one that runs fastest. */
  readonly fortranOrder?: unknown;
  readonly fortran_order?: unknown;
}

/**
 * The values of a tensor, row-major and without gaps: `data` itself, or a view of it, where they lie so and are floats.
 * @param who the function and argument that an error names
 * @param sizes of the dimensions, checked
 * @param named what the tensor calls its sizes: "shape" or "dims"
 * @param place names the place of a value by its index, for the error
 * @throws TypeError for a type, an order or values that are not read, RangeError for sizes, strides or an offset that do
 *   not fit the data
 */
export function tensorValues(
  who: string,
  tensor: TensorFormat & { readonly data: ArrayLike<number | bigint> },
  sizes: readonly number[],
  named: string,
  place: (index: number) => string,
): FloatArray {
  const count = sizes.reduce((product, size) => product * size, 1);
  const { data } = tensor;
  const { strides, offset, whole } = stridesOf(who, tensor, sizes);
  if (whole && data.length !== count)
    throw new RangeError(
      `${who}: ${named} [${sizes.join(', ')}] needs ${count} values; data has ${data.length}`,
    );
  const [first, last] = extent(strides, offset, sizes);
  if (count > 0 && (first < 0 || last >= data.length))
    throw new RangeError(
      `${who}: ${named} [${sizes.join(', ')}] with strides [${strides.join(', ')}] and offset ${offset} reads the elements ${first} to ${last}; data has ${data.length} (strides and offset count elements, not bytes)`,
    );
  const read = count > 0 ? windowOf(data, first, last + 1) : data; // no more than that is converted
  const values = typedValues(who, { ...tensor, data: read }, (at) => place(at + first));
  if (isRowMajor(strides, sizes)) return values;
  return gathered(values, strides, offset - first, sizes, count);
}

/**
 * A tensor of the same data from the index `from` of the first dimension on: nothing is copied. What it says instead of
 * its order are strides and an offset.
 */
export function cutTensor<Tensor extends TensorFormat>(
  who: string,
  tensor: Tensor,
  sizes: readonly number[],
  from: number,
): Tensor {
  const { strides, offset } = stridesOf(who, tensor, sizes);
  const none = { order: undefined, fortranOrder: undefined, fortran_order: undefined, stride: undefined };
  return { ...tensor, ...none, strides, offset: offset + from * strides[0]! };
}

function windowOf(data: ArrayLike<number | bigint>, from: number, to: number): ArrayLike<number | bigint> {
  if (from === 0 && to === data.length) return data;
  return Array.isArray(data) ? data.slice(from, to) : (data as Float64Array).subarray(from, to);
}

interface Strides {
  readonly strides: readonly number[];
  readonly offset: number;
  /** Whether nothing was said but the order, so that the data have to be as long as the sizes say. */
  readonly whole: boolean;
}

function stridesOf(who: string, tensor: TensorFormat, sizes: readonly number[]): Strides {
  const { offset = 0 } = tensor;
  if (!Number.isSafeInteger(offset) || (offset as number) < 0)
    throw new RangeError(`${who}: offset must be an integer ≥ 0; got ${describe(offset)}`);
  const columnMajor = isColumnMajor(who, tensor);
  for (const name of ['stride', 'strides'] as const) {
    const given = tensor[name];
    if (given === undefined) continue;
    const strides = isNumbers(given) ? Array.from(given, Number) : [];
    if (strides.length !== sizes.length || !strides.every(Number.isSafeInteger))
      throw new RangeError(
        `${who}: ${name} must be ${sizes.length} integers, one a dimension; got ${Array.isArray(given) ? `[${given.join(', ')}]` : describe(given)}`,
      );
    return { strides, offset: offset as number, whole: false };
  }
  const strides = sizes.map(() => 1);
  const axes = [...sizes.keys()];
  if (!columnMajor) axes.reverse();
  let step = 1;
  for (const axis of axes) {
    strides[axis] = step;
    step *= sizes[axis]!;
  }
  return { strides, offset: offset as number, whole: offset === 0 };
}

function isColumnMajor(who: string, tensor: TensorFormat): boolean {
  for (const name of ['fortranOrder', 'fortran_order'] as const) {
    const given = tensor[name];
    if (given !== undefined && typeof given !== 'boolean')
      throw new TypeError(`${who}: ${name} must be true or false; got ${describe(given)}`);
  }
  const { order, fortranOrder, fortran_order: snake } = tensor;
  if (order === undefined) return (fortranOrder ?? snake) === true;
  if (order === 'column-major' || order === 'F') return true;
  if (order === 'row-major' || order === 'C') return false;
  throw new RangeError(
    `${who}: order must be "row-major" ("C") or "column-major" ("F"); got ${describe(order)}`,
  );
}

/** The least and the greatest index that are read. */
function extent(strides: readonly number[], offset: number, sizes: readonly number[]): [number, number] {
  let [first, last] = [offset, offset];
  strides.forEach((stride, axis) => {
    const reach = stride * (sizes[axis]! - 1);
    if (reach < 0) first += reach;
    else last += reach;
  });
  return [first, last];
}

function isRowMajor(strides: readonly number[], sizes: readonly number[]): boolean {
  let step = 1;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    if (sizes[axis] !== 1 && strides[axis] !== step) return false;
    step *= sizes[axis]!;
  }
  return true;
}

function gathered(
  values: FloatArray,
  strides: readonly number[],
  offset: number,
  sizes: readonly number[],
  count: number,
): FloatArray {
  const result = values instanceof Float64Array ? new Float64Array(count) : new Float32Array(count);
  const index = sizes.map(() => 0);
  for (let to = 0, from = offset; to < count; to++) {
    result[to] = values[from]!;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < sizes[axis]!) break;
      from -= strides[axis]! * sizes[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

/** The arrays that hold values of a type as integers of a machine; floats and plain arrays hold any value as itself. */
const holders: Record<string, readonly TypedKind[]> = {
  float64: [],
  float32: [],
  float16: ['Uint16Array'], // their bits
  bfloat16: ['Uint16Array'], // likewise
  int64: ['BigInt64Array'],
  uint64: ['BigUint64Array'],
  int32: ['Int32Array'],
  uint32: ['Uint32Array'],
  int16: ['Int16Array'],
  uint16: ['Uint16Array'],
  int8: ['Int8Array'],
  uint8: ['Uint8Array', 'Uint8ClampedArray'],
  bool: ['Uint8Array'],
};

/** Other names of the types, without the byte order. */
const aliases: Record<string, string> = {
  f8: 'float64',
  double: 'float64',
  f4: 'float32',
  single: 'float32',
  float: 'float32',
  f2: 'float16',
  half: 'float16',
  bf16: 'bfloat16',
  i8: 'int64',
  bigint64: 'int64',
  u8: 'uint64',
  biguint64: 'uint64',
  i4: 'int32',
  u4: 'uint32',
  i2: 'int16',
  u2: 'uint16',
  i1: 'int8',
  u1: 'uint8',
  uint8_clamped: 'uint8',
  uint8c: 'uint8',
  b1: 'bool',
  boolean: 'bool',
};

/** Names for data of any type: what the array is, it is. */
const anything: readonly string[] = ['array', 'generic'];

function typedValues(
  who: string,
  tensor: TensorFormat & { readonly data: ArrayLike<number | bigint> },
  place: (index: number) => string,
): FloatArray {
  const { data } = tensor;
  const kind = typedKind(data);
  for (const name of ['type', 'dtype'] as const) {
    const given = tensor[name];
    if (given === undefined || anything.includes(given as string)) continue;
    const bare = typeof given === 'string' ? given.replace(/^[<|=]/, '') : '';
    const type = Object.hasOwn(aliases, bare) ? aliases[bare]! : bare;
    if (!Object.hasOwn(holders, type))
      throw new TypeError(
        `${who}: ${name} must be a type of numbers (${Object.keys(holders).join(', ')}); got ${describe(given)}`,
      );
    const half = type === 'float16' || type === 'bfloat16';
    if (half && kind === 'Uint16Array')
      return type === 'float16' ? fromHalf(data as Uint16Array) : fromBrain(data as Uint16Array);
    const asItself = kind?.startsWith('Float') || (kind === undefined && !half);
    if (!asItself && !(kind && holders[type]!.includes(kind)))
      throw new TypeError(
        `${who}: ${name} is ${describe(given)}, and data is ${kind ? describe(data) : 'an array of plain numbers'}, which may be values or bits; give the values as a Float32Array or Float64Array, or leave ${name} out`,
      );
  }
  return floatsOf(data, place);
}

/** IEEE 754 half precision as float32, which is exact. */
export function fromHalf(values: ArrayLike<number>): Float32Array {
  const singles = new Float32Array(values.length);
  const bits = new Uint32Array(singles.buffer);
  for (let i = 0; i < values.length; i++) {
    const half = values[i]!;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 31;
    const fraction = half & 0x3ff;
    if (exponent === 0) singles[i] = fraction * (sign ? -(2 ** -24) : 2 ** -24);
    else bits[i] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (fraction << 13);
  }
  return singles;
}

/** bfloat16, the upper half of a float32, as float32. */
function fromBrain(values: ArrayLike<number>): Float32Array {
  const bits = Uint32Array.from(values, (value) => value << 16);
  return new Float32Array(bits.buffer);
}
