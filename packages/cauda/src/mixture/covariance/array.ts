import { describe } from '../../check.ts';
import { type CovarianceType, covarianceShape, isDense } from './type.ts';

/** Covariances or precisions: [K, d, d] when full, [d, d] tied, [K, d] diag, [K] spherical; row-major. */
export interface CovarianceArray {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
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
