import { relativeWeights } from '../../countingRows.ts';
import type { Matrix } from '../../matrix.ts';
import { blocksOf } from '../../rows.ts';
import type { Source } from '../../source.ts';
import type { MixtureParameters } from './parameters.ts';

/** The weighted mean and variance of each column's observed entries; NaN where none has weight. */
export function columnMoments(
  { data, rows, cols }: Matrix,
  sampleWeight: Float64Array | undefined,
): { means: Float64Array; variances: Float64Array } {
  const weights = relativeWeights(sampleWeight).sampleWeight;
  const weight = (i: number): number => (weights ? weights[i]! : 1);
  const total = new Float64Array(cols);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) if (!Number.isNaN(data[i * cols + j]!)) total[j]! += weight(i);
  const average = (of: (value: number, j: number) => number): Float64Array => {
    const averages = total.map((weight) => (weight === 0 ? NaN : 0));
    for (let i = 0; i < rows; i++) {
      if (weight(i) === 0) continue; // the square of what is absent may overflow
      for (let j = 0; j < cols; j++) {
        const value = of(data[i * cols + j]!, j);
        // shares are added, not values, so that the sum cannot overflow
        if (!Number.isNaN(value)) averages[j]! += value * (weight(i) / total[j]!);
      }
    }
    return averages;
  };
  const means = average((value) => value);
  return { means, variances: average((value, j) => (value - means[j]!) * (value - means[j]!)) };
}

/**
 * Where to measure complete rows from: the mean of each column, nearly.
 * @param weights those of the rows, whose sum must not overflow; by default all are equal
 */
export async function originOf(X: Matrix | Source, weights?: Float64Array): Promise<Float64Array> {
  const { cols } = X;
  const origin = new Float64Array(cols);
  const one = 1 / (weights?.reduce((sum, weight) => sum + weight, 0) ?? X.rows); // shares are added, not values, so that the sum cannot overflow
  for await (const { block, first } of blocksOf(X)) {
    const { data, rows } = block;
    for (let i = 0; i < rows; i++) {
      const share = weights ? weights[first + i]! * one : one;
      for (let j = 0; j < cols; j++) origin[j]! += data[i * cols + j]! * share;
    }
  }
  return origin;
}

/** K × d means plus `sign` times the origin. */
export function translated(means: Float64Array, origin: Float64Array, sign: 1 | -1): Float64Array {
  return means.map((value, i) => value + sign * origin[i % origin.length]!);
}

/** Parameters whose means were measured from the origin, with means as a user has them. */
export function published<Parameters extends MixtureParameters>(
  origin: Float64Array,
  parameters: Parameters,
): Parameters {
  return { ...parameters, means: translated(parameters.means, origin, 1) };
}
