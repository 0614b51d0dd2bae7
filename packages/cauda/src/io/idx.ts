import { describe } from '../check.ts';
import type { TypedArray } from '../matrix.ts';
import { typedKind } from '../numbers.ts';
import { asBytes, checkArray, fromPlatformOrder, sizeOfShape, toPlatformOrder } from './elements.ts';
import { inflate, isGzip } from './inflate.ts';

/** An array as an IDX file holds it: `data` is row-major. */
export interface IdxArray {
  readonly data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
  readonly shape: number[];
}

const types = {
  8: { array: Uint8Array, size: 1 },
  9: { array: Int8Array, size: 1 },
  11: { array: Int16Array, size: 2 },
  12: { array: Int32Array, size: 4 },
  13: { array: Float32Array, size: 4 },
  14: { array: Float64Array, size: 8 },
} as const;

/**
 * Reads an IDX file, the format of MNIST, gzipped or not. The format: two zero bytes, a type code, the number of
 * dimensions, each dimension as a big-endian uint32, then the values, big-endian and row-major
 * (Y. LeCun, C. Cortes, C. Burges: *The MNIST database of handwritten digits*).
 * No memory is allocated that the bytes at hand could not fill.
 * @throws TypeError if `input` holds no bytes, RangeError if the file is malformed, cut short or too long
 */
export async function readIdx(input: Uint8Array | ArrayBuffer): Promise<IdxArray> {
  const bytes = asBytes('readIdx', input);
  if (!isGzip(bytes)) return parse(bytes);
  return parse(await inflate('idx', bytes, 'gzip', (head) => header(head)?.total));
}

/**
 * Writes an IDX file (not gzipped). Plain numbers are written as float64.
 * @param array as many values as the shape asks for, row-major
 * @param shape 1 to 255 dimensions, each below 2^32
 * @throws TypeError for a type that IDX does not have, RangeError if the shape does not fit
 */
export function writeIdx(array: TypedArray | readonly number[], shape: readonly number[]): Uint8Array {
  const typed = checkArray('writeIdx', array, shape, { maxRank: 255, maxSize: 2 ** 32 - 1 });
  if (shape.length === 0) throw new RangeError('writeIdx: shape must have at least one dimension; got []');
  const code = codeOf(typed);
  if (code === undefined)
    throw new TypeError(
      `writeIdx: array must be uint8, int8, int16, int32, float32 or float64, the types of IDX; got ${describe(array)}`,
    );
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + typed.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint8(2, Number(code));
  view.setUint8(3, shape.length);
  shape.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size);
  });
  bytes.set(fromPlatformOrder(typed, false), start);
  return bytes;
}

function codeOf(typed: TypedArray): string | undefined {
  const kind = typedKind(typed);
  if (kind === 'Uint8ClampedArray') return '8';
  return Object.entries(types).find(([, { array }]) => array.name === kind)?.[0];
}

function parse(bytes: Uint8Array): IdxArray {
  const found = header(bytes);
  if (!found) throw new RangeError(`idx: the file ends within its header, after ${bytes.length} bytes`);
  const { type, shape, start, total } = found;
  if (bytes.length !== total)
    throw new RangeError(
      `idx: shape [${shape.join(', ')}] of ${type.array.name.replace('Array', '').toLowerCase()} needs ${total} bytes with the header; got ${bytes.length}`,
    );
  return { data: new type.array(toPlatformOrder(bytes.subarray(start), type.size, false)), shape };
}

interface Header {
  type: (typeof types)[keyof typeof types];
  shape: number[];
  /** Where the values begin. */
  start: number;
  /** The length of the whole file. */
  total: number;
}

/** The header, or undefined while there are too few bytes to tell. */
function header(bytes: Uint8Array): Header | undefined {
  if (bytes.length < 4) return undefined;
  const code = bytes[2]!;
  if (bytes[0] !== 0 || bytes[1] !== 0 || !Object.hasOwn(types, code))
    throw new RangeError(
      `idx: expected a file that begins with 0, 0 and a type code (8, 9, 11, 12, 13 or 14); got ${bytes.subarray(0, 3).join(', ')}`,
    );
  const rank = bytes[3]!;
  if (rank === 0) throw new RangeError('idx: expected 1 to 255 dimensions; got 0');
  const start = 4 + 4 * rank;
  if (bytes.length < start) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const type = types[code as keyof typeof types];
  return { type, shape, start, total: start + sizeOfShape(shape) * type.size };
}
