/** A difference as a float32 whose lowest `bits` bits are its column: the nearest one to it, away from 0 in a tie. */
export function packedWord(difference: number, column: number, bits: number): number {
  value[0] = difference;
  const sign = word[0]! & 0x80000000;
  const magnitude = word[0]! & 0x7fffffff;
  const rounded = Math.max(magnitude - column + 2 ** (bits - 1), 0);
  return (sign | (rounded - (rounded % 2 ** bits)) | column) >>> 0;
}

/** The product of packed entries with c, in float32: the sum over the even entries, and that over the odd ones. */
export function packedDot(
  entries: readonly { column: number; value: number }[],
  c: ArrayLike<number>,
  bits: number,
): number {
  const { fround } = Math;
  const sums = [0, 0];
  entries.forEach(({ column, value: difference }, e) => {
    word[0] = packedWord(difference, column, bits);
    sums[e % 2] = fround(sums[e % 2]! + fround(value[0]! * c[column]!));
  });
  return fround(sums[0]! + sums[1]!);
}

const value = new Float32Array(1);
const word = new Uint32Array(value.buffer);
