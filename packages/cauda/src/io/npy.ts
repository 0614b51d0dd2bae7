import { describe } from '../check.ts';
import type { TypedArray } from '../matrix.ts';
import { typedKind } from '../numbers.ts';
import { fromHalf } from '../tensor.ts';
import { asBytes, checkArray, fromPlatformOrder, sizeOfShape, toPlatformOrder } from './elements.ts';

/** An array as NumPy stored it, row-major whatever its order in the file. */
export interface NpyArray {
  /** Booleans become bytes of 0 and 1, float16 becomes float32, 64-bit integers become float64. */
  readonly data: Exclude<TypedArray, Uint8ClampedArray>;
  readonly shape: number[];
  /** The file's element type in NumPy's notation, such as "<f4". */
  readonly descr: string;
}

const maxRank = 64; // as NumPy 2
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY

/** Kind and size in bytes, as NumPy writes them after the byte order. */
const readers: Record<string, (values: ArrayBuffer) => NpyArray['data']> = {
  b1: (values) => Uint8Array.from(new Uint8Array(values), (byte) => (byte === 0 ? 0 : 1)),
  i1: (values) => new Int8Array(values),
  u1: (values) => new Uint8Array(values),
  i2: (values) => new Int16Array(values),
  u2: (values) => new Uint16Array(values),
  i4: (values) => new Int32Array(values),
  u4: (values) => new Uint32Array(values),
  i8: (values) => exact(new BigInt64Array(values)),
  u8: (values) => exact(new BigUint64Array(values)),
  f2: (values) => fromHalf(new Uint16Array(values)),
  f4: (values) => new Float32Array(values),
  f8: (values) => new Float64Array(values),
};

/**
 * Reads a NumPy .npy file: versions 1.0, 2.0 and 3.0; booleans, integers and floats of every size; C and Fortran
 * order; both byte orders. The format: NumPy's documentation of `numpy.lib.format`. Pickled objects are never read.
 * No memory is allocated that the bytes at hand could not fill.
 * @throws TypeError if `input` holds no bytes, RangeError if the file is malformed, cut short or too long, holds
 *   another type, or holds a 64-bit integer that a double cannot represent exactly
 */
export function readNpy(input: Uint8Array | ArrayBuffer): NpyArray {
  const bytes = asBytes('readNpy', input);
  const { descr, fortranOrder, shape, start, size, values } = readNpyHeader(bytes);
  const count = sizeOfShape(shape);
  if (bytes.length - start !== count * size)
    throw new RangeError(
      `npy: shape (${shape.join(', ')}) of ${describe(descr)} needs ${count * size} bytes after the header; got ${bytes.length - start}`,
    );
  const data = values(bytes.subarray(start));
  return { data: fortranOrder ? toRowMajor(data, shape) : data, shape, descr };
}

/** A file's header, and how values are read from the bytes of any whole number of them. */
export interface NpyHeader extends Header {
  /** Bytes of a value. */
  readonly size: number;
  readonly values: (bytes: Uint8Array) => NpyArray['data'];
}

/**
 * Reads a file's header.
 * @param bytes the beginning of the file, with at least the whole header
 * @throws RangeError if the header is malformed, cut short or names a type that is not read
 */
export function readNpyHeader(bytes: Uint8Array): NpyHeader {
  const found = header(bytes);
  const { descr } = found;
  const [, order, kind] = /^([<>|=]?)([a-zA-Z]\d+)$/.exec(descr) ?? [];
  const reader = kind !== undefined && Object.hasOwn(readers, kind) ? readers[kind] : undefined;
  if (!reader)
    throw new RangeError(
      `npy: expected a type of booleans, integers or floats of 1 to 8 bytes; got ${describe(descr)}`,
    );
  const size = Number(kind!.slice(1));
  return { ...found, size, values: (some) => reader(toPlatformOrder(some, size, order !== '>')) };
}

/**
 * Writes a NumPy .npy file, version 1.0, row-major and little-endian. Plain numbers are written as float64.
 * @param array as many values as the shape asks for, row-major
 * @param shape up to 64 dimensions; [] for a single number
 * @throws TypeError if `array` holds no numbers, RangeError if the shape does not fit
 */
