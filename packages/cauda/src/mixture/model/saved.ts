import { type SavedArray, type SavedReader, saveArray, saveMatrix, saveSymmetric } from '../../serialize.ts';
import { checkCovarianceArray } from '../covariance/array.ts';
import {
  type CovarianceType,
  covarianceShape,
  covarianceTypes,
  isDense,
  ofComponent,
} from '../covariance/type.ts';
import { checkMixtureWeights } from '../init.ts';
import type { MixtureParts } from './parts.ts';

/** A mixture's parameters and how they were found, as they are saved. */
export interface SavedMixture {
  readonly covarianceType: string;
  readonly weights: SavedArray;
  readonly means: SavedArray;
  /** Lower triangles where covariances are matrices and their halves are equal. */
  readonly covariances: SavedArray;
  readonly lowerBounds: SavedArray;
  readonly converged: boolean;
}

/** The fields that every mixture's file has. */
export function saveMixture({
  covarianceType,
  weights,
  means,
  covariances,
  lowerBounds,
  converged,
}: MixtureParts): SavedMixture {
  const shape = covarianceShape(covarianceType, means.rows, means.cols);
  // the halves of a Bayesian posterior's matrices may differ in the last bit, which is to come back as it was
  const hasTriangles = isDense(covarianceType) && areSymmetric(covariances, means.cols);
  return {
    covarianceType,
    weights: saveArray(weights),
    means: saveMatrix(means),
    covariances: (hasTriangles ? saveSymmetric : saveArray)(covariances, shape),
    lowerBounds: saveArray(lowerBounds),
    converged,
  };
}

/** Whether d × d matrices that lie one after another are equal to their transposes. */
function areSymmetric(matrices: Float64Array, d: number): boolean {
  return matrices.every((value, at) => {
    const [i, j] = [Math.floor(at / d) % d, at % d];
    return value === matrices[at + (j - i) * d + (i - j)];
  });
}

/**
 * What `saveMixture` saved; `who` is the function that reads.
 * @throws TypeError or RangeError, naming the field
 */
export function readMixture(who: string, saved: SavedReader): MixtureParts {
  const covarianceType = saved.choice('covarianceType', covarianceTypes);
  const means = saved.matrix('means');
  const { rows: k, cols: d } = means;
  const shape = covarianceShape(covarianceType, k, d);
  const data = saved.tensor('covariances', shape);
  return {
    covarianceType,
    weights: checkMixtureWeights(`${who}: weights`, saved.numbers('weights', k), k),
    means,
    covariances: isTriangles(saved.field('covariances'))
      ? data // finite and symmetric as it was read
      : checkCovarianceArray(`${who}: covariances`, { data, shape }, covarianceType, k, d),
    lowerBounds: saved.numbers('lowerBounds'),
    converged: saved.flag('converged'),
  };
}

/** Whether a saved array holds the lower triangles of symmetric matrices. */
function isTriangles(saved: unknown): boolean {
  return (saved as Partial<SavedArray>).lower === true;
}

/** The error for a saved covariance that is not positive definite; `who` is the function that reads. */
export function notPositiveDefinite(
  who: string,
  covarianceType: CovarianceType,
): (component: number) => RangeError {
  return (component) =>
    new RangeError(`${who}: covariances${ofComponent(covarianceType, component)} must be positive definite`);
}
