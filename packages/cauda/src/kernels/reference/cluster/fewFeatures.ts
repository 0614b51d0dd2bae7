import type { Arithmetic } from '../arithmetic.ts';
import { squaredDistance } from './distances.ts';

/** The index of the nearest of some centers by differences, the lowest winning a tie. */
export function nearestByDifferences(
  arithmetic: Arithmetic,
  x: ArrayLike<number>,
  centers: readonly ArrayLike<number>[],
): number {
  const distances = centers.map((c) => squaredDistance(arithmetic, x, c));
  return distances.indexOf(Math.min(...distances));
}
