import { expect, test } from 'vitest';
import { smallestFirst } from './smallestFirst.ts';

test('places come by their score, and equal scores in their order', () => {
  expect(smallestFirst(Float64Array.of(3, -1, 3, 0, -1))).toEqual([1, 4, 3, 0, 2]);
});
