import type { Round } from '../arithmetic.ts';

/** The kernels of assembly/cluster/sparse.ts in plain TypeScript, the same additions in the same order. */

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
  round: Round,
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
