import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { withTagsTable } from '../scripts/tagsTable.ts';
import {
  bayesianGaussianMixture,
  bisectingKMeans,
  classGaussianMixture,
  type Estimator,
  GaussianMixtureModel,
  gapStatistic,
  gaussianMixture,
  kmeans,
  kmeansPlusPlus,
  Matrix,
  miniBatchKMeans,
  pca,
  Random,
  selectGaussianMixture,
  selectKMeans,
  standardScaler,
  type Tags,
  tags,
} from '../src/index.ts';
import { mlpClassifier } from '../src/nn/index.ts';
import { takers } from '../src/tags.ts';
import { sourceOf } from './sources.ts';

const random = new Random(11);
const labels = Array.from({ length: 60 }, (_, i) => i % 2);
const X = new Matrix(
  Float64Array.from({ length: 180 }, (_, at) => 8 * (Math.floor(at / 3) % 2) + random.normal()),
  60,
  3,
);
const holed = new Matrix(
  X.data.map((value, at) => (at % 17 === 4 ? NaN : value)),
  60,
  3,
);
const sparse = {
  data: X.data,
  indices: Array.from(X.data, (_, at) => at % 3),
  indptr: Array.from({ length: 61 }, (_, i) => 3 * i),
  shape: [60, 3],
};

// biome-ignore lint/suspicious/noExplicitAny: the walk gives every estimator what its types may deny
type Fit = (X: any, options?: object) => Promise<any>;

/** Every estimator with the least that it needs. */
const fits: Record<Estimator, Fit> = {
  standardScaler: (X, options) => standardScaler(X, options),
  pca: (X, options) => pca(X, options),
  kmeans: (X, options) => kmeans(X, { nClusters: 2, ...options }),
  selectKMeans: async (X, options = {}) => {
    // each option with a criterion that is defined for it
    const criterion =
      'sampleWeight' in options ? 'daviesBouldin' : 'missing' in options ? 'gap' : 'silhouette';
    return (await selectKMeans(X, { nClusters: [2, 3], criterion, ...options })).model;
  },
  selectGaussianMixture: async (X, options) =>
    (await selectGaussianMixture(X, { nComponents: [1, 2], ...options })).model,
  gapStatistic: (X, options) => gapStatistic(X, { nClusters: [1, 2], ...options }),
  kmeansPlusPlus: (X, options) => kmeansPlusPlus(X, { nClusters: 2, ...options }),
  miniBatchKMeans: (X, options) => miniBatchKMeans(X, { nClusters: 2, ...options }),
  bisectingKMeans: (X, options) => bisectingKMeans(X, { nClusters: 2, ...options }),
  gaussianMixture: (X, options) => gaussianMixture(X, { nComponents: 2, ...options }),
  bayesianGaussianMixture: (X, options) => bayesianGaussianMixture(X, { nComponents: 2, ...options }),
  classGaussianMixture: (X, options) => classGaussianMixture(X, labels, options),
  mlpClassifier: (X, options) => mlpClassifier(X, labels, { hiddenLayers: [3], epochs: 1, ...options }),
};

test('the table of the guide is made from them', () => {
  const guide = readFileSync(new URL('../../../docs/guide.md', import.meta.url), 'utf8');
  expect(withTagsTable(guide)).toBe(guide); // else: npm run docs
});

const plain = (model: unknown): unknown => JSON.parse(JSON.stringify(model));

describe.each(Object.entries<Tags>(tags) as [Estimator, Tags][])('the tags of %s are true', (name, tag) => {
  const fit = fits[name];

  test(`sample weights: ${tag.weights}`, async () => {
    const sampleWeight = labels.map((label, i) => (i < 4 ? 0 : 1 + label));
    if (tag.weights) await fit(X, { sampleWeight });
    else await expect(fit(X, { sampleWeight })).rejects.toThrow(`${name}: unknown option "sampleWeight"`);
  });

  test(`missing entries: ${tag.missing}`, async () => {
    if (tag.missing === 'always') await fit(holed);
    else await expect(fit(holed)).rejects.toThrow('row 1, column 1 is NaN; expected finite values');
    if (tag.missing === true) await fit(holed, { missing: 'observed' });
    else await expect(fit(X, { missing: 'observed' })).rejects.toThrow(`${name}: unknown option "missing"`);
  });

  test(`sparse rows: ${tag.sparse}`, async () => {
    if (tag.sparse) expect(plain(await fit(sparse))).toEqual(plain(await fit(X)));
    else
      await expect(fit(sparse)).rejects.toThrow(
        new TypeError(
          `${name}: X is a sparse matrix, and ${name} takes dense rows; write its zeros out, or use one that takes sparse rows: ${takers('sparse')}`,
        ),
      );
  });

  test(`a source: ${tag.source}`, async () => {
    if (tag.source) await fit(sourceOf(X, 7));
    else
      await expect(fit(sourceOf(X, 7))).rejects.toThrow(`${name}: X is a source, and ${name} needs all rows`);
  });

  test(`more rows for a fitted model: ${tag.stream}`, async () => {
    const model = await fit(X);
    expect('partialFit' in model).toBe(tag.stream);
    if (!tag.stream) return;
    const options = model instanceof GaussianMixtureModel ? { stepSize: 0.5 } : {};
    const learned = await model.partialFit(X, options);
    expect(learned.predict(X)).toHaveLength(60);
  });

  test(`metrics: ${tag.metric.join(', ') || 'none to choose'}`, async () => {
    for (const metric of tag.metric) expect((await fit(X, { metric })).metric).toBe(metric);
    const message = tag.metric.length
      ? `${name}: metric must be ${tag.metric.map((metric) => `"${metric}"`).join(' or ')}; got "manhattan"`
      : `${name}: unknown option "metric"`;
    await expect(fit(X, { metric: 'manhattan' })).rejects.toThrow(message);
  });
});
