import type { Random } from '../../random.ts';

/**
 * Draws different rows, each with probability proportional to its weight among those left.
 * @param who the function that an error names
 * @returns the indices of `count` rows
 * @throws RangeError where fewer rows have a positive weight
 */
export function weightedChoice(
  random: Random,
  n: number,
  weights: Float64Array | undefined,
  count: number,
  who: string,
): ArrayLike<number> {
  if (!weights) return random.choice(n, count);
  const left = weights.slice();
  return Array.from({ length: count }, (_, found) => {
    let total = 0;
    for (const weight of left) total += weight;
    let target = random.uniform() * total;
    let last = -1;
    for (let i = 0; i < n; i++) {
      if (left[i] === 0) continue;
      last = i;
      target -= left[i]!;
      if (target < 0) break;
    }
    if (last < 0)
      throw new RangeError(
        `${who}: only ${found} rows of X have a positive weight, fewer than the ${count} to start from; use fewer clusters`,
      );
    left[last] = 0;
    return last;
  });
}
