import {
  bayesianGaussianMixture,
  bisectingKMeans,
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
import { autoGuard } from '../src/ood/index.ts';

const n = 5000;
const d = 13;

/** A fit on made-up rows, with its seed; what it resolves to is digested. */
export type Fit = (workers: number) => Promise<unknown>;

/** The precisions that everything is fitted in. */
export const dtypes = ['float32', 'float64'] as const;

/**
 * Whole fits, by name, whose digests must be the same in every JavaScript engine and for any number of workers. The test
 * of determinism runs them in Node and in Chromium, test/browsers in other browsers too.
 */
export function fits(dtype: 'float32' | 'float64'): Record<string, Fit> {
  const { X, labels } = rows(dtype);
  const holes = new Random(7);
  const incomplete = new Matrix(
    X.data.map((v) => (holes.uniform() < 0.2 ? NaN : v)),
    n,
    d,
  );

  const some = Array.from({ length: 1100 }, (_, i) => i); // of rows with gaps, which take longer

  return {
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
    'mixture, full': (workers) => gaussianMixture(X, { nComponents: 6, workers }),
    'mixture, tied': (workers) =>
      gaussianMixture(X, { nComponents: 4, covarianceType: 'tied', init: 'randomFromData', workers }),
    'mixture, diag': (workers) =>
      gaussianMixture(X, { nComponents: 4, covarianceType: 'diag', init: 'k-means++', workers }),
    'mixture, spherical': (workers) =>
      gaussianMixture(X, {
        nComponents: 4,
        covarianceType: 'spherical',
        init: 'random',
        maxIter: 20,
        workers,
      }),
    network: (workers) => mlpClassifier(X, labels, { hiddenLayers: [17, 9], epochs: 2, workers }),
    'mini-batch K-means': async () => {
      const model = await miniBatchKMeans(X, { nClusters: 7, batchSize: 200, nInit: 2 });
      return model.partialFit(X);
    },
    scaler: async () => (await standardScaler(X)).transform(X),
    pca: () => pca(X, { nComponents: 5 }),
    'mixture, Bayesian': (workers) => bayesianGaussianMixture(X, { nComponents: 8, maxIter: 20, workers }),
    'mixture, missing entries': (workers) =>
      gaussianMixture(incomplete.take(some), { nComponents: 3, missing: 'observed', maxIter: 2, workers }),
    guard: async (workers) => {
      const network = await mlpClassifier(X, labels, { hiddenLayers: [16, 8], epochs: 2, workers });
      const layers = network.activations(X).before;
      const views = { layers: layers.slice(0, -1), logits: layers.at(-1)! };
      return (await autoGuard({ ...views, labels }, { workers })).score(views);
    },
  };
}

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
