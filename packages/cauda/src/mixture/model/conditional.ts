import { describe } from '../../check.ts';
import { like, Matrix, type MatrixLike } from '../../matrix.ts';
import { marginalOf } from '../covariance/marginal.ts';
import { covarianceCount, isDense } from '../covariance/type.ts';
import { hasMissing } from '../missing/patterns.ts';
import type { Evaluation } from './evaluation.ts';
import { IncompleteRows } from './incompleteRows.ts';
import type { MixtureParts } from './parts.ts';

/** What conditioning needs of a mixture: its parameters. */
type Mixture = Pick<Evaluation, 'covarianceType' | 'parameters'>;

/** What it makes: weights, means and covariances. */
type Parameters = Pick<MixtureParts, 'weights' | 'means' | 'covariances'>;

/** The mixture of some columns, with the given weights. */
export function marginalParts(
  { covarianceType, parameters }: Mixture,
  columns: Int32Array,
  weights: Float64Array = parameters.weights,
): Parameters {
  const { means, covariances } = marginalOf(covarianceType, parameters, columns);
  return {
    weights: weights.slice(),
    means: new Matrix(means, weights.length, columns.length),
    covariances,
  };
}

/**
 * The mixture of the features that a row lacks (NaN) given those that it has; `who` is the method.
 * @throws RangeError if no feature is unknown
 */
export function conditionalParts(
  who: string,
  { covarianceType, parameters }: Mixture,
  row: ArrayLike<number>,
): Parameters {
  const k = parameters.weights.length;
  const d = parameters.means.length / k;
  const matrix = Matrix.from([Float64Array.from(row)], { who, allowNaN: true, cols: d });
  const missing = columnsWhere(d, (j) => Number.isNaN(matrix.data[j]!));
  const m = missing.length;
  if (m === 0) throw new RangeError(`${who}: every feature is known; mark those to be inferred with NaN`);
  const marginal = marginalParts({ covarianceType, parameters }, missing);
  if (m === d) return marginal;
  const { weights, means, covariances } = marginal;
  new IncompleteRows({ covarianceType, parameters }).each(matrix, (_, __, density) => {
    weights.set(density.probabilities);
    for (let i = 0; i < k * m; i++)
      means.data[i]! += density.deviations[Math.floor(i / m) * d + missing[i % m]!]!;
    if (isDense(covarianceType))
      for (let s = 0; s < covarianceCount(covarianceType, k); s++)
        covariances.set(density.covarianceOf(s), s * m * m);
  });
  return marginal;
}

/** X with each NaN replaced by its mean given the row's observed entries, in the precision of X. */
export function imputed({ covarianceType, parameters }: Mixture, X: Matrix): Matrix {
  const { means, weights } = parameters;
  const k = weights.length;
  const d = X.cols;
  const filled = X.data.slice();
  if (hasMissing(X))
    new IncompleteRows({ covarianceType, parameters }).each(X, (row, _, { deviations, probabilities }) => {
      for (let j = 0; j < d; j++) {
        if (!Number.isNaN(filled[row * d + j]!)) continue;
        let mean = 0;
        for (let c = 0; c < k; c++) mean += probabilities[c]! * (means[c * d + j]! + deviations[c * d + j]!);
        filled[row * d + j] = mean;
      }
    });
  return new Matrix(filled, X.rows, d);
}

/** The mean of the other columns given the values of the known ones; `who` is the method. */
export function predictedMeans(who: string, mixture: Mixture, known: Int32Array, values: MatrixLike): Matrix {
  const d = mixture.parameters.means.length / mixture.parameters.weights.length;
  const given = Matrix.from(values, { who });
  if (given.cols !== known.length)
    throw new RangeError(
      `${who}: values must have a column for each of the ${known.length} dims; got ${given.cols}`,
    );
  const rest = columnsWhere(d, (j) => !known.includes(j));
  if (rest.length === 0)
    throw new RangeError(`${who}: dims has every feature; leave out those to be predicted`);
  const whole = like(given.data, given.rows * d).fill(NaN);
  for (let i = 0; i < given.rows; i++)
    known.forEach((j, at) => {
      whole[i * d + j] = given.data[i * known.length + at]!;
    });
  const { data } = imputed(mixture, new Matrix(whole, given.rows, d));
  const means = like(given.data, given.rows * rest.length);
  for (let i = 0; i < means.length; i++)
    means[i] = data[Math.floor(i / rest.length) * d + rest[i % rest.length]!]!;
  return new Matrix(means, given.rows, rest.length);
}

/**
 * Some of d columns, checked; `who` is the method.
 * @throws RangeError for indices that are no columns, that come twice, or that are none
 */
export function checkColumns(who: string, dims: ArrayLike<number>, d: number): Int32Array {
  const columns = Array.from(dims);
  const wrong = columns.findIndex(
    (j, at) => !(Number.isInteger(j) && j >= 0 && j < d) || columns.indexOf(j) < at,
  );
  if (columns.length === 0 || wrong >= 0)
    throw new RangeError(
      `${who}: dims must be different integers in [0, ${d - 1}]; got ${wrong >= 0 ? describe(columns[wrong]) : 'none'}`,
    );
  return Int32Array.from(columns);
}

function columnsWhere(d: number, has: (j: number) => boolean): Int32Array {
  return Int32Array.from({ length: d }, (_, j) => j).filter(has);
}
