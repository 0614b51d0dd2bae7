import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { knn } from './knn.ts';

test('by hand: rows at 0, 1, 3 and 7, seen from 2.5', async () => {
  const features = [[0], [1], [3], [7]];
  const score = async (k: number) => (await knn({ features }, { k })).score({ features: [[2.5]] })[0];
  expect(await Promise.all([1, 2, 3, 4].map(score))).toEqual([0.5, 1.5, 2.5, 4.5]);
});

test('is the k-th of all distances, ties included, however many rows and columns there are', async () => {
  const grid = fc.integer({ min: -3, max: 3 });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }).chain((d) => {
        const row = fc.array(grid, { minLength: d, maxLength: d });
        return fc.tuple(
          fc.array(row, { minLength: 1, maxLength: 20 }),
          fc.array(row, { minLength: 1, maxLength: 5 }),
          fc.boolean(),
        );
      }),
      fc.nat(),
      async ([bank, probe, single], pick) => {
        const k = 1 + (pick % bank.length);
        const features = single ? bank.map((row) => Float32Array.from(row)) : bank;
        const scores = (await knn({ features }, { k })).score({ features: probe });
        probe.forEach((x, i) => {
          const distances = bank.map((b) => Math.sqrt(b.reduce((sum, v, j) => sum + (v - x[j]!) ** 2, 0)));
          const expected = distances.sort((a, b) => a - b)[k - 1]!;
          expect(scores[i]).toBe(expected);
        });
      },
    ),
  );
});

test('more rows than one block of either side', async () => {
  const random = new Random(1);
  const rows = (n: number) =>
    Array.from({ length: n }, () => [random.normal(), random.normal(), random.normal()]);
  const bank = rows(700);
  const probe = rows(150);
  const scores = (await knn({ features: bank }, { k: 5 })).score({ features: probe });
  probe.forEach((x, i) => {
    const distances = bank.map((b) => Math.sqrt(b.reduce((sum, v, j) => sum + (v - x[j]!) ** 2, 0)));
    expect(scores[i]).toBeCloseTo(distances.sort((a, b) => a - b)[4]!, 14);
  });
});

test('a training row has distance exactly 0, also in float32 and far from the origin', async () => {
  const random = new Random(2);
  const data = Float32Array.from({ length: 600 }, () => 1e4 + random.normal());
  const features = { data, shape: [100, 6] };
  expect((await knn({ features })).score({ features })).toEqual(new Float64Array(100));
});

test('normalized, only directions count, and a row of zeros stays at the origin', async () => {
  const detector = await knn(
    {
      features: [
        [3, 0],
        [0, 0.1],
      ],
    },
    { normalize: true },
  );
  const scores = detector.score({
    features: [
      [1e-3, 0],
      [5, 5],
      [0, 0],
    ],
  });
  expect(scores[0]).toBe(0);
  expect(scores[1]).toBeCloseTo(Math.sqrt(2 - Math.SQRT2), 14);
  expect(scores[2]).toBe(1);
});

test('mistakes are named', async () => {
  await expect(knn({ features: [[1], [2]] }, { k: 3 })).rejects.toThrow(
    'knn: k must be an integer in [1, 2], the training rows; got 3',
  );
  const fitted = await knn({ features: [[1], [2]] });
  expect(() => fitted.score({ features: [[1, 2]] })).toThrow(
    'knn.score: features: X has 2 features; this model was fitted on 1',
  );
  await expect(knn({ features: [[NaN]] })).rejects.toThrow('knn: features');
});
