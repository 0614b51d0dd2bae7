import type { Random } from '../../random.ts';
import { countedRows } from '../weights.ts';

/**
 * Draws different rows, each with probability proportional to its weight among those left. Rows of weight 0 take no part:
 * where all others weigh the same, the draw is that among as many rows without weights.
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
  const counted = countedRows(weights);
  const found = counted ? counted.length : n;
  if (found < count)
    throw new RangeError(
      `${who}: only ${found} rows of X have a positive weight, fewer than the ${count} to start from; use fewer clusters`,
    );
  const own = counted ? Float64Array.from(counted, (row) => weights[row]!) : weights;
  const chosen = own.every((weight) => weight === own[0])
    ? random.choice(found, count)
    : unequalChoice(random, own, count);
  return counted ? chosen.map((i) => counted[i]!) : chosen;
}

/** The same among positive weights, by a tree of their sums: a draw takes log n steps, whatever is drawn. */
function unequalChoice(random: Random, weights: Float64Array, count: number): Uint32Array {
  let leaves = 1;
  while (leaves < weights.length) leaves *= 2;
  const sums = new Float64Array(2 * leaves); // node i has the parts 2i and 2i + 1; the weights are the leaves
  sums.set(weights, leaves);
  for (let i = leaves - 1; i > 0; i--) sums[i] = sums[2 * i]! + sums[2 * i + 1]!;
  return Uint32Array.from({ length: count }, () => {
    let target = random.uniform() * sums[1]!;
    let node = 1;
    while (node < leaves) {
      node *= 2;
      const left = sums[node]!;
      if (target < left || sums[node + 1] === 0) continue; // rounding must not lead where nothing is left
      target -= left;
      node++;
    }
    const row = node - leaves;
    for (sums[node] = 0, node >>= 1; node > 0; node >>= 1) sums[node] = sums[2 * node]! + sums[2 * node + 1]!;
    return row;
  });
}
