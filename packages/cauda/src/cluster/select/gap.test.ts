import { expect, test } from 'vitest';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { gapStatistic } from './gap.ts';

/** Four clouds of 60 rows in the plane, far apart. */
function clouds(): Matrix {
  const random = new Random(7);
  const data = Float64Array.from(
    { length: 480 },
    (_, i) => random.normal() + 12 * ((((i >> 1) % 4) >> (i & 1)) & 1),
  );
  return new Matrix(data, 240, 2);
}

test('finds no clusters in uniform data, and four in four clouds', async () => {
  const random = new Random(1);
  const flat = Array.from({ length: 300 }, () => [random.uniform(), random.uniform()]);
  const options = { nClusters: { from: 1, to: 6 }, nInit: 3 };
  expect((await gapStatistic(flat, options)).nClusters).toBe(1);
  const { nClusters, gaps } = await gapStatistic(clouds(), options);
  expect(nClusters).toBe(4);
  expect(gaps.map((gap) => gap.nClusters)).toEqual([1, 2, 3, 4, 5, 6]);
  for (const { deviation } of gaps) expect(deviation).toBeGreaterThan(0);
});

test('is the mean logarithm of the references’ inertia less the data’s, for K = 1 by hand', async () => {
  // 1, 2, 4, 9: mean 4, inertia 9 + 4 + 0 + 25 = 38. With one reference there is no deviation.
  const X = [[1], [2], [4], [9]];
  const { gaps } = await gapStatistic(X, { nClusters: [1], nReferences: 1, seed: 3 });
  const draws = new Random(3).stream(0);
  const reference = X.map(() => 1 + 8 * draws.uniform());
  const mean = reference.reduce((a, b) => a + b) / 4;
  const inertia = reference.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  expect(gaps[0]!.gap).toBeCloseTo(Math.log(inertia) - Math.log(38), 10);
  expect(gaps[0]!.deviation).toBe(0);
});

test('refuses K that fit the data exactly, and K out of range', async () => {
  const twins = [[0], [0], [1], [1]];
  await expect(gapStatistic(twins, { nClusters: [1, 2] })).rejects.toThrow(
    'gapStatistic: 2 clusters fit X exactly, and the logarithm of 0 is no number; try fewer clusters',
  );
  await expect(gapStatistic(twins, { nClusters: { from: 0, to: 2 } })).rejects.toThrow(
    'gapStatistic: nClusters must be { from, to } with from ≤ to, integers in [1, nSamples − 1 = 3]; got { from: 0, to: 2 }',
  );
});

test('references miss the entries that X misses, and none beyond', async () => {
  // One column, one cluster: the entries that are there make the inertia. 1, 4, 10: mean 5, 16 + 1 + 25 = 42
  const X = [[1], [NaN], [4], [10]];
  const { gaps } = await gapStatistic(X, { nClusters: [1], nReferences: 1, missing: 'observed', seed: 3 });
  const draws = new Random(3).stream(0);
  const reference = [0, 0, 0].map(() => 1 + 9 * draws.uniform());
  const mean = reference.reduce((a, b) => a + b) / 3;
  const inertia = reference.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  expect(gaps[0]!.gap).toBeCloseTo(Math.log(inertia) - Math.log(42), 10);
  await expect(gapStatistic(X, { nClusters: [1] })).rejects.toThrow(
    'gapStatistic: X: row 1, column 0 is NaN',
  );
});

test('progress counts the fits, and a weight a row is refused by name', async () => {
  const seen = new Set<string>();
  const onProgress = ({ task, run, runs }: { task: string; run: number; runs: number }) =>
    seen.add(`${task} ${run} of ${runs}`);
  await gapStatistic(clouds(), { nClusters: [1, 2], nReferences: 1, onProgress });
  expect([...seen]).toEqual([0, 1, 2, 3].map((run) => `gapStatistic ${run} of 4`));
  const options = { nClusters: [1], sampleWeight: [1] } as never;
  await expect(gapStatistic(clouds(), options)).rejects.toThrow(
    'gapStatistic: unknown option "sampleWeight"',
  );
});
