import { describe, type Rule, shaped } from '../check.ts';
import { checkGrouping, type Labels } from '../labels.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import { type CovarianceArray, checkCovarianceArray } from './covariance/array.ts';
import { inversesOf } from './covariance/parameters.ts';
import { type CovarianceType, ofComponent } from './covariance/type.ts';

/** Starts from responsibilities, found or given. */
export type ResponsibilityInit =
  | 'kmeans'
  | 'k-means++'
  | 'random'
  | 'randomFromData'
  | { readonly labels: Labels }
  | { readonly responsibilities: MatrixLike };

export type GaussianMixtureInit =
  | ResponsibilityInit
  | {
      readonly weights: ArrayLike<number>;
      readonly means: MatrixLike;
      readonly precisions: CovarianceArray;
    };

/** A start from responsibilities after the door. */
export type CheckedResponsibilityInit =
  | 'kmeans'
  | 'k-means++'
  | 'random'
  | 'randomFromData'
  | { readonly labels: Int32Array }
  | { readonly responsibilities: Float64Array };

/** The start after the door. Parameters carry covariances: what EM goes on from. */
export type CheckedInit =
  | CheckedResponsibilityInit
  | { readonly weights: Float64Array; readonly means: Float64Array; readonly covariances: Float64Array };

const initNames = ['kmeans', 'k-means++', 'random', 'randomFromData'];

/** The rule of `init`; `forms` are the objects it may be. `checkInit` looks into them. */
export function initRule(forms: string): Rule {
  return shaped(`"kmeans", "k-means++", "random", "randomFromData", ${forms}`, (value) =>
    typeof value === 'object' ? value !== null : typeof value === 'string' && initNames.includes(value),
  );
}

/**
 * A copy of the start, for the rows of X and k components; `who` is the function that errors name.
 * @throws TypeError or RangeError for a start that makes no sense
 */
export function checkInit(
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

/** The same start for some of the rows. */
export function startOf(
  init: CheckedResponsibilityInit,
  indices: Int32Array,
  k: number,
): CheckedResponsibilityInit;
export function startOf(init: CheckedInit, indices: Int32Array, k: number): CheckedInit;
export function startOf(init: CheckedInit, indices: Int32Array, k: number): CheckedInit {
  if (typeof init === 'string' || 'means' in init) return init;
  if ('labels' in init) return { labels: Int32Array.from(indices, (row) => init.labels[row]!) };
  const dense = new Float64Array(indices.length * k);
  indices.forEach((row, i) => {
    dense.set(init.responsibilities.subarray(row * k, (row + 1) * k), i * k);
  });
  return { responsibilities: dense };
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
