import { checkOptions, controlRules, integerIn, numberIn, oneOf, type Rule, required } from '../check.ts';
import { Matrix } from '../matrix.ts';
import type { FitControl } from '../parallel/session.ts';
import type { MatrixSource } from '../source.ts';
import { checkWeights, weightRule } from '../weights.ts';
import { columnMoments } from './covariance/columns.ts';
import { absoluteRegCovar, type RegCovar, regCovarRule } from './covariance/regCovar.ts';
import { type CovarianceType, covarianceTypes } from './covariance/type.ts';
import { type CheckedInit, checkInit, type GaussianMixtureInit, initRule } from './init.ts';

/**
 * What a NaN in X means: `'observed'` takes it as an entry that is missing at random, and the likelihood is that of the
 * observed entries.
 */
export type MissingEntries = 'observed';

export interface GaussianMixtureOptions extends FitControl {
  /** Number of components; an integer in [1, nSamples]. */
  nComponents: number;
  /** Form of the covariances; defaults to "full". */
  covarianceType?: CovarianceType;
  /**
   * Where EM starts: from the clusters of `kmeans`, from single rows chosen by k-means++ or at random, from random
   * responsibilities, or from the given labels (nSamples), responsibilities (nSamples × nComponents) or parameters.
   * Defaults to "kmeans".
   */
  init?: GaussianMixtureInit;
  /** Stop when the lower bound changes by less than tol, in nats a row; defaults to 1e-3. */
  tol?: number;
  /** Added to the diagonal of every covariance, as it is or times the mean variance of X's columns; defaults to 1e-6. */
  regCovar?: RegCovar;
  /** The largest number of iterations of a run; 0 gives the parameters of the start. Defaults to 100. */
  maxIter?: number;
  /** Runs from different starts, the highest lower bound winning; 1 when the start is given. Defaults to 1. */
  nInit?: number;
  /** A weight for each row, ≥ 0 and not all zero; 3 counts as three copies. Defaults to 1 for all. */
  sampleWeight?: ArrayLike<number>;
  /** How to treat NaN; without it NaN is an error. */
  missing?: MissingEntries;
}

/** Options after the door: filled in and copied. */
export type CheckedGaussianMixtureOptions = Readonly<
  Required<
    Omit<GaussianMixtureOptions, 'init' | 'regCovar' | 'sampleWeight' | 'missing' | keyof FitControl>
  > &
    FitControl & {
      seed: number;
      init: CheckedInit;
      regCovar: number;
      sampleWeight: Float64Array | undefined;
      missing: MissingEntries | undefined;
    }
>;

const defaults = {
  covarianceType: 'full' as const,
  init: 'kmeans' as const,
  tol: 1e-3,
  regCovar: 1e-6,
  maxIter: 100,
  nInit: 1,
  seed: 0,
};

/** The rules of `gaussianMixture`'s options, for n rows. */
function gaussianMixtureRules(n: number): Record<keyof GaussianMixtureOptions, Rule> {
  return {
    ...controlRules,
    nComponents: required(integerIn(1, n, 'the rows of X')),
    covarianceType: oneOf(...covarianceTypes),
    init: initRule('{ labels }, { responsibilities } or { weights, means, precisions }'),
    tol: numberIn(0, Infinity),
    regCovar: regCovarRule,
    maxIter: integerIn(0, Infinity),
    nInit: integerIn(1, Infinity),
    sampleWeight: weightRule,
    missing: oneOf('observed'),
  };
}

/**
 * The options after the door; `who` is the function that errors name.
 * @throws TypeError or RangeError, in one sentence
 */
export function checkGaussianMixtureOptions(
  who: string,
  X: Matrix | MatrixSource,
  given: GaussianMixtureOptions,
): CheckedGaussianMixtureOptions {
  const options = checkOptions(who, given, gaussianMixtureRules(X.rows), defaults);
  if (!(X instanceof Matrix)) checkForSource(who, options);
  const init = checkInit(who, options.init, X, options.nComponents, options.covarianceType);
  const sampleWeight = checkSampleWeight(who, options.sampleWeight, X.rows, options.nComponents);
  if (options.missing) checkColumns(who, X as Matrix, sampleWeight);
  return Object.freeze({
    ...options,
    missing: options.missing,
    regCovar: absoluteRegCovar(options.regCovar, X as Matrix, sampleWeight),
    init,
    nInit: typeof init === 'string' ? options.nInit : 1,
    sampleWeight,
  });
}

/** @throws RangeError for what needs more than passes over the rows */
export function checkForSource(
  who: string,
  { missing, init, regCovar }: Pick<GaussianMixtureOptions, 'missing' | 'init' | 'regCovar'>,
): void {
  const memory = (what: string, instead: string): never => {
    throw new RangeError(`${who}: ${what} needs rows in memory; with a source, ${instead}`);
  };
  if (missing) memory('missing', 'fill the entries');
  if (init === 'random') memory('init "random"', 'use "randomFromData", "k-means++" or "kmeans"');
  if (typeof regCovar === 'object') memory('regCovar { relative }', 'give a number');
}

/** @throws RangeError for a column of which nothing is known */
export function checkColumns(who: string, X: Matrix, weights: Float64Array | undefined): void {
  const unknown = columnMoments(X, weights).means.findIndex(Number.isNaN);
  if (unknown >= 0)
    throw new RangeError(
      `${who}: column ${unknown} of X has no observed entry of positive weight; leave it out`,
    );
}

export function checkSampleWeight(
  who: string,
  weights: ArrayLike<number> | undefined,
  n: number,
  k: number,
): Float64Array | undefined {
  const checked = checkWeights(who, weights, n);
  const positive = checked?.reduce((count, weight) => count + (weight > 0 ? 1 : 0), 0) ?? n;
  if (positive < k)
    throw new RangeError(
      `${who}: nComponents must be at most ${positive}, the rows of positive weight; got ${k}`,
    );
  return checked;
}
