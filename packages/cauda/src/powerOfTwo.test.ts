import { expect, test } from 'vitest';
import { powerOfTwo } from './powerOfTwo.ts';

test('powerOfTwo is the largest power of two that is at most the size', () => {
  for (const [size, power] of [
    [1, 1],
    [1.999, 1],
    [2, 2],
    [1000, 512],
    [0.3, 0.25],
    [Number.MAX_VALUE, 2 ** 1023],
    [2 ** -1022, 2 ** -1022],
  ] as const)
    expect(powerOfTwo(size)).toBe(power);
});

test('powerOfTwo of zero, subnormal and infinite sizes is safe to divide by', () => {
  expect(powerOfTwo(0)).toBe(1);
  expect(powerOfTwo(Infinity)).toBe(1);
  expect(powerOfTwo(NaN)).toBe(1);
  expect(powerOfTwo(Number.MIN_VALUE)).toBe(2 ** -1022);
});
