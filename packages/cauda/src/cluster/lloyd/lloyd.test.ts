import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FloatArray, Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { bisectingKMeans, gapStatistic, type KMeansModel, kmeans, selectKMeans } from '../index.ts';

describe('an iteration that has filled an empty cluster is not the last (scikit-learn #12506)', () => {
  // from three centers at 1: {all} → 2.5, 5, 5 → 1, 4.5, 1 → 1, 4.33, 5 → 1, 4, 5
  test('three clusters of two from three starts at the same place', async () => {
    const model = await kmeans([[1], [5], [4], [5], [1], [4]], {
      nClusters: 3,
      init: [[1], [1], [1]],
      tol: 0,
    });
    expect(model.converged).toBe(true);
    expect(model.inertia).toBe(0);
    expect(model.centers.data.toSorted()).toEqual(Float64Array.of(1, 4, 5));
  });

  test('a labeling that no assignment changes', async () => {
    const init = { labels: [0, 1, 2, 0, 0, 1, 2] };
    const model = await kmeans([[3], [0], [1], [3], [0], [1], [0]], { nClusters: 3, init, tol: 0 });
    expect(model.converged).toBe(true);
    expect(model.inertia).toBe(0);
  });

  test('where maxIter ends it, it has not converged', async () => {
    const options = { nClusters: 3, init: [[1], [1], [1]], tol: 1e9 };
    const X = [[1], [5], [4], [5], [1], [4]];
    expect((await kmeans(X, { ...options, maxIter: 3 })).converged).toBe(false);
    expect((await kmeans(X, options)).converged).toBe(true);
  });

  test('a property: what has converged without tol is at the means of its rows, and another fit changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 3 })), {
          minLength: 4,
          maxLength: 14,
        }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 5 })), {
          minLength: 2,
          maxLength: 4,
        }),
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 14, maxLength: 14 }),
        async (rows, init, given) => {
          const sampleWeight = [1, ...given.slice(1, rows.length)];
          const model = await kmeans(rows, {
            nClusters: init.length,
            init,
            sampleWeight,
            tol: 0,
            allowFewer: true,
          });
          expect(model.converged).toBe(true);
          expectMeans(model, rows, sampleWeight);
          const again = await kmeans(rows, {
            nClusters: model.centers.rows,
            init: model.centers,
            sampleWeight,
            tol: 0,
          });
          expect(again.inertia).toBeCloseTo(model.inertia, 10);
        },
      ),
      { numRuns: 300 },
    );
  });

  function expectMeans(model: KMeansModel, rows: number[][], weights: number[]): void {
    const { centers, labels } = model;
    for (let k = 0; k < centers.rows; k++) {
      const own = rows.flatMap((row, i) => (labels[i] === k ? [{ row, weight: weights[i]! }] : []));
      const total = own.reduce((sum, { weight }) => sum + weight, 0);
      for (let j = 0; j < centers.cols; j++) {
        const mean = own.reduce((sum, { row, weight }) => sum + weight * row[j]!, 0) / total;
        expect(centers.row(k)[j]).toBeCloseTo(mean, 12);
      }
    }
  }
});

type FloatArrayConstructor = {
  from(values: Float64Array, map: (value: number, at: number) => number): FloatArray;
};

describe('more clusters than distinct rows: nothing is moved for ever (scikit-learn #28055)', () => {
  test('two distinct rows, three clusters', async () => {
    const X = [[0], [1], [1], [1]];
    for (let seed = 0; seed < 10; seed++) {
      const model = await kmeans(X, { nClusters: 3, init: 'random', seed, allowFewer: true });
      expect(model).toMatchObject({ converged: true, inertia: 0 });
      expect(model.nIter).toBeLessThan(6);
      expect(model.centers.rows).toBe(2);
    }
  });

  // values whose means are no numbers of the precision, so that even rows at their center are at a distance
  const random = new Random(2);
  const places = Array.from({ length: 10 * 3 }, () => 0.1 + random.uniform());
  const repeated = (n: number, Type: FloatArrayConstructor): Matrix =>
    new Matrix(
      Type.from(new Float64Array(n * 3), (_, at) => places[(Math.floor(at / 3) % 10) * 3 + (at % 3)]!),
      n,
      3,
    );

  describe.each([Float64Array, Float32Array])('ten distinct rows, sixteen clusters, %o', (Type) => {
    test.each([
      ['k-means++', {}],
      ['random', { init: 'random' }],
      ['cosine', { metric: 'cosine', init: 'random' }],
      ['observed', { missing: 'observed', init: 'random' }],
      ['weights', { init: 'random', sampleWeight: Array.from({ length: 5000 }, (_, i) => 0.1 + (i % 7)) }],
    ] as const)('%s', async (_, options) => {
      const X = repeated(5000, Type);
      const model = await kmeans(X, { nClusters: 16, tol: 0, allowFewer: true, ...options });
      expect(model.converged).toBe(true);
      expect(model.nIter).toBeLessThan(20);
      expect(model.centers.rows).toBe(10);
      expect(model.inertia / X.rows).toBeLessThan(1e-12);
      await expect(kmeans(X, { nClusters: 16, tol: 0, ...options })).rejects.toThrow(
        /^kmeans: X has only 10 distinct rows( of positive weight)? for nClusters = 16; use fewer clusters, or allowFewer: true$/,
      );
    });
  });

  test('the error comes with the first iteration', async () => {
    const events: number[] = [];
    const options = { nClusters: 16, init: 'random' as const };
    const onProgress = ({ iteration }: { iteration: number }) => events.push(iteration);
    await expect(kmeans(repeated(5000, Float64Array), { ...options, onProgress })).rejects.toThrow(
      'kmeans: X has only 10 distinct rows for nClusters = 16',
    );
    expect(events).toEqual([]);
  });

  test('whoever fits several K meets it with an answer', async () => {
    const X = repeated(400, Float64Array);
    const selected = await selectKMeans(X, { nClusters: { from: 8, to: 13 } });
    expect(selected.candidates.every(({ converged }) => converged)).toBe(true);
    expect(selected.best.nClusters).toBe(10);
    await expect(gapStatistic(X, { nClusters: [2, 12] })).rejects.toThrow('12 clusters fit X exactly');
    expect((await bisectingKMeans(X, { nClusters: 12, allowFewer: true })).centers.rows).toBe(10);
  });
});