export function writeNpy(array: TypedArray | readonly number[], shape: readonly number[]): Uint8Array {
  const typed = checkArray('writeNpy', array, shape, { maxRank, maxSize: Number.MAX_SAFE_INTEGER });
  const name = typedKind(typed)!;
  const kind = name.startsWith('Float') ? 'f' : name.startsWith('Int') ? 'i' : 'u';
  const size = typed.BYTES_PER_ELEMENT;
  const descr = `${size === 1 ? '|' : '<'}${kind}${size}`;
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const start = Math.ceil((magic.length + 4 + text.length + 1) / 64) * 64; // so that the values are aligned
  const bytes = new Uint8Array(start + typed.byteLength).fill(0x20, 0, start);
  bytes.set([...magic, 1, 0, (start - 10) & 0xff, (start - 10) >> 8]);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[start - 1] = 0x0a;
  bytes.set(fromPlatformOrder(typed, true), start);
  return bytes;
}

interface Header {
  descr: string;
  fortranOrder: boolean;
  shape: number[];
  /** Where the values begin. */
  start: number;
}

function header(bytes: Uint8Array): Header {
  if (!magic.every((byte, i) => bytes[i] === byte))
    throw new RangeError(
      `npy: expected a file that begins with \\x93NUMPY; got ${bytes.length ? `bytes ${bytes.subarray(0, 6).join(', ')}` : 'no bytes'}`,
    );
  const [major, minor] = [bytes[6], bytes[7]];
  if (major !== undefined && minor !== undefined && (major < 1 || major > 3 || minor !== 0))
    throw new RangeError(`npy: expected version 1.0, 2.0 or 3.0; got ${major}.${minor}`);
  const textStart = major === 1 ? 10 : 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length =
    bytes.length < textStart ? Infinity : major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = textStart + length;
  if (start > bytes.length)
    throw new RangeError(
      length === Infinity
        ? `npy: the file ends within its header, after ${bytes.length} bytes`
        : `npy: the header claims ${length} bytes; the file has only ${bytes.length - textStart} more`,
    );
  const encoding = major === 3 ? 'utf-8' : 'latin1';
  return { ...dictionary(new TextDecoder(encoding).decode(bytes.subarray(textStart, start))), start };
}

/** The header's Python dictionary, `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`. */
function dictionary(text: string): Omit<Header, 'start'> {
  const found: Record<string, string> = {};
  const entry =
    /\s*(?:'(\w+)'|"(\w+)")\s*:\s*('[^']*'|"[^"]*"|True|False|\([\d\sL,]*\)|\[[\s\S]*\])\s*(,|(?=\}))/y;
  const inner = text.trim();
  let at = inner.startsWith('{') ? 1 : inner.length;
  for (entry.lastIndex = at; at < inner.length; at = entry.lastIndex) {
    const match = entry.exec(inner);
    if (!match) break;
    found[match[1] ?? match[2]!] = match[3]!;
  }
  const { descr, fortran_order: order, shape, ...others } = found;
  const complete = /^\s*\}$/.test(inner.slice(at)) && Object.keys(others).length === 0;
  if (!complete || descr === undefined || !/^(True|False)$/.test(order ?? '') || shape?.[0] !== '(')
    throw new RangeError(
      `npy: expected a header with 'descr', 'fortran_order' and 'shape'; got ${describe(inner)}`,
    );
  return {
    descr: /^['"]/.test(descr) ? descr.slice(1, -1) : descr,
    fortranOrder: order === 'True',
    shape: tuple(shape),
  };
}

function tuple(text: string): number[] {
  const items = text
    .slice(1, -1)
    .replace(/,\s*$/, '')
    .split(',')
    .map((item) => item.trim().replace(/L$/, '')); // Python 2 wrote 3L
  const sizes = items.length === 1 && items[0] === '' ? [] : items;
  if (sizes.length > maxRank || !sizes.every((item) => /^\d+$/.test(item)))
    throw new RangeError(`npy: expected a shape of at most ${maxRank} dimensions; got ${describe(text)}`);
  return sizes.map(Number);
}

/** Column-major values in row-major order. */
function toRowMajor<T extends NpyArray['data']>(values: T, shape: readonly number[]): T {
  const result = values.slice() as T;
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  const index = shape.map(() => 0);
  for (let to = 0, from = 0; to < result.length; to++) {
    result[to] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

/**
 * 64-bit integers as doubles.
 * @throws RangeError if one of them is not exact
 */
function exact(values: BigInt64Array | BigUint64Array): Float64Array {
  const doubles = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (Math.abs(value) > Number.MAX_SAFE_INTEGER && BigInt(value) !== values[i])
      throw new RangeError(
        `npy: value ${i} is ${values[i]}, which a double cannot hold exactly; store the array as float64 or int32`,
      );
    doubles[i] = value;
  }
  return doubles;
}
