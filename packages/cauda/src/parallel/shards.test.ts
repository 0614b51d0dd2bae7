import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addTree, shardOffsets, type TreeNode } from './shards.ts';

test('shards cover all rows, none is empty, and their number is a power of two', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000_000 }), (n) => {
      const offsets = shardOffsets(n);
      expect(offsets[0]).toBe(0);
      expect(offsets.at(-1)).toBe(n);
      expect([1, 2, 4, 8, 16]).toContain(offsets.length - 1);
      for (let i = 1; i < offsets.length; i++) expect(offsets[i]! - offsets[i - 1]!).toBeGreaterThan(0);
    }),
  );
});

test('however the shards are spread over workers, the tree adds them in the same order', () => {
  const parts = Array.from(
    { length: 16 },
    (_, s) => [16 + s, Float64Array.of(10 ** (s % 7), 0.1 * s)] as TreeNode,
  );
  const copy = (nodes: readonly TreeNode[]) => nodes.map(([place, sum]) => [place, sum.slice()] as TreeNode);
  const [whole] = addTree(copy(parts));
  expect(whole![0]).toBe(1);
  for (const workers of [1, 2, 3, 5, 7, 16]) {
    const held = Array.from({ length: workers }, (_, w) =>
      copy(parts.slice(Math.floor((w * 16) / workers), Math.floor(((w + 1) * 16) / workers))),
    );
    const [sum] = addTree(held.flatMap((nodes) => addTree(nodes)));
    expect(sum![1]).toEqual(whole![1]);
  }
});
