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

const dense: Tags = {
  weights: false,
  missing: false,
  sparse: false,
  source: false,
  stream: false,
  metric: [],
};

/** The tags of every estimator, by its name. */
export const tags = {
  standardScaler: { ...dense, weights: true, missing: 'always', source: true },
  pca: dense,
  kmeans: {
    ...dense,
    weights: true,
    missing: true,
    sparse: true,
    source: true,
    metric: ['euclidean', 'cosine'],
  },
  kmeansPlusPlus: { ...dense, weights: true, sparse: true, source: true },
  miniBatchKMeans: { ...dense, weights: true, source: true, stream: true },
  bisectingKMeans: { ...dense, weights: true },
  gaussianMixture: { ...dense, weights: true, missing: true, source: true, stream: true },
  bayesianGaussianMixture: { ...dense, source: true },
  classGaussianMixture: { ...dense, weights: true },
  mlpClassifier: dense,
} as const satisfies Record<string, Tags>;

/** The name of an estimator. */
export type Estimator = keyof typeof tags;

/** The estimators that take something, as words: "a, b and c". */
export function takers(tag: keyof Tags): string {
  const names = Object.entries<Tags>(tags)
    .filter(([, taken]) => taken[tag] === true)
    .map(([name]) => name);
  const last = names.pop();
  return names.length ? `${names.join(', ')} and ${last}` : `${last}`;
}
