import { expect, test } from 'vitest';
import { Random } from '../random.ts';
import {
  type AverageOptions,
  adjustedMutualInfoScore,
  completenessScore,
  homogeneityScore,
  normalizedMutualInfoScore,
  vMeasureScore,
} from './information.ts';

const averages: NonNullable<AverageOptions['average']>[] = ['arithmetic', 'geometric', 'min', 'max'];

test('adjusted mutual information is 0 where the cluster sizes leave nothing to chance, with every average', () => {
  const random = new Random(14);
  for (let round = 0; round < 300; round++) {
    const n = 2 + random.integer(30);
    const one = new Int32Array(n).fill(random.integer(5));
    const each = Int32Array.from({ length: n }, (_, i) => n - i);
    const some = Int32Array.from({ length: n }, (_, i) => (i ? random.integer(4) : 9));
    some[1] = 9; // a pair together …
    if (n > 2) some[2] = 8; // … and one apart
    const pairs =
      n > 2
        ? [
            [one, each],
            [some, one],
            [some, each],
          ]
        : [[one, each]];
    for (const average of averages)
      for (const [a, b] of pairs as [Int32Array, Int32Array][]) {
        expect(adjustedMutualInfoScore(a, b, { average })).toBe(0);
        expect(adjustedMutualInfoScore(b, a, { average })).toBe(0);
      }
  }
});

test('issue: five labels against one cluster, averaged by the minimum, were 1 by rounding', () => {
  expect(adjustedMutualInfoScore([0, 0, 1, 1, 2], [0, 0, 0, 0, 0], { average: 'min' })).toBe(0);
});

test.each(averages)(
  'two equal labelings score 1 with the average "%s", also of one or all clusters',
  (average) => {
    for (const labels of [[7], [3, 3, 3], [1, 2, 3], [0, 1, 1, 2]]) {
      expect(adjustedMutualInfoScore(labels, labels, { average })).toBe(1);
      expect(normalizedMutualInfoScore(labels, labels, { average })).toBeCloseTo(1, 15);
    }
  },
);

test('a labeling that refines the other scores 1 with the minimum: (H − E MI) / (H − E MI)', () => {
  expect(adjustedMutualInfoScore([0, 0, 0, 1, 1, 1], [0, 0, 2, 1, 1, 3], { average: 'min' })).toBeCloseTo(
    1,
    12,
  );
});

test('what is said to be in [0, 1] is, also after rounding', () => {
  const random = new Random(3);
  for (let round = 0; round < 2000; round++) {
    const n = 2 + random.integer(40);
    const a = Int32Array.from({ length: n }, () => random.integer(6));
    const b = random.integer(2)
      ? a.map((label) => 5 - label)
      : a.map((label) => label * 2 + random.integer(2));
    const scores = [
      homogeneityScore(a, b),
      completenessScore(a, b),
      vMeasureScore(a, b),
      ...averages.map((average) => normalizedMutualInfoScore(a, b, { average })),
    ];
    for (const score of scores) {
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(1);
    }
  }
});
