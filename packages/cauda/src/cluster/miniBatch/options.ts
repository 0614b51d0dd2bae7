import { checkOptions, controlRules, integerIn, numberIn, type Rule, required, shaped } from '../../check.ts';
import type { MatrixLike } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import { weightRule } from '../../weights.ts';

/** Batches are too small to share: all is done in the calling thread, whatever `workers` says. */
export interface MiniBatchKMeansOptions extends FitControl {
  /** Number of clusters, an integer in [1, nSamples]; with a stream, in [1, the rows of its first batch]. */
  nClusters: number;
  /**
   * Where the centers start: `'k-means++'` or `'random'` rows of a sample of 3 · batchSize rows (with a stream, of its
   * first batch), or the centers themselves (nClusters × nFeatures). Defaults to `'k-means++'`.
   */
  init?: 'k-means++' | 'random' | MatrixLike;
  /** Starts to try on a sample, the best being used; 1 when centers are given. Defaults to 1. */
  nInit?: number;
  /** The fit ends once it has seen this many times as many rows as X has; defaults to 100. Not for a stream. */
  maxIter?: number;
  /** Rows of a batch, drawn from X with replacement; defaults to 1024, or to the rows of X if they are fewer. Not for a stream. */
  batchSize?: number;
  /** The fit ends after this many batches in a row without a better smoothed inertia; defaults to 10. Not for a stream. */
  maxNoImprovement?: number;
  /**
   * Centers that have taken less than this share, in [0, 1], of the weight that the busiest one has taken are moved to
   * random rows now and then; with 0 they never are. Defaults to 0.01.
   */
  reassignmentRatio?: number;
  /** A weight for each row, ≥ 0 and not all zero. Defaults to 1 for all. Not for a stream. */
  sampleWeight?: ArrayLike<number>;
}

const defaults = {
  init: 'k-means++' as NonNullable<MiniBatchKMeansOptions['init']>,
  nInit: 1,
  maxIter: 100,
  batchSize: 1024,
  maxNoImprovement: 10,
  reassignmentRatio: 0.01,
  seed: 0,
};

/** Options after the door, and the function that was called: errors and progress begin with it. */
export type CheckedMiniBatchKMeansOptions = Readonly<
  MiniBatchKMeansOptions & typeof defaults & { who: string }
>;

/**
 * @param n the rows that nClusters is limited by
 * @param nIs what they are
 * @throws TypeError or RangeError, in one sentence
 */
export function checkMiniBatchKMeansOptions(
  who: string,
  options: MiniBatchKMeansOptions,
  n: number,
  nIs: string,
): CheckedMiniBatchKMeansOptions {
  const rules: Record<keyof MiniBatchKMeansOptions, Rule> = {
    ...controlRules,
    nClusters: required(integerIn(1, n, nIs)),
    init: shaped(
      '"k-means++", "random" or the initial centers',
      (value) => value === 'k-means++' || value === 'random' || (typeof value === 'object' && value !== null),
    ),
    nInit: integerIn(1, Infinity),
    maxIter: integerIn(1, Infinity),
    batchSize: integerIn(1, Infinity),
    maxNoImprovement: integerIn(1, Infinity),
    reassignmentRatio: numberIn(0, 1),
    sampleWeight: weightRule,
  };
  return { ...checkOptions(who, options, rules, defaults), who };
}
