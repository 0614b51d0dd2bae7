import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as cauda from '../src/index.ts';
import {
  adjustedMutualInfoScore,
  adjustedRandScore,
  completenessScore,
  confusionMatrix,
  contingencyMatrix,
  fowlkesMallowsScore,
  homogeneityScore,
  mutualInfoScore,
  normalizedMutualInfoScore,
  pairConfusionMatrix,
  purityScore,
  Random,
  randScore,
  vMeasureScore,
} from '../src/index.ts';

type Labels = ArrayLike<number>;
const symmetric: Record<string, (a: Labels, b: Labels) => number> = {
  adjustedRandScore,
  randScore,
  fowlkesMallowsScore,
  mutualInfoScore,
  normalizedMutualInfoScore,
  adjustedMutualInfoScore,
  vMeasureScore,
};
const directed = { purityScore, homogeneityScore, completenessScore };
const all = { ...symmetric, ...directed };

/** Two labelings of the same samples. */
const pair = fc
  .integer({ min: 1, max: 40 })
  .chain((n) =>
    fc.tuple(
      fc.array(fc.integer({ min: -2, max: 4 }), { minLength: n, maxLength: n }),
      fc.array(fc.integer({ min: 0, max: 5 }), { minLength: n, maxLength: n }),
    ),
  );

test('every exported score of two labelings is in the tables above', () => {
  const ofData = ['calinskiHarabaszScore', 'daviesBouldinScore', 'silhouetteScore']; // these take X and labels
  const scores = Object.keys(cauda).filter((name) => name.endsWith('Score') && !ofData.includes(name));
  expect(Object.keys(all).sort()).toEqual(scores.sort());
});

test('by hand: classes a a a b b c in the clusters 1 1 2 2 2 3', () => {
  const classes = [0, 0, 0, 1, 1, 2];
  const clusters = [1, 1, 2, 2, 2, 3];
  expect(contingencyMatrix(classes, clusters).toArray()).toEqual([
    [2, 1, 0],
    [0, 2, 0],
    [0, 0, 1],
  ]);
  expect(purityScore(classes, clusters)).toBe(5 / 6); // 2 + 2 + 1 of 6
  // Unordered pairs together in both: 1 (aa) + 1 (bb) = 2; in the truth 3 + 1 = 4; in the clusters 1 + 3 = 4; of 15.
  expect(pairConfusionMatrix(classes, clusters).toArray()).toEqual([
    [18, 4],
    [4, 4],
  ]);
  expect(randScore(classes, clusters)).toBe(11 / 15);
  expect(fowlkesMallowsScore(classes, clusters)).toBeCloseTo(0.5, 15);
  // (2 − 4·4/15) / (4 − 4·4/15)
  expect(adjustedRandScore(classes, clusters)).toBeCloseTo((2 - 16 / 15) / (4 - 16 / 15), 15);
});

test('confusionMatrix has the labels of both, right ones on the diagonal', () => {
  // Labels −1, 0, 2, 5.
  expect(confusionMatrix([0, 0, 2, -1], [0, 2, 2, 5]).toArray()).toEqual([
    [0, 0, 0, 1],
    [0, 1, 1, 0],
    [0, 0, 1, 0],
    [0, 0, 0, 0],
  ]);
});

test('every metric but purity, homogeneity and completeness is symmetric', () => {
  fc.assert(
    fc.property(pair, ([a, b]) => {
      for (const [name, metric] of Object.entries(symmetric))
        expect(metric(a, b), name).toBeCloseTo(metric(b, a), 12);
      expect(homogeneityScore(a, b)).toBeCloseTo(completenessScore(b, a), 12);
    }),
  );
});

test('no metric depends on the names of the labels or on the order of the samples', () => {
  fc.assert(
    fc.property(pair, fc.integer({ min: 0 }), ([a, b], seed) => {
      const order = Array.from(new Random(seed).permutation(a.length));
      const renamed = order.map((i) => (a[i]! * 7 + 3) % 11);
      const shuffled = order.map((i) => -b[i]!);
      for (const [name, metric] of Object.entries(all))
        expect(metric(renamed, shuffled), name).toBeCloseTo(metric(a, b), 12);
    }),
  );
});

test('equal labelings score 1, and no score exceeds it', () => {
  fc.assert(
    fc.property(pair, ([a, b]) => {
      for (const [name, metric] of Object.entries(all)) {
        if (name === 'mutualInfoScore') continue; // its largest value is the entropy
        const allApart = name === 'fowlkesMallowsScore' && new Set(a).size === a.length; // 0, as no pair is together
        expect(metric(a, a), name).toBeCloseTo(allApart ? 0 : 1, 12);
        expect(metric(a, b), name).toBeLessThan(1 + 1e-12);
        expect(metric(a, b), name).toBeGreaterThan(-1);
      }
    }),
  );
});

