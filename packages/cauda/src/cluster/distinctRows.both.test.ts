import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KMeansModel, kmeans } from './index.ts';

describe('fewer distinct rows than nClusters', () => {
  const X = [
    [2, 2],
    [2, 2],
    [-0, 5],
    [0, 5],
    [2, 2],
  ];

  test.each(['k-means++', 'random'] as const)('are an error that counts them: %s', async (init) => {
    for (let seed = 0; seed < 5; seed++)
      await expect(kmeans(X, { nClusters: 3, init, seed })).rejects.toThrow(
        'kmeans: X has only 2 distinct rows for nClusters = 3; use fewer clusters, or allowFewer: true',
      );
    await expect(kmeans([[1], [1]], { nClusters: 2, init })).rejects.toThrow(
      'kmeans: X has only 1 distinct row for nClusters = 2; use fewer clusters, or allowFewer: true',
    );
  });

  test('are as many clusters with allowFewer, in which nothing is left over', async () => {
    for (const init of [
      'k-means++',
      'random',
      [
        [9, 9],
        [2, 2],
        [0, 5],
        [7, 7],
      ],
    ] as const)
      for (let seed = 0; seed < 5; seed++) {
        const model = await kmeans(X, { nClusters: 4, init: init as never, seed, allowFewer: true });
        expect(model.centers.rows).toBe(2);
        expect(model.inertia).toBe(0);
        expect(Array.from(model.sizes).sort()).toEqual([2, 3]);
        expect(model.predict(X)).toEqual(model.labels);
        expect(KMeansModel.fromJSON(JSON.parse(JSON.stringify(model)))).toEqual(model);
      }
  });

  test('rows of weight 0 are not among them', async () => {
    const sampleWeight = [1, 1, 0, 0, 1];
    await expect(kmeans(X, { nClusters: 2, sampleWeight })).rejects.toThrow(
      'kmeans: X has only 1 distinct row of positive weight for nClusters = 2; use',
    );
    const model = await kmeans(X, { nClusters: 2, sampleWeight, allowFewer: true });
    expect(model.centers.toArray()).toEqual([[2, 2]]);
    expect(Array.from(model.sizes)).toEqual([3]);
    expect(Array.from(model.labels)).toEqual([0, 0, 0, 0, 0]);
  });

  test('are counted with their missing entries', async () => {
    const incomplete = [
      [1, NaN],
      [1, NaN],
      [NaN, 1],
    ];
    const fit = kmeans(incomplete, { nClusters: 3, missing: 'observed' });
    await expect(fit).rejects.toThrow('kmeans: X has only 2 distinct rows for nClusters = 3');
  });

  test('a property: an error exactly when there are fewer, and never more clusters than rows that differ', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 1 })), {
          minLength: 1,
          maxLength: 14,
        }),
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom('k-means++' as const, 'random' as const),
        async (rows, k, init) => {
          const nClusters = Math.min(k, rows.length);
          const distinct = new Set(rows.map(String)).size;
          const model = await kmeans(rows, { nClusters, init, allowFewer: true });
          expect(model.centers.rows).toBeLessThanOrEqual(Math.min(distinct, nClusters));
          expect(model.sizes.includes(0)).toBe(false);
          if (distinct <= nClusters) {
            expect(model.centers.rows).toBe(distinct);
            expect(model.inertia).toBe(0);
          }
          const strict = kmeans(rows, { nClusters, init });
          if (distinct < nClusters) await expect(strict).rejects.toThrow(`only ${distinct} distinct row`);
          else await strict;
        },
      ),
      { numRuns: 150 },
    );
  });
});
