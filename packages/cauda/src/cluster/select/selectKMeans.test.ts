import { describe, expect, test } from 'vitest';
import { Matrix } from '../../matrix.ts';
import { calinskiHarabaszScore, daviesBouldinScore } from '../../metrics/dispersion.ts';
import { silhouetteScore } from '../../metrics/silhouette.ts';
import { Random } from '../../random.ts';
import { kmeans } from '../kmeans.ts';
import { gapStatistic } from './gap.ts';
import { type SelectKMeansCriterion, selectKMeans } from './selectKMeans.ts';

/** Four clouds of 60 rows in the plane, far apart. */
function clouds(n = 240): Matrix {
  const random = new Random(7);
  const data = Float64Array.from(
    { length: n * 2 },
    (_, i) => random.normal() + 12 * ((((i >> 1) % 4) >> (i & 1)) & 1),
  );
  return new Matrix(data, n, 2);
}

describe('selectKMeans', () => {
  test.each(['silhouette', 'calinskiHarabasz', 'daviesBouldin', 'gap'] as const)(
    'finds four clouds by %s',
    async (criterion) => {
      const { best, candidates, reason } = await selectKMeans(clouds(), {
        nClusters: { from: 2, to: 7 },
        criterion,
        nInit: 5,
      });
      expect(best.centers.rows).toBe(4);
      expect(candidates.map(({ nClusters }) => nClusters)).toEqual([2, 3, 4, 5, 6, 7]);
      expect(reason).toMatch(/^K = 4 (has the (largest|smallest)|is the smallest whose gap, )/);
    },
  );

  test('its table holds what the single calls give', async () => {
    const X = clouds();
    const { best, candidates } = await selectKMeans(X, { nClusters: [5, 3, 3], seed: 9 });
    expect(candidates.length).toBe(2);
    for (const candidate of candidates) {
      const model = await kmeans(X, { nClusters: candidate.nClusters, seed: 9 });
      expect(candidate).toEqual({
        nClusters: model.centers.rows,
        inertia: model.inertia,
        silhouette: await silhouetteScore(X, model.labels),
        calinskiHarabasz: calinskiHarabaszScore(X, model.labels),
        daviesBouldin: daviesBouldinScore(X, model.labels),
        converged: model.converged,
      });
      if (best.centers.rows === candidate.nClusters) expect(best.toJSON()).toEqual(model.toJSON());
    }
  });

  test('a sample of the rows is the same for every K and comes near the whole', async () => {
    const X = clouds(4000);
    const run = () => selectKMeans(X, { nClusters: [3, 4], sampleSize: 500, seed: 2 });
    const { candidates } = await run();
    expect((await run()).candidates).toEqual(candidates);
    const model = await kmeans(X, { nClusters: 4, seed: 2 });
    const whole = await silhouetteScore(X, model.labels);
    expect(candidates[1]!.silhouette).not.toBe(whole);
    expect(Math.abs(candidates[1]!.silhouette - whole)).toBeLessThan(0.03);
  });

  test('the result does not depend on the number of workers', async () => {
    const X = clouds(3000);
    const options = { nClusters: [2, 4], criterion: 'gap' as const, nReferences: 2 };
    const [alone, together] = [
      await selectKMeans(X, { ...options, workers: 0 }),
      await selectKMeans(X, { ...options, workers: 2 }),
    ];
    expect(together.candidates).toEqual(alone.candidates);
    expect(together.best.toJSON()).toEqual(alone.best.toJSON());
  });

  test('a K that leaves fewer than two clusters has no scores; nothing but such is refused', async () => {
    const same = Array.from({ length: 6 }, () => [1, 2]);
    await expect(selectKMeans(same, { nClusters: [2, 3] })).rejects.toThrow(
      'selectKMeans: no K gave clusters whose mean silhouette could be reckoned; are the rows of X all alike?',
    );
  });

  test.each([
    [{ nClusters: [1, 2] }, 'selectKMeans: nClusters must be integers in [2, nSamples − 1 = 239]; got 1'],
    [{ nClusters: [2, 2.5] }, 'selectKMeans: nClusters must be integers in [2, nSamples − 1 = 239]; got 2.5'],
    [{ nClusters: [] }, 'selectKMeans: nClusters must be integers in [2, nSamples − 1 = 239]; got none'],
    [
      { nClusters: { from: 5, to: 3 } },
      'selectKMeans: nClusters must go up from and to integers in [2, nSamples − 1 = 239]; got { from: 5, to: 3 }',
    ],
    [
      { nClusters: 4 },
      'selectKMeans: nClusters must be a list of numbers of clusters or { from, to }; got 4',
    ],
    [{}, 'selectKMeans: nClusters is required: a list of numbers of clusters or { from, to }'],
    [
      { nClusters: [2], criterion: 'elbow' },
      'selectKMeans: criterion must be "silhouette", "calinskiHarabasz", "daviesBouldin" or "gap"; got "elbow"',
    ],
    [
      { nClusters: [2], sampleSize: 2 },
      'selectKMeans: sampleSize must be an integer in [3, 240], the rows of X; got 2',
    ],
    [{ nClusters: [2], missing: 'observed' }, 'selectKMeans: unknown option "missing"'],
  ])('refuses %j', async (options, message) => {
    await expect(selectKMeans(clouds(), options as never)).rejects.toThrow(message);
  });

  test('tells progress and stops when aborted', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const sweep = selectKMeans(clouds(), {
      nClusters: [2, 3, 4],
      signal: stop.signal,
      onProgress: ({ task }) => {
        seen.push(task);
        if (seen.length === 4) stop.abort(new Error('enough'));
      },
    });
    await expect(sweep).rejects.toThrow('enough');
    expect(seen).toEqual(['kmeans', 'kmeans', 'kmeans', 'kmeans']);
  });
});

describe('gapStatistic', () => {
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
      'gapStatistic: nClusters must go up from and to integers in [1, nSamples − 1 = 3]; got { from: 0, to: 2 }',
    );
  });
});

const criteria: SelectKMeansCriterion[] = ['silhouette', 'calinskiHarabasz', 'daviesBouldin'];
test.each(criteria)('the smaller K wins a tie of the %s', async (criterion) => {
  // two pairs of twins leave no more than two clusters, whatever K
  const { best, candidates } = await selectKMeans([[0], [0], [1], [1]], { nClusters: [2, 3], criterion });
  expect(candidates[0]![criterion]).toBe(candidates[1]![criterion]);
  expect(best.centers.rows).toBe(2);
});