test('pairs are counted as by comparing each sample with each other', () => {
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const counts = [0, 0, 0, 0];
      for (let i = 0; i < a.length; i++)
        for (let j = 0; j < a.length; j++)
          if (i !== j) counts[2 * Number(a[i] === a[j]) + Number(b[i] === b[j])]! += 1;
      expect([...pairConfusionMatrix(a, b).data]).toEqual(counts);
    }),
  );
});

test('normalized mutual information lies between its averages, and β moves the V-measure', () => {
  fc.assert(
    fc.property(pair, ([a, b]) => {
      const [most, arithmetic, geometric, least] = (['min', 'arithmetic', 'geometric', 'max'] as const).map(
        (average) => normalizedMutualInfoScore(a, b, { average }),
      );
      expect(least).toBeLessThan(arithmetic! + 1e-12);
      expect(arithmetic).toBeLessThan(geometric! + 1e-12);
      if (mutualInfoScore(a, b) > 0) expect(geometric).toBeLessThan(most! + 1e-12);
      expect(vMeasureScore(a, b)).toBeCloseTo(arithmetic!, 12);
      expect(vMeasureScore(a, b, { beta: 0 })).toBeCloseTo(
        completenessScore(a, b) === 0 ? 0 : homogeneityScore(a, b),
        12,
      );
    }),
  );
});

test('the adjusted scores are 0 on average over all orders of the labels', () => {
  const a = [0, 0, 0, 1, 1, 2];
  const orders = (rest: number[]): number[][] =>
    rest.length === 0
      ? [[]]
      : rest.flatMap((first, i) =>
          orders([...rest.slice(0, i), ...rest.slice(i + 1)]).map((order) => [first, ...order]),
        );
  const permuted = orders([0, 0, 1, 1, 1, 1]);
  expect(permuted).toHaveLength(720);
  for (const metric of [adjustedRandScore, adjustedMutualInfoScore]) {
    const mean = permuted.reduce((sum, b) => sum + metric(a, b), 0) / permuted.length;
    expect(Math.abs(mean)).toBeLessThan(1e-12);
  }
});

test('60,000 random labels: the adjusted scores are near 0, and as many clusters as samples are no trouble', () => {
  const random = new Random(8);
  const n = 60_000;
  const classes = Uint8Array.from({ length: n }, () => random.integer(10));
  const clusters = Int32Array.from({ length: n }, () => random.integer(12));
  expect(Math.abs(adjustedRandScore(classes, clusters))).toBeLessThan(1e-3);
  expect(Math.abs(adjustedMutualInfoScore(classes, clusters))).toBeLessThan(1e-3);
  const singletons = Int32Array.from(classes.keys());
  expect(homogeneityScore(classes, singletons)).toBeCloseTo(1, 12);
  expect(adjustedRandScore(classes, singletons)).toBe(0);
});

test('the same bits everywhere', () => {
  const random = new Random(21);
  const a = Array.from({ length: 500 }, () => random.integer(6));
  const b = a.map((label) => (random.uniform() < 0.6 ? label : random.integer(9)));
  const scores = Object.entries(all).map(([name, metric]) => [name, metric(a, b)]);
  expect(Object.fromEntries(scores)).toEqual({
    adjustedRandScore: 0.3978399007111391,
    randScore: 0.8455711422845691,
    fowlkesMallowsScore: 0.4901298279982866,
    mutualInfoScore: 0.7335981622410503,
    normalizedMutualInfoScore: 0.3813276398691002,
    adjustedMutualInfoScore: 0.3675099338482845,
    vMeasureScore: 0.3813276398691002,
    purityScore: 0.688,
    homogeneityScore: 0.4099112674118411,
    completenessScore: 0.35647050389058493,
  });
});

test('mistakes are named', () => {
  expect(() => adjustedRandScore([0, 1], [0])).toThrow(
    'adjustedRandScore: labelsTrue has 2 labels but labelsPred has 1',
  );
  expect(() => purityScore([], [])).toThrow('purityScore: expected at least one label; got none');
  expect(() => mutualInfoScore([0, 1], [0, 0.5])).toThrow(
    'mutualInfoScore: labelsPred[1] must be an integer; got 0.5',
  );
  expect(() => contingencyMatrix(['a'] as never, [0])).toThrow(
    'contingencyMatrix: labelsTrue[0] must be an integer; got "a"',
  );
  expect(() => normalizedMutualInfoScore([0], [0], { average: 'mean' as never })).toThrow(
    'normalizedMutualInfoScore: average must be "arithmetic", "geometric", "min" or "max"; got "mean"',
  );
  expect(() => vMeasureScore([0], [0], { beta: -1 })).toThrow(
    'vMeasureScore: beta must be a finite number in [0, ∞); got -1',
  );
});
