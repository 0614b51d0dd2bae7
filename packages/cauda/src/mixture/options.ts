import {
  checkOptions,
  controlRules,
  describe,
  integerIn,
  numberIn,
  oneOf,
  type Rule,
  required,
  shaped,
} from '../check.ts';
import { checkGrouping } from '../labels.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import type { FitControl } from '../parallel/session.ts';
import type { MatrixSource } from '../source.ts';
import { checkWeights, weightRule } from '../weights.ts';
import { columnMoments } from './covariance/columns.ts';
import { inversesOf } from './covariance/parameters.ts';
import {
  type CovarianceType,
  covarianceShape,
  covarianceTypes,
  isDense,
  ofComponent,
} from './covariance/type.ts';

/**
 * What a NaN in X means: `'observed'` takes it as an entry that is missing at random, and the likelihood is that of the
 * observed entries.
 */
export type MissingEntries = 'observed';

/** Covariances or precisions: [K, d, d] when full, [d, d] tied, [K, d] diag, [K] spherical; row-major. */
export interface CovarianceArray {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

/** Starts from responsibilities, found or given. */
export type ResponsibilityInit =
  | 'kmeans'
  | 'k-means++'
  | 'random'
  | 'randomFromData'
  | { readonly labels: ArrayLike<number> }
  | { readonly responsibilities: MatrixLike };

export type GaussianMixtureInit =
  | ResponsibilityInit
  | {
      readonly weights: ArrayLike<number>;
      readonly means: MatrixLike;
      readonly precisions: CovarianceArray;
    };

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
  regCovar?: number | { readonly relative: number };
  /** Most iterations of a run; 0 gives the parameters of the start. Defaults to 100. */
  maxIter?: number;
  /** Runs from different starts, the highest lower bound winning; 1 when the start is given. Defaults to 1. */
  nInit?: number;
  /** A weight for each row, ≥ 0 and not all zero; 3 counts as three copies. Defaults to 1 for all. */
  sampleWeight?: ArrayLike<number>;
  /** How to treat NaN; without it NaN is an error. */
  missing?: MissingEntries;
}

/** A start from responsibilities after the door. */
export type CheckedResponsibilityInit =
  | 'kmeans'
  | 'k-means++'
  | 'random'
  | 'randomFromData'
  | { readonly labels: Int32Array }
  | { readonly responsibilities: Float64Array };

/** The start after the door. Parameters carry covariances: what EM goes on from. */
type CheckedInit =
  | CheckedResponsibilityInit
  | { readonly weights: Float64Array; readonly means: Float64Array; readonly covariances: Float64Array };

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

const initNames = ['kmeans', 'k-means++', 'random', 'randomFromData'];

/** The rule of `init`; `forms` are the objects it may be. `checkInit` looks into them. */
export function initRule(forms: string): Rule {
  return shaped(`"kmeans", "k-means++", "random", "randomFromData", ${forms}`, (value) =>
    typeof value === 'object' ? value !== null : typeof value === 'string' && initNames.includes(value),
  );
}

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

/** The rule of `regCovar` in all its forms. */
export const regCovarRule: Rule = {
  expected: 'a finite number in [0, ∞) or { relative: such a number }',
  kind: (value) => typeof amountOf(value) === 'number',
  range: (value: NonNullable<GaussianMixtureOptions['regCovar']>) =>
    amountOf(value) >= 0 && amountOf(value) < Infinity,
};

const amountOf = (value: unknown): number =>
  (typeof value === 'object' ? (value as { relative?: number } | null)?.relative : value) as number;

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

