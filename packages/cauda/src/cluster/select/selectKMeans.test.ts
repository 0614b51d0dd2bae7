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
      const {
        model,
        best,
        candidates,
        criterion: decided,
        reason,
      } = await selectKMeans(clouds(), {
        nClusters: { from: 2, to: 7 },
        criterion,
        nInit: 5,
      });
      expect(model.centers.rows).toBe(4);
      expect(best).toBe(candidates[2]);
      expect(decided).toBe(criterion);
      expect(candidates.map(({ nClusters }) => nClusters)).toEqual([2, 3, 4, 5, 6, 7]);
      expect(reason).toMatch(/^K = 4 (has the (largest|smallest)|is the smallest whose gap, )/);
    },
  );

  test('its table holds what the single calls give', async () => {
    const X = clouds();
    const { model: chosen, best, candidates } = await selectKMeans(X, { nClusters: [5, 3, 3], seed: 9 });
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
      if (candidate === best) expect(chosen).toEqual(model);
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
    expect(together.model).toEqual(alone.model);
    expect(together.best).toEqual(alone.best);
  });

  test('a K that leaves fewer than two clusters has no scores; nothing but such is refused', async () => {
    const same = Array.from({ length: 6 }, () => [1, 2]);
    await expect(selectKMeans(same, { nClusters: [2, 3] })).rejects.toThrow(
      'selectKMeans: no K gave clusters whose mean silhouette could be computed; are the rows of X all alike?',
    );
  });

  test.each([
    [{ nClusters: [1, 2] }, 'selectKMeans: nClusters must be integers in [2, nSamples − 1 = 239]; got 1'],
    [{ nClusters: [2, 2.5] }, 'selectKMeans: nClusters must be integers in [2, nSamples − 1 = 239]; got 2.5'],
    [{ nClusters: [] }, 'selectKMeans: nClusters must be integers in [2, nSamples − 1 = 239]; got none'],
    [
      { nClusters: { from: 5, to: 3 } },
      'selectKMeans: nClusters must be { from, to } with from ≤ to, integers in [2, nSamples − 1 = 239]; got { from: 5, to: 3 }',
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
    [
      { nClusters: [2], missing: 'observed' },
      'selectKMeans: criterion "silhouette" is not defined with missing; take "gap", or leave missing out',
    ],
    [
      { nClusters: [2], criterion: 'gap', sampleWeight: new Array(240).fill(1) },
      'selectKMeans: criterion "gap" is not defined with sampleWeight; take "calinskiHarabasz" or "daviesBouldin", or leave sampleWeight out',
    ],
    [
      { nClusters: [2], criterion: 'daviesBouldin', metric: 'cosine' },
      'selectKMeans: criterion "daviesBouldin" is not defined with metric "cosine"; take "silhouette", or leave metric "cosine" out',
    ],
    [
      { nClusters: [2], missing: 'observed', metric: 'cosine' },
      'selectKMeans: criterion "silhouette" is not defined with missing and metric "cosine"; no criterion is; leave one of them out',
    ],
    [
      { nClusters: [2], criterion: 'gap', missing: { prior: 'gaussian' } },
      'selectKMeans: missing: variance is required',
    ],
    [
      { nClusters: [2], criterion: 'daviesBouldin', sampleWeight: [1] },
      'selectKMeans: sampleWeight has 1 entries but X has 240 rows',
    ],
  ])('refuses %j', async (options, message) => {
    await expect(selectKMeans(clouds(), options as never)).rejects.toThrow(message);
  });

  test('tells progress and stops when aborted', async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    await selectKMeans(clouds(), {
      nClusters: [2, 3],
      criterion: 'gap',
      nReferences: 2,
      onProgress: ({ task, run, runs }) => seen.push(`${task} ${run} of ${runs}`),
    });
    expect([...new Set(seen)]).toEqual([0, 1, 2, 3, 4, 5].map((run) => `selectKMeans ${run} of 6`));
    seen.length = 0;
    const sweep = selectKMeans(clouds(), {
      nClusters: [2, 3, 4],
      signal: stop.signal,
      onProgress: ({ task }) => {
        seen.push(task);
        if (seen.length === 4) stop.abort(new Error('enough'));
      },
    });
    await expect(sweep).rejects.toThrow('enough');
    expect(seen).toEqual(new Array(4).fill('selectKMeans'));
  });
});

