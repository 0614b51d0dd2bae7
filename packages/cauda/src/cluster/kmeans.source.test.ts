import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../test/sources.ts';
import { Matrix } from '../matrix.ts';
import type { ProgressEvent } from '../parallel/session.ts';
import { Random } from '../random.ts';
import { type KMeansOptions, kmeans } from './index.ts';

/** Clouds that overlap, in a few of which most values of a column are the same. */
function clouds(n: number, d: number, dtype: 'float32' | 'float64', sparse = false): Matrix {
  const random = new Random(n + d);
  const values = Float64Array.from({ length: n * d }, (_, at) => {
    const value = random.normal() + 3 * (Math.floor(at / d) % 4);
    return sparse && random.uniform() < 0.75 ? 0.5 : value;
  });
  return new Matrix(dtype === 'float32' ? Float32Array.from(values) : values, n, d);
}

const holes = (X: Matrix): Matrix =>
  new Matrix(
    X.data.map((value, at) => (at % 11 === 3 ? NaN : value)),
    X.rows,
    X.cols,
  );

describe('kmeans over a source gives the bits of the same rows in memory', () => {
  const n = 2 * 2048 + 77; // several shards, the last one longer
  const weights = Float64Array.from({ length: n }, (_, i) => (i % 6) / 2);
  const labels = Int32Array.from({ length: n }, (_, i) => (i * 7) % 5);
  const starts: Record<string, Partial<KMeansOptions>> = {
    'k-means++': {},
    'k-means++, weights and restarts': { nInit: 3, sampleWeight: weights, seed: 4 },
    random: { init: 'random', nInit: 2 },
    'random, weights': { init: 'random', sampleWeight: weights },
    centers: { init: clouds(5, 6, 'float64') },
    labels: { init: { labels } },
    'labels, weights': { init: { labels }, sampleWeight: weights },
    cosine: { metric: 'cosine' },
    'an empty cluster': {
      init: new Matrix(
        Float64Array.from({ length: 30 }, (_, i) => (i < 12 ? 1e6 : i)),
        5,
        6,
      ),
    },
  };
  test.each(Object.keys(starts))('%s', async (start) => {
    for (const dtype of ['float32', 'float64'] as const)
      for (const sparse of [false, true]) {
        const X = clouds(n, 6, dtype, sparse);
        const options = { nClusters: 5, tol: 0, ...starts[start] };
        expect(await kmeans(sourceOf(X, 997), options)).toEqual(await kmeans(X, options));
      }
  });

  test.each([
    ['observed', 'observed'],
    ['prior', { prior: 'gaussian', variance: 2 }],
  ] as const)('missing entries: %s', async (_, missing) => {
    for (const dtype of ['float32', 'float64'] as const) {
      const X = holes(clouds(n, 6, dtype));
      for (const init of ['k-means++', { labels }] as const) {
        const options = { nClusters: 5, init, missing, sampleWeight: weights };
        expect(await kmeans(sourceOf(X, 500), options)).toEqual(await kmeans(X, options));
      }
    }
  });

  test('blocks of one row, of a prime, of everything, of sizes that vary', async () => {
    const X = clouds(1500, 3, 'float32');
    const options = { nClusters: 6, seed: 2 };
    const model = await kmeans(X, options);
    for (const sizes of [[1], [7], [1500], [9999], [512], [1, 600, 13]])
      expect(await kmeans(sourceOf(X, ...sizes), options)).toEqual(model);
  });

  test('any number of rows, also just around the limits of shards and windows', async () => {
    for (const n of [1, 2, 255, 256, 511, 512, 513, 1023, 1024, 1025, 8191, 8192, 8209]) {
      const X = clouds(n, 2, 'float64');
      const options = { nClusters: Math.min(n, 3), allowFewer: true };
      expect(await kmeans(sourceOf(X, 300), options)).toEqual(await kmeans(X, options));
    }
  });

  test('shards that pass by in several windows, the last one short', async () => {
    const n = 16 * 600 + 9;
    const sampleWeight = Float64Array.from({ length: n }, (_, i) => (i % 6) / 7);
    for (const sparse of [false, true]) {
      const X = clouds(n, 70, 'float32', sparse);
      // one center far away: a cluster without rows, so that those furthest from their centers are looked for
      const init = new Matrix(Float64Array.from(X.take([1, 2, 3, 4]).data), 4, 70);
      init.data.fill(1e6, 0, 70);
      for (const options of [
        { sampleWeight },
        { init },
        { metric: 'cosine' },
      ] satisfies Partial<KMeansOptions>[]) {
        const heard: ProgressEvent[] = [];
        const onProgress = (event: ProgressEvent) => heard.push(event);
        const full = { nClusters: 4, maxIter: 6, onProgress, ...options };
        const model = await kmeans(X, full);
        const expected = heard.splice(0);
        expect(await kmeans(sourceOf(X, 3001), full)).toEqual(model);
        expect(heard).toEqual(expected);
      }
    }
    const X = holes(clouds(n, 70, 'float32'));
    const options = { nClusters: 4, maxIter: 4, missing: 'observed' } as const;
    expect(await kmeans(sourceOf(X, 3001), options)).toEqual(await kmeans(X, options));
  });

  test('a property', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1600 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 700 }),
        fc.constantFrom('k-means++', 'random'),
        fc.boolean(),
        fc.nat(1e6),
        async (n, d, k, size, init, sparse, seed) => {
          const X = clouds(n, d, seed % 2 ? 'float32' : 'float64', sparse);
          const options: KMeansOptions = {
            nClusters: Math.min(k, n),
            init: init as 'random',
            seed,
            allowFewer: true,
          };
          expect(await kmeans(sourceOf(X, size), options)).toEqual(await kmeans(X, options));
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('fewer distinct rows than clusters are counted in a source too', async () => {
  const X = new Matrix(
    Float64Array.from({ length: 600 }, (_, i) => i % 3),
    600,
    1,
  );
  await expect(kmeans(sourceOf(X, 50), { nClusters: 5 })).rejects.toThrow(
    'kmeans: X has only 3 distinct rows for nClusters = 5; use fewer clusters, or allowFewer: true',
  );
});
