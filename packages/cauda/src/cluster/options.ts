import {
  checkOptions,
  controlRules,
  flag,
  integerIn,
  numberIn,
  oneOf,
  type Rule,
  required,
  shaped,
} from '../check.ts';
import { checkGrouping, type Labels } from '../labels.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import type { FitControl } from '../parallel/session.ts';
import { weightRule } from '../weights.ts';
import { checkClusterWeights } from './weights.ts';

/**
 * What a NaN in X means:
 * - `'observed'`: only observed coordinates count, in distances and in means;
 * - `{ prior: 'gaussian', variance: c }`: a missing coordinate is a random one, N(0, c), and the cost is the
 *   expected one, Σ_i Σ_{x∈C_i} E‖x − μ_i‖². See docs/derivations/kmeans-missing.md.
 */
export type Missing = 'observed' | { readonly prior: 'gaussian'; readonly variance: number };

/**
 * How distances are measured: `'euclidean'`, or `'cosine'` for spherical K-means, in which rows and centers are taken
 * as directions (length 1) and the distance is 1 − cos of the angle between them.
 */
export type Metric = 'euclidean' | 'cosine';

export interface KMeansOptions extends FitControl {
  /** Number of clusters, an integer in [1, nSamples]. */
  nClusters: number;
  /**
   * Where the centers start: `'k-means++'` (greedy, 2 + ⌊ln K⌋ trials), `'random'` rows, the centers themselves
   * (nClusters × nFeatures), or the means of the given labels, one of 0 … nClusters − 1 for each row. Defaults to
   * `'k-means++'`.
   */
  init?: 'k-means++' | 'random' | MatrixLike | { readonly labels: Labels };
  /** Runs from different starts, the lowest inertia winning; 1 when centers or labels are given. Defaults to 1. */
  nInit?: number;
  /** Most iterations of a run; defaults to 300. */
  maxIter?: number;
  /** Stop when the centers' squared movement is at most tol × the mean variance of the features; defaults to 1e-4. */
  tol?: number;
  /** A weight for each row, ≥ 0 and not all zero; 3 counts as three copies. Defaults to 1 for all. */
  sampleWeight?: ArrayLike<number>;
  /** How to treat NaN; without it NaN is an error. */
  missing?: Missing;
  /** How distances are measured. Defaults to `'euclidean'`. */
  metric?: Metric;
  /**
   * Whether clusters that end without a row are left out, so that the model may have fewer than nClusters. Otherwise
   * fewer distinct rows than nClusters are an error. Defaults to false.
   */
  allowFewer?: boolean;
}

/** Options after the door: checked, filled in and copied. */
export type CheckedKMeansOptions = Readonly<
  Omit<KMeansOptions, 'init' | 'sampleWeight'> &
    Required<Pick<KMeansOptions, 'nInit' | 'maxIter' | 'tol' | 'seed' | 'metric' | 'allowFewer'>> & {
      /** The function that was called; errors begin with it. */
      who: string;
      init: 'k-means++' | 'random' | Matrix | { readonly labels: Int32Array };
      sampleWeight: Float64Array | undefined;
    }
>;

const kmeansDefaults = {
  init: 'k-means++' as NonNullable<KMeansOptions['init']>,
  nInit: 1,
  maxIter: 300,
  tol: 1e-4,
  seed: 0,
  metric: 'euclidean' as Metric,
  allowFewer: false,
};

/** The rules of `kmeans`' options, for n rows. */
function kmeansRules(n: number): Record<keyof KMeansOptions, Rule> {
  return {
    ...controlRules,
    nClusters: required(integerIn(1, n, 'the rows of X')),
    init: shaped(
      '"k-means++", "random", the initial centers or { labels }',
      (value) => value === 'k-means++' || value === 'random' || (typeof value === 'object' && value !== null),
    ),
    nInit: integerIn(1, Infinity),
    maxIter: integerIn(1, Infinity),
    tol: numberIn(0, Infinity),
    sampleWeight: weightRule,
    missing: shaped(
      '"observed" or { prior: "gaussian", variance }',
      (value) => value === 'observed' || (typeof value === 'object' && value !== null),
    ),
    metric: oneOf('euclidean', 'cosine'),
    allowFewer: flag,
  };
}

/** @throws TypeError or RangeError, in one sentence */
export function checkKMeansOptions(
  who: string,
  X: Pick<Matrix, 'rows' | 'cols'>,
  given: KMeansOptions,
): CheckedKMeansOptions {
  const checked = checkOptions(who, given, kmeansRules(X.rows), kmeansDefaults);
  const { init, metric, nClusters } = checked;
  const missing = typeof checked.missing === 'object' ? checkPrior(who, checked.missing) : checked.missing;
  const options = { ...checked, ...(missing && { missing }) };
  if (missing !== undefined && metric === 'cosine')
    throw new RangeError(
      `${who}: metric "cosine" needs complete rows; use metric "euclidean" with the option missing, or fill the entries`,
    );
  const sampleWeight = checkClusterWeights(who, options.sampleWeight, X.rows);
  if (init === 'k-means++' || init === 'random') return { ...options, who, init, sampleWeight };
  if ('labels' in init) {
    const labels = checkGrouping(
      `${who}: init.labels`,
      init.labels,
      X.rows,
      nClusters,
      'cluster',
      sampleWeight,
    );
    return { ...options, who, init: { labels }, nInit: 1, sampleWeight };
  }
  const centers = Matrix.from(init as MatrixLike, { who: `${who}: init` });
  if (centers.rows !== nClusters || centers.cols !== X.cols)
    throw new RangeError(
      `${who}: init must be nClusters × nFeatures = ${nClusters} × ${X.cols}; got ${centers.rows} × ${centers.cols}`,
    );
  return { ...options, who, init: centers, nInit: 1, sampleWeight };
}

/**
 * A copy of the prior.
 * @throws TypeError or RangeError unless it is `{ prior: 'gaussian', variance ≥ 0 }`
 */
function checkPrior(who: string, missing: Exclude<Missing, 'observed'>): Missing {
  return checkOptions(
    `${who}: missing`,
    missing,
    {
      prior: required({
        expected: '"gaussian"',
        kind: (v) => typeof v === 'string',
        range: (v: string) => v === 'gaussian',
      }),
      variance: required(numberIn(0, Infinity)),
    },
    {},
  );
}