const criteria: SelectKMeansCriterion[] = ['silhouette', 'calinskiHarabasz', 'daviesBouldin'];
test.each(criteria)('the smaller K wins a tie of the %s', async (criterion) => {
  // two pairs of twins leave no more than two clusters, whatever K
  const { model, candidates } = await selectKMeans([[0], [0], [1], [1]], { nClusters: [2, 3], criterion });
  expect(candidates[0]![criterion]).toBe(candidates[1]![criterion]);
  expect(model.centers.rows).toBe(2);
});

describe('with the options of kmeans', () => {
  test('weights count as copies, and weight 0 as absence', async () => {
    const X = clouds(80);
    const random = new Random(2);
    const sampleWeight = Array.from({ length: 80 }, () => random.integer(4));
    const copies = X.take(sampleWeight.flatMap((weight, i) => new Array(weight).fill(i)));
    const counts = [2, 3, 4];
    const options = {
      nClusters: counts,
      criterion: 'calinskiHarabasz',
      init: 'k-means++',
      nInit: 4,
    } as const;
    const { model, best, candidates } = await selectKMeans(X, { ...options, sampleWeight });
    expect(best.nClusters).toBe(4);
    for (const [i, k] of counts.entries()) {
      const { labels } = await kmeans(X, { nClusters: k, nInit: 4, sampleWeight });
      const copied = sampleWeight.flatMap((weight, row) => new Array(weight).fill(labels[row]));
      expect(candidates[i]!.calinskiHarabasz / calinskiHarabaszScore(copies, copied)).toBeCloseTo(1, 10);
      expect(candidates[i]!.daviesBouldin / daviesBouldinScore(copies, copied)).toBeCloseTo(1, 10);
      expect(candidates[i]!.silhouette).toBeNaN();
    }
    expect(model.sizes.reduce((a, b) => a + b)).toBe(sampleWeight.filter((weight) => weight > 0).length);
  });

  test('clusters of weight 0 alone are no clusters', async () => {
    // rows 0 and 1 count; the third place has no weight, so that the two clusters of K = 3 that count are single rows
    await expect(
      selectKMeans([[0], [1], [9], [9]], {
        nClusters: [2],
        criterion: 'daviesBouldin',
        sampleWeight: [1, 1, 0, 0],
      }),
    ).rejects.toThrow('selectKMeans: no K gave clusters whose Davies–Bouldin score could be computed');
  });

  test('with missing entries the gap decides, and the other criteria are left out', async () => {
    const X = clouds();
    const holes = new Matrix(
      X.data.map((value, at) => (at % 29 === 0 ? NaN : value)),
      X.rows,
      X.cols,
    );
    const missing = 'observed' as const;
    const options = { nClusters: [2, 3, 4, 5], nInit: 5, nReferences: 4 };
    const { best, candidates } = await selectKMeans(holes, { ...options, criterion: 'gap', missing });
    expect(best.nClusters).toBe(4);
    for (const { silhouette, calinskiHarabasz, daviesBouldin } of candidates)
      expect([silhouette, calinskiHarabasz, daviesBouldin]).toEqual([NaN, NaN, NaN]);
    const { gaps } = await gapStatistic(holes, { ...options, missing });
    expect(candidates.map(({ gap }) => gap)).toEqual(gaps);
  });

  test('the silhouette of directions takes 1 − cos', async () => {
    // three directions, of lengths that would make other clusters
    const random = new Random(4);
    const X = Array.from({ length: 90 }, (_, i) => {
      const length = 1 + 50 * random.uniform();
      const [x, y, z] = [0, 1, 2].map((j) => Number(i % 3 === j) + 0.1 * random.normal());
      return [length * x!, length * y!, length * z!];
    });
    const metric = 'cosine' as const;
    const { best, model, candidates } = await selectKMeans(X, { nClusters: [2, 3, 4], nInit: 4, metric });
    expect(best.nClusters).toBe(3);
    expect(best.silhouette).toBe(await silhouetteScore(X, model.labels, { metric }));
    expect(candidates[0]!.calinskiHarabasz).toBeNaN();
  });
});
