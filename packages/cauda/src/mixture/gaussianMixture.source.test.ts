import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../test/sources.ts';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { type CovarianceType, type GaussianMixtureOptions, gaussianMixture } from './index.ts';

/** Clouds of which two overlap and one is apart, so that some rows settle and some do not. */
function clouds(n: number, d: number, dtype: 'float32' | 'float64'): Matrix {
  const random = new Random(n + d);
  const values = Float64Array.from({ length: n * d }, (_, at) => {
    const cloud = Math.floor(at / d) % 3;
    return random.normal() + 100 + (cloud === 2 ? 30 : 2 * cloud);
  });
  return new Matrix(dtype === 'float32' ? Float32Array.from(values) : values, n, d);
}

describe('gaussianMixture over a source gives the bits of the same rows in memory', () => {
  const n = 2 * 2048 + 77; // several shards, the last one longer
  const weights = Float64Array.from({ length: n }, (_, i) => (i % 5) / 2);
  const labels = Int32Array.from({ length: n }, (_, i) => (i * 7) % 4);

  describe.each<CovarianceType>(['full', 'tied', 'diag', 'spherical'])('%s', (covarianceType) => {
    const starts: Record<string, Partial<GaussianMixtureOptions>> = {
      kmeans: {},
      'kmeans, weights and restarts': { sampleWeight: weights, nInit: 2, seed: 5 },
      'k-means++': { init: 'k-means++', nInit: 2 },
      randomFromData: { init: 'randomFromData', sampleWeight: weights },
      labels: { init: { labels } },
      'only the start': { init: { labels }, maxIter: 0 },
    };
    test.each(Object.keys(starts))('%s', async (start) => {
      for (const dtype of ['float32', 'float64'] as const) {
        const X = clouds(n, 13, dtype); // enough features for bounds in memory
        const options = { nComponents: 4, covarianceType, tol: 0, maxIter: 12, ...starts[start] };
        expect(await gaussianMixture(sourceOf(X, 997), options)).toEqual(await gaussianMixture(X, options));
      }
    });
  });

  test('from responsibilities and from parameters', async () => {
    const X = clouds(1300, 2, 'float64');
    const responsibilities = Array.from({ length: 1300 }, (_, i) => [(i % 3) / 2, 1 - (i % 3) / 2]);
    const precisions = { data: [1, 0, 0, 1, 2, 0, 0, 2], shape: [2, 2, 2] };
    const parameters = { weights: [0.25, 0.75], means: X.take([3, 5]), precisions };
    for (const init of [{ responsibilities }, parameters]) {
      const options = { nComponents: 2, init };
      expect(await gaussianMixture(sourceOf(X, 64), options)).toEqual(await gaussianMixture(X, options));
    }
  });

  test('blocks of one row, of a prime, of everything, of sizes that vary', async () => {
    const X = clouds(1500, 3, 'float32');
    const options = { nComponents: 3, seed: 2 };
    const model = await gaussianMixture(X, options);
    for (const sizes of [[1], [7], [1500], [9999], [512], [1, 600, 13]])
      expect(await gaussianMixture(sourceOf(X, ...sizes), options)).toEqual(model);
  });

  test('any number of rows, also just around the limits of shards and windows', async () => {
    for (const n of [3, 255, 256, 511, 512, 513, 1023, 1024, 1025, 8191, 8192, 8209]) {
      const X = clouds(n, 2, 'float64');
      const options = { nComponents: 2, regCovar: 0.1, maxIter: 8 };
      expect(await gaussianMixture(sourceOf(X, 300), options)).toEqual(await gaussianMixture(X, options));
    }
  });

  test.each(['full', 'tied', 'diag', 'spherical'] as const)(
    'shards that pass by in several windows, the last one short: %s',
    async (covarianceType) => {
      const X = clouds(16 * 600 + 9, 70, 'float32');
      const options = { nComponents: 2, covarianceType, maxIter: 4 };
      expect(await gaussianMixture(sourceOf(X, 3001), options)).toEqual(await gaussianMixture(X, options));
    },
  );
});

test('a property: the same model, or the same sentence about a component that collapsed', async () => {
  const outcome = (
    X: Parameters<typeof gaussianMixture>[0],
    options: GaussianMixtureOptions,
  ): Promise<unknown> =>
    gaussianMixture(X, options).catch((error: Error) => {
      expect(error.message).toContain('collapsed (covariance not positive definite)');
      return error.message;
    });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 4, max: 1600 }),
      fc.integer({ min: 1, max: 14 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 700 }),
      fc.constantFrom<CovarianceType>('full', 'tied', 'diag', 'spherical'),
      fc.constantFrom('kmeans', 'k-means++', 'randomFromData'),
      fc.nat(1e6),
      async (n, d, nComponents, size, covarianceType, init, seed) => {
        const X = clouds(n, d, seed % 2 ? 'float32' : 'float64');
        const options = {
          nComponents,
          covarianceType,
          init: init as 'kmeans',
          seed,
          maxIter: 8,
          regCovar: 1e-4,
        };
        expect(await outcome(sourceOf(X, size), options)).toEqual(await outcome(X, options));
      },
    ),
    { numRuns: 30 },
  );
});

describe('what a source does not go with', () => {
  test.each<[string, object, string]>([
    [
      'missing',
      { missing: 'observed' },
      'gaussianMixture: missing needs rows in memory; with a source, fill the entries',
    ],
    [
      'init "random"',
      { init: 'random' },
      'gaussianMixture: init "random" needs rows in memory; with a source, use "randomFromData", "k-means++" or "kmeans"',
    ],
    [
      'a relative regCovar',
      { regCovar: { relative: 1e-3 } },
      'gaussianMixture: regCovar { relative } needs rows in memory; with a source, give a number',
    ],
  ])('%s', async (_, options, message) => {
    const source = sourceOf(clouds(300, 2, 'float64'), 50);
    await expect(gaussianMixture(source, { nComponents: 2, ...options })).rejects.toThrow(message);
    expect(source.begun).toBe(0);
  });
});

test('an error is told by the name of the function that was called, also while K-means finds the start', async () => {
  const X = clouds(600, 2, 'float64');
  const sound = sourceOf(X, 100);
  await gaussianMixture(sound, { nComponents: 2 });
  for (let pass = 1; pass <= sound.begun; pass++) {
    const source = sourceOf(X, 100);
    const { read } = source;
    source.read = async function* () {
      for await (const block of read()) {
        if (source.begun === pass) block.data[3] = NaN;
        yield block;
      }
    };
    await expect(gaussianMixture(source, { nComponents: 2 })).rejects.toThrow(
      'gaussianMixture: source: row 1, column 1 is NaN; expected finite values',
    );
    expect([source.begun, source.ended]).toEqual([pass, pass]);
  }
});

test('a signal stops EM between blocks, and the progress is that of rows in memory', async () => {
  const X = clouds(600, 2, 'float64');
  const heard: unknown[] = [];
  const options = { nComponents: 2, onProgress: (event: unknown) => heard.push(event) };
  await gaussianMixture(X, options);
  const expected = heard.splice(0);
  const source = sourceOf(X, 100);
  await gaussianMixture(source, options);
  expect(heard).toEqual(expected);
  const stop = new AbortController();
  const onProgress = () => stop.abort(new Error('enough'));
  await expect(gaussianMixture(source, { ...options, signal: stop.signal, onProgress })).rejects.toThrow(
    /^enough$/,
  );
  expect(source.ended).toBe(source.begun);
});
