import { type Arithmetic, laneSum } from '../arithmetic.ts';

/** Σ (m (x − c))², without a mask Σ (x − c)². */
export function squaredDistance(
  arithmetic: Arithmetic,
  x: ArrayLike<number>,
  c: ArrayLike<number>,
  mask?: ArrayLike<number>,
): number {
  const { round } = arithmetic;
  return laneSum(arithmetic, x.length, (j) => {
    const difference = round(x[j]! - c[j]!);
    const counted = mask ? round(mask[j]! * difference) : difference;
    return round(counted * counted);
  });
}

/** Σ |x − c|. */
export function manhattan(arithmetic: Arithmetic, x: ArrayLike<number>, c: ArrayLike<number>): number {
  return laneSum(arithmetic, x.length, (j) => Math.abs(arithmetic.round(x[j]! - c[j]!)));
}
