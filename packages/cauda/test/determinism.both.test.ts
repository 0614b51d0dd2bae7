import { describe, expect, test } from 'vitest';
import {
  bisectingKMeans,
  type GaussianMixtureModel,
  gaussianMixture,
  type KMeansModel,
  kmeans,
  Matrix,
  miniBatchKMeans,
  pca,
  Random,
  standardScaler,
} from '../src/index.ts';
import { mlpClassifier } from '../src/nn/index.ts';
import { digest } from './digest.ts';

/**
 * Same seed, same bits: digests of whole fits, for any number of workers. Node and Chromium share one stored file
 * (__snapshots__); a change of it is a change of results and belongs in the CHANGELOG.
 */
const workerCounts = [0, 1, 2, 5];
const n = 5000;
const d = 13;

/** Overlapping clouds: enough rows for 16 shards, and a width that fills no vector. */
function rows(dtype: 'float32' | 'float64'): { X: Matrix; labels: Int32Array } {
  const random = new Random(2026);
  const centers = Float64Array.from({ length: 6 * d }, () => 2 * random.normal());
  const labels = Int32Array.from({ length: n }, () => random.integer(6));
  const data = new (dtype === 'float32' ? Float32Array : Float64Array)(n * d);
  for (let i = 0; i < n * d; i++)
    data[i] = centers[labels[Math.floor(i / d)]! * d + (i % d)]! + random.normal();
  return { X: new Matrix(data, n, d), labels };
}

/** A K-means as it was saved when its digests were made, without what each cluster is like. */
async function clustering(fit: Promise<KMeansModel>): Promise<object> {
  const { sizes, inertias, radii, ...rest } = (await fit).toJSON();
  return rest;
}

/** A mixture's numbers in the order in which they were saved when their digests were made. */
async function mixture(fit: Promise<GaussianMixtureModel>): Promise<object> {
  const { weights, means, covariances, lowerBounds } = await fit;
  const inShape = ({ shape, data }: GaussianMixtureModel['covariances']) => ({ shape, data });
  return {
    version: 1,
    weights,
    means: { shape: means.shape, data: means.data },
    covariances: inShape(covariances),
    lowerBounds,
  };
}

describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
  const { X, labels } = rows(dtype);
  const holes = new Random(7);
  const incomplete = new Matrix(
    X.data.map((v) => (holes.uniform() < 0.2 ? NaN : v)),
    n,
    d,
  );

  const fits: Record<string, (workers: number) => Promise<unknown>> = {
    'kmeans, k-means++': (workers) => clustering(kmeans(X, { nClusters: 7, nInit: 2, workers })),
    'kmeans, random': (workers) => clustering(kmeans(X, { nClusters: 20, init: 'random', workers })),
    'kmeans, observed': (workers) =>
      clustering(kmeans(incomplete, { nClusters: 6, missing: 'observed', workers })),
    'kmeans, each cluster': async (workers) => {
      const { sizes, inertias, radii } = await kmeans(incomplete, {
        nClusters: 6,
        init: { labels },
        missing: { prior: 'gaussian', variance: 1.5 },
        workers,
      });
      return { sizes, inertias, radii };
    },
    'kmeans, cosine': (workers) => kmeans(X, { nClusters: 7, metric: 'cosine', workers }),
    'bisecting K-means': (workers) => bisectingKMeans(X, { nClusters: 7, nInit: 2, workers }),
    'mixture, full': (workers) => mixture(gaussianMixture(X, { nComponents: 6, workers })),
    'mixture, tied': (workers) =>
      mixture(
        gaussianMixture(X, { nComponents: 4, covarianceType: 'tied', init: 'randomFromData', workers }),
      ),
    'mixture, diag': (workers) =>
      mixture(gaussianMixture(X, { nComponents: 4, covarianceType: 'diag', init: 'k-means++', workers })),
    'mixture, spherical': (workers) =>
      mixture(
        gaussianMixture(X, {
          nComponents: 4,
          covarianceType: 'spherical',
          init: 'random',
          maxIter: 20,
          workers,
        }),
      ),
    network: (workers) => mlpClassifier(X, labels, { hiddenLayers: [17, 9], epochs: 2, workers }),
  };

  test.each(Object.keys(fits))('%s: the same bits for 0, 1, 2 and 5 workers', async (name) => {
    const digests = [];
    for (const workers of workerCounts) digests.push(await digest(await fits[name]!(workers)));
    expect(new Set(digests).size).toBe(1);
    expect(digests[0]).toMatchSnapshot();
  });

  test('mini-batch K-means', async () => {
    const model = await miniBatchKMeans(X, { nClusters: 7, batchSize: 200, nInit: 2 });
    expect(await digest(await model.partialFit(X))).toMatchSnapshot();
  });

  test('scaler and pca', async () => {
    expect(await digest((await standardScaler(X)).transform(X))).toMatchSnapshot('scaler');
    expect(await digest(await pca(X, { nComponents: 5 }))).toMatchSnapshot('pca');
  });
});
