import { expect, test } from 'vitest';
import { countsOf } from './selection.ts';

const where = 'select: nClusters';

test('counts are increasing and each once, from a list or a range', () => {
  expect(countsOf(where, [5, 2, 5], 2, 9, 'nSamples')).toEqual([2, 5]);
  expect(countsOf(where, { from: 2, to: 4 }, 2, 9, 'nSamples')).toEqual([2, 3, 4]);
  expect(countsOf(where, { from: 9, to: 9 }, 2, 9, 'nSamples')).toEqual([9]);
});

test('counts out of range are refused with the range and where it comes from', () => {
  expect(() => countsOf(where, [3, 10], 2, 9, 'nSamples')).toThrow(
    new RangeError('select: nClusters must be integers in [2, nSamples = 9]; got 10'),
  );
  expect(() => countsOf(where, [], 2, 9, 'nSamples')).toThrow(
    new RangeError('select: nClusters must be integers in [2, nSamples = 9]; got none'),
  );
  expect(() => countsOf(where, [undefined as never], 2, 9, 'nSamples')).toThrow('got undefined');
  expect(() => countsOf(where, { from: 4, to: 3 }, 2, 9, 'nSamples')).toThrow(
    new RangeError(
      'select: nClusters must be { from, to } with from ≤ to, integers in [2, nSamples = 9]; got { from: 4, to: 3 }',
    ),
  );
});
