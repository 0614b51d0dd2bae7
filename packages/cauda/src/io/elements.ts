import { describe } from '../check.ts';
import type { TypedArray } from '../matrix.ts';
import { bytesIn, numbersOf, typedKind } from '../numbers.ts';

const platformIsLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * A copy of `bytes` in which every run of `size` bytes has the platform's order. The copy starts at 0 of its buffer, so
 * that any typed array fits on it.
 */
export function toPlatformOrder(bytes: Uint8Array, size: number, littleEndian: boolean): ArrayBuffer {
  const copy = new Uint8Array(bytes); // its own buffer, even where `bytes` is a Buffer on a shared pool
  if (size > 1 && littleEndian !== platformIsLittleEndian)
    for (let start = 0; start + size <= copy.length; start += size)
      for (let low = start, high = start + size - 1; low < high; low++, high--) {
        const kept = copy[low]!;
        copy[low] = copy[high]!;
        copy[high] = kept;
      }
  return copy.buffer;
}

/** The bytes of `array` in the given order, as a copy. */
export function fromPlatformOrder(array: TypedArray, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return new Uint8Array(toPlatformOrder(bytes, array.BYTES_PER_ELEMENT, littleEndian));
}

/** The number of elements of an array with this shape; Infinity where a double cannot hold it. */
export function sizeOfShape(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

/**
 * A file's content, in any form that a reader takes, as bytes without a copy.
 * @param who the reader
 * @throws TypeError if it holds no bytes
 */
export function asBytes(who: string, input: Uint8Array | ArrayBuffer): Uint8Array {
  const bytes = bytesIn(input);
  if (bytes) return bytes;
  throw new TypeError(`${who}: input must be a Uint8Array or an ArrayBuffer; got ${describe(input)}`);
}

/**
 * An array to be written, with its shape checked. Plain numbers become float64.
 * @param who the writer
 * @throws TypeError if it holds no numbers, RangeError if the shape does not fit
 */
export function checkArray(
  who: string,
  array: TypedArray | readonly number[],
  shape: readonly number[],
  limits: { maxRank: number; maxSize: number },
): TypedArray {
  const typed = Array.isArray(array) ? numbersOf(array, (i) => `${who}: array[${i}]`) : (array as TypedArray);
  const kind = typedKind(typed);
  if (kind === undefined || kind.startsWith('Big') || kind === 'Float16Array')
    throw new TypeError(`${who}: array must be a typed array or an array of numbers; got ${describe(array)}`);
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new TypeError(`${who}: shape must be an array of non-negative integers; got ${describe(shape)}`);
  if (shape.length > limits.maxRank || shape.some((size) => size > limits.maxSize))
    throw new RangeError(
      `${who}: shape must have at most ${limits.maxRank} dimensions of at most ${limits.maxSize}; got [${shape.slice(0, 8).join(', ')}${shape.length > 8 ? ', …' : ''}]`,
    );
  if (sizeOfShape(shape) !== typed.length)
    throw new RangeError(
      `${who}: shape [${shape.join(', ')}] needs ${sizeOfShape(shape)} values; got ${typed.length}`,
    );
  return typed;
}
