/** The largest number of shards that a fit is cut into. */
export const MOST_SHARDS = 16;
/** A fit is cut in two only if each part has at least this many rows. */
const FEWEST_ROWS = 256;
/** Shards begin at multiples of this many rows. */
const GRAIN = 16;

/**
 * Where the shards of n rows begin and end: `count + 1` offsets. The count is a power of two up to 16 and, like the
 * offsets, depends on n alone, not on the number of workers.
 */
export function shardOffsets(n: number): number[] {
  let count = 1;
  while (count < MOST_SHARDS && n / (2 * count) >= FEWEST_ROWS) count *= 2;
  return Array.from({ length: count + 1 }, (_, i) =>
    i === count ? n : Math.floor((i * n) / (count * GRAIN)) * GRAIN,
  );
}

/** A partial sum and its place in the tree: the root is 1, the children of i are 2i and 2i + 1, shard s of S is S + s. */
export type TreeNode = readonly [place: number, sum: Float64Array];

/**
 * Adds neighbors as far up the tree as the given nodes reach. A worker adds what it holds and the caller adds the rest:
 * the order of additions is that of the tree, whoever does them. The sums are added in place.
 */
export function addTree(nodes: readonly TreeNode[]): TreeNode[] {
  const at = new Map<number, Float64Array>();
  for (const [place, sum] of nodes) addNode(at, place, sum);
  return [...at];
}

/** Adds one more node in place. A sum that is a view of larger memory, such as the kernels', is copied, not kept. */
export function addNode(at: Map<number, Float64Array>, place: number, sum: Float64Array): void {
  const neighbor = place === 1 ? undefined : at.get(place ^ 1);
  if (!neighbor) {
    at.set(place, sum.byteLength < sum.buffer.byteLength ? sum.slice() : sum);
    return;
  }
  for (let i = 0; i < sum.length; i++) neighbor[i]! += sum[i]!; // either way around the same bits
  at.delete(place ^ 1);
  addNode(at, place >> 1, neighbor);
}
