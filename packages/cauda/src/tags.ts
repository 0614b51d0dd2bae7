/**
 * What each estimator takes. This one table says it to the code that checks X, to the errors that refuse it, to the
 * tests that walk it and to the documentation.
 */

/** What an estimator takes. */
export interface Tags {
  /** `sampleWeight`: a weight a row. */
  readonly weights: boolean;
  /** NaN as a missing entry: with the option `missing`, or `'always'`. */
  readonly missing: boolean | 'always';
  /** Sparse rows (CSR). */
  readonly sparse: boolean;
  /** A source of more rows than memory holds. */
  readonly source: boolean;
  /** More rows for a fitted model: `partialFit`. */
  readonly stream: boolean;
  /** The values of the option `metric`, if there is one. */
  readonly metric: readonly ('euclidean' | 'cosine')[];
}

/** The tags of every estimator, by its name. */
export const tags = {
  standardScaler: {
    weights: true,
    missing: 'always',
    sparse: false,
    source: true,
    stream: false,
    metric: [],
  },
  pca: { weights: false, missing: false, sparse: false, source: false, stream: false, metric: [] },
  kmeans: {
    weights: true,
    missing: true,
    sparse: true,
    source: true,
    stream: false,
    metric: ['euclidean', 'cosine'],
  },
  kmeansPlusPlus: { weights: true, missing: false, sparse: true, source: true, stream: false, metric: [] },
  miniBatchKMeans: { weights: true, missing: false, sparse: false, source: true, stream: true, metric: [] },
  bisectingKMeans: { weights: true, missing: false, sparse: false, source: false, stream: false, metric: [] },
  selectKMeans: {
    weights: true,
    missing: true,
    sparse: false,
    source: false,
    stream: false,
    metric: ['euclidean', 'cosine'],
  },
  gapStatistic: { weights: false, missing: true, sparse: false, source: false, stream: false, metric: [] },
  gaussianMixture: { weights: true, missing: true, sparse: false, source: true, stream: true, metric: [] },
  bayesianGaussianMixture: {
    weights: true,
    missing: false,
    sparse: false,
    source: true,
    stream: true,
    metric: [],
  },
  classGaussianMixture: {
    weights: true,
    missing: false,
    sparse: false,
    source: false,
    stream: true,
    metric: [],
  },
  selectGaussianMixture: {
    weights: true,
    missing: true,
    sparse: false,
    source: false,
    stream: true,
    metric: [],
  },
  mlpClassifier: { weights: false, missing: false, sparse: false, source: false, stream: false, metric: [] },
} as const;

/** The name of an estimator. */
export type Estimator = keyof typeof tags;

/** The estimators that take something, as words: "a, b and c". */
export function takers(tag: keyof Tags): string {
  const names = Object.entries<Tags>(tags)
    .filter(([, taken]) => taken[tag] === true || (Array.isArray(taken[tag]) && taken[tag].length > 0))
    .map(([name]) => name);
  const last = names.pop();
  return names.length ? `${names.join(', ')} and ${last}` : `${last}`;
}
