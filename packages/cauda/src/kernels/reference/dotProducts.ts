import { type Arithmetic, laneSum } from './arithmetic.ts';

/** x·c. */
export function dot(arithmetic: Arithmetic, x: ArrayLike<number>, c: ArrayLike<number>): number {
  return laneSum(arithmetic, x.length, (j) => arithmetic.round(x[j]! * c[j]!));
}

/** x·c as `panelDots` adds: sums over 64 elements, one element after another, then the sum of those. */
export function chunkedDot({ round }: Arithmetic, x: ArrayLike<number>, c: ArrayLike<number>): number {
  let total = 0;
  for (let from = 0; from < x.length; from += 64) {
    let sum = 0;
    for (let j = from; j < Math.min(from + 64, x.length); j++) sum = round(sum + round(x[j]! * c[j]!));
    total = from === 0 ? sum : round(total + sum);
  }
  return total;
}
