/** The kernels of assembly/sparse.ts in plain TypeScript, the same additions in the same order. */

/** A row as its entries: the columns in which it differs from the origin, and its values there. */
export function entriesOf(
  x: ArrayLike<number>,
  origin: ArrayLike<number>,
): { column: number; value: number }[] {
  return Array.from(x, (value, column) => ({ column, value })).filter(
    ({ column, value }) => value !== origin[column],
  );
}

/** (x − origin)·c: the sum over the even entries, and that over the odd ones. */
export function sparseDot(
  x: ArrayLike<number>,
  origin: ArrayLike<number>,
  c: ArrayLike<number>,
  round: (value: number) => number,
): number {
  const sums = [0, 0];
  entriesOf(x, origin).forEach(({ column, value }, e) => {
    const difference = round(value - origin[column]!);
    sums[e % 2] = round(sums[e % 2]! + round(difference * c[column]!));
  });
  return round(sums[0]! + sums[1]!);
}

/** ‖x − origin‖², in float64. */
export function sparseSquare(x: ArrayLike<number>, origin: ArrayLike<number>): number {
  let sum = 0;
  for (const { column, value } of entriesOf(x, origin)) {
    const difference = value - origin[column]!;
    sum += difference * difference;
  }
  return sum;
}

const value = new Float32Array(1);
const word = new Uint32Array(value.buffer);

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
