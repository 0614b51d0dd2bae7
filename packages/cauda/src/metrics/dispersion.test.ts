import { expect, test } from 'vitest';
import { calinskiHarabaszScore, daviesBouldinScore } from './dispersion.ts';

test('both scores of four points, by hand', () => {
  const X = [[0], [1], [4], [6]];
  const labels = [5, 5, -2, -2];
  // centers 0.5 and 5, mean 2.75; between 2·2.25² · 2 = 20.25, within 0.5 + 2 = 2.5: 20.25 · 2 / 2.5
  expect(calinskiHarabaszScore(X, labels)).toBeCloseTo(16.2, 12);
  // mean distances 0.5 and 1, centers 4.5 apart
  expect(daviesBouldinScore(X, labels)).toBeCloseTo(1.5 / 4.5, 14);
});

test('clusters without any dispersion score 1 and 0', () => {
  const twins = [[0], [0], [1], [1]];
  expect(calinskiHarabaszScore(twins, [0, 0, 1, 1])).toBe(1);
  expect(daviesBouldinScore(twins, [0, 0, 1, 1])).toBe(0);
});

test('labels that make no clusters are refused, in a sentence', () => {
  const X = [[0], [1], [2]];
  const none = 'labels must name 2 to nSamples − 1 = 2 clusters; got';
  expect(() => daviesBouldinScore(X, [7, 7, 7])).toThrow(new RangeError(`daviesBouldinScore: ${none} 1`));
  expect(() => calinskiHarabaszScore(X, [0, 1, 2])).toThrow(
    new RangeError(`calinskiHarabaszScore: ${none} 3`),
  );
});
