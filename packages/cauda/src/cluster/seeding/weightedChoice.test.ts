import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { weightedChoice } from './weightedChoice.ts';

test('equal weights draw as no weights do, and rows of weight 0 as absent ones', () => {
  for (let s = 0; s < 20; s++) {
    const plain = Array.from(weightedChoice(new Random(s), 10, undefined, 4, 'kmeans'));
    for (const weight of [1, 3, 1e-300])
      expect(
        Array.from(weightedChoice(new Random(s), 10, new Float64Array(10).fill(weight), 4, 'kmeans')),
      ).toEqual(plain);
    const zeros = Float64Array.from({ length: 20 }, (_, i) => (i % 2 ? 0.5 : 0));
    expect(Array.from(weightedChoice(new Random(s), 20, zeros, 4, 'kmeans'))).toEqual(
      plain.map((row) => 2 * row + 1),
    );
  }
});

test('ordered pairs come with their exact probabilities', () => {
  const weights = Float64Array.of(4, 0, 1, 3, 2);
  const total = 10;
  const draws = 40_000;
  const random = new Random(1);
  const counts = new Map<string, number>();
  for (let t = 0; t < draws; t++) {
    const pair = Array.from(weightedChoice(random, 5, weights, 2, 'kmeans')).join();
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  expect(counts.size).toBe(12);
  for (const [pair, count] of counts) {
    const [a, b] = pair.split(',').map((i) => weights[Number(i)]!) as [number, number];
    const expected = (a / total) * (b / (total - a));
    expect(Math.abs(count / draws - expected)).toBeLessThan(4 * Math.sqrt(expected / draws));
  }
});

test('all rows of positive weight can be drawn, however unequal their weights are', () => {
  const weights = Float64Array.of(1e300, 1e-300, 0, 1, 1e17, 3);
  for (let s = 0; s < 50; s++)
    expect(Array.from(weightedChoice(new Random(s), 6, weights, 5, 'kmeans')).sort()).toEqual([
      0, 1, 3, 4, 5,
    ]);
  expect(() => weightedChoice(new Random(0), 6, weights, 6, 'kmeans')).toThrow(
    'kmeans: only 5 rows of X have a positive weight, fewer than the 6 to start from; use fewer clusters',
  );
});

test('many rows are drawn from very many in a moment (scikit-learn #25752)', () => {
  const weights = Float64Array.from({ length: 300_000 }, (_, i) => 1 + (i % 7));
  const begin = performance.now();
  const chosen = weightedChoice(new Random(0), weights.length, weights, 3000, 'kmeans');
  expect(performance.now() - begin).toBeLessThan(1000); // one pass a row took 15 s
  expect(new Set(Array.from(chosen)).size).toBe(3000);
});