/** What is added to the variances. */
export function absoluteRegCovar(
  regCovar: NonNullable<GaussianMixtureOptions['regCovar']>,
  X: Matrix,
  weights: Float64Array | undefined,
): number {
  if (typeof regCovar === 'number') return regCovar;
  const { variances } = columnMoments(X, weights);
  return (regCovar.relative * variances.reduce((sum, variance) => sum + variance, 0)) / variances.length;
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

function checkInit(
  who: string,
  init: GaussianMixtureInit,
  X: Pick<Matrix, 'rows' | 'cols'>,
  k: number,
  type: CovarianceType,
): CheckedInit {
  if (typeof init === 'object' && keysOf(init) === 'means, precisions, weights' && 'means' in init)
    return {
      weights: checkMixtureWeights(`${who}: init.weights`, init.weights, k),
      means: checkMeans(who, init.means, k, X.cols),
      covariances: checkPrecisions(who, init.precisions, type, k, X.cols),
    };
  return checkResponsibilityInit(
    who,
    init as ResponsibilityInit,
    X.rows,
    k,
    '{ labels }, { responsibilities } or { weights, means, precisions }',
  );
}

const keysOf = (init: object): string => Object.keys(init).sort().join(', ');

/**
 * A copy of the start, for n rows and k components.
 * @param forms the objects that it may be, for the error
 */
export function checkResponsibilityInit(
  who: string,
  init: ResponsibilityInit,
  n: number,
  k: number,
  forms: string,
): CheckedResponsibilityInit {
  if (typeof init === 'string') return init;
  const keys = keysOf(init);
  if (keys === 'labels' && 'labels' in init)
    return { labels: checkGrouping(`${who}: init.labels`, init.labels, n, k, 'component') };
  if (keys === 'responsibilities' && 'responsibilities' in init)
    return { responsibilities: checkResponsibilities(who, init.responsibilities, n, k) };
  throw new TypeError(`${who}: init must be ${forms}; got { ${keys} }`);
}

function checkResponsibilities(
  who: string,
  responsibilities: MatrixLike,
  n: number,
  k: number,
): Float64Array {
  const { rows, cols, data } = Matrix.from(responsibilities, { who: `${who}: init.responsibilities` });
  if (rows !== n || cols !== k)
    throw new RangeError(
      `${who}: init.responsibilities must be nSamples × nComponents = ${n} × ${k}; got ${rows} × ${cols}`,
    );
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < k; j++) sum += data[i * k + j]! >= 0 ? data[i * k + j]! : NaN;
    if (!(Math.abs(sum - 1) <= 1e-6))
      throw new RangeError(`${who}: init.responsibilities, row ${i}: expected values ≥ 0 that sum to 1`);
  }
  return Float64Array.from(data);
}

/** A copy of k mixing weights: finite, ≥ 0, with sum 1 within 1e-6. */
export function checkMixtureWeights(where: string, weights: ArrayLike<number>, k: number): Float64Array {
  if (weights?.length !== k)
    throw new RangeError(`${where} must have one weight a component, ${k}; got ${describe(weights)}`);
  const copy = Float64Array.from(weights);
  const sum = copy.reduce((total, weight) => total + (weight >= 0 ? weight : NaN), 0);
  if (!(Math.abs(sum - 1) <= 1e-6))
    throw new RangeError(
      `${where} must be ≥ 0 and sum to 1; got ${copy.some((w) => !(w >= 0)) ? 'other values' : `a sum of ${sum}`}`,
    );
  return copy;
}

function checkMeans(who: string, means: MatrixLike, k: number, d: number): Float64Array {
  const { rows, cols, data } = Matrix.from(means, { who: `${who}: init.means` });
  if (rows !== k || cols !== d)
    throw new RangeError(
      `${who}: init.means must be nComponents × nFeatures = ${k} × ${d}; got ${rows} × ${cols}`,
    );
  return Float64Array.from(data);
}

/** The covariances of the given precisions. */
function checkPrecisions(
  who: string,
  precisions: CovarianceArray,
  type: CovarianceType,
  k: number,
  d: number,
): Float64Array {
  const data = checkCovarianceArray(`${who}: init.precisions`, precisions, type, k, d);
  return inversesOf(
    type,
    data,
    d,
    (component) =>
      new RangeError(`${who}: init.precisions${ofComponent(type, component)} must be positive definite`),
  );
}

/** A copy of the values, in the type's shape, finite, and symmetric where they are matrices. */
export function checkCovarianceArray(
  where: string,
  given: CovarianceArray,
  type: CovarianceType,
  k: number,
  d: number,
): Float64Array {
  const shape = covarianceShape(type, k, d);
  const size = shape.reduce((product, length) => product * length, 1);
  const { data, shape: had } = (given ?? {}) as Partial<CovarianceArray>;
  if (!(Array.isArray(data) || ArrayBuffer.isView(data)) || !Array.isArray(had))
    throw new TypeError(`${where} must be { data, shape }; got ${describe(given)}`);
  if (had.join() !== shape.join() || data.length !== size)
    throw new RangeError(
      `${where} must have shape [${shape.join(', ')}] and ${size} values for "${type}"; got shape [${had.join(', ')}] and ${data.length} values`,
    );
  const copy = Float64Array.from(data);
  const wrong = copy.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new RangeError(`${where}: value ${wrong} must be finite; got ${describe(data[wrong])}`);
  if (isDense(type))
    for (let at = 0; at < size; at += d * d)
      for (let i = 0; i < d; i++)
        for (let j = 0; j < i; j++) {
          const a = copy[at + i * d + j]!;
          const b = copy[at + j * d + i]!;
          if (Math.abs(a - b) > 1e-6 * Math.max(Math.abs(a), Math.abs(b), 1e-300))
            throw new RangeError(
              `${where} must be symmetric; got ${a} at [${i}, ${j}] and ${b} at [${j}, ${i}]`,
            );
        }
  return copy;
}
