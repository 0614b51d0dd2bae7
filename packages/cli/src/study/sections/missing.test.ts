import { Matrix } from 'cauda';
import { expect, test } from 'vitest';
import { inertiaOf } from './missing.ts';

test('the inertia of given labels is the squared distance to the means of the chosen rows', () => {
  // rows 0, 2, 3 of four: {0, 4} around 2 gives 4 + 4, {(1, 1)} alone gives 0
  const X = new Matrix(Float64Array.of(0, 0, 9, 9, 4, 0, 1, 1), 4, 2);
  expect(inertiaOf(X, [0, 2, 3], Int32Array.of(0, 0, 7))).toBe(8);
});
