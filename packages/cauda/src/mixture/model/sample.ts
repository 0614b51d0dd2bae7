import { checkOptions, integerIn, required, seedRule } from '../../check.ts';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { factoredBefore } from '../covariance/collapse.ts';
import { choleskyFactorsOf } from '../covariance/parameters.ts';
import { covarianceOf, isDense, varianceAt } from '../covariance/type.ts';
import type { Evaluation } from './evaluation.ts';

export interface SampleOptions {
  /** Seed of the draws; the same seed gives the same rows. Defaults to 0. */
  seed?: number;
}

/**
 * n independent rows drawn from a mixture; `who` is the method.
 * @returns X (n × nFeatures, float64) and the component of each row
 */
export function sampleFrom(
  who: string,
  { covarianceType: type, parameters }: Pick<Evaluation, 'covarianceType' | 'parameters'>,
  n: number,
  options: SampleOptions,
): { X: Matrix; labels: Int32Array } {
  checkOptions(who, { n }, { n: required(integerIn(1, Infinity)) }, {});
  const random = new Random(checkOptions(who, options, { seed: seedRule }, { seed: 0 }).seed);
  const { weights, means, covariances } = parameters;
  const d = means.length / weights.length;
  const factors = choleskyFactorsOf(type, covariances, d, factoredBefore('GaussianMixtureModel'));
  const X = new Matrix(new Float64Array(n * d), n, d);
  const labels = new Int32Array(n);
  const z = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    const c = (labels[i] = pick(weights, random.uniform()));
    for (let j = 0; j < d; j++) z[j] = random.normal();
    for (let j = 0; j < d; j++) {
      let value = means[c * d + j]!;
      if (isDense(type)) {
        const row = (covarianceOf(type, c) * d + j) * d;
        for (let m = 0; m <= j; m++) value += factors[row + m]! * z[m]!;
      } else value += factors[varianceAt(type, c, j, d)]! * z[j]!;
      X.data[i * d + j] = value;
    }
  }
  return { X, labels };
}

/** The index at which the running sum of weights first exceeds `level`, the last positive one at the end. */
function pick(weights: Float64Array, level: number): number {
  let last = 0;
  for (let c = 0; c < weights.length; c++) {
    if (weights[c] === 0) continue;
    last = c;
    level -= weights[c]!;
    if (level < 0) break;
  }
  return last;
}
