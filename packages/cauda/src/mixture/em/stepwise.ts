import { precisionOf } from '../../kernels/kernels.ts';
import { withKernels } from '../../kernels/module.ts';
import type { Matrix } from '../../matrix.ts';
import { type Moments, maximize } from '../covariance/maximize.ts';
import { densityParameters, type MixtureParameters } from '../covariance/parameters.ts';
import { isCoarse } from '../covariance/reach.ts';
import {
  type CovarianceType,
  componentsOf,
  covarianceCount,
  isDense,
  isShared,
  varianceAt,
} from '../covariance/type.ts';
import { negligible } from '../rows/negligible.ts';
import { forgetful } from '../rows/plan.ts';
import { emProgram } from '../rows/program.ts';
import { inPrecision, momentsOf } from './em.ts';
import { moved, published } from './frame.ts';

/**
 * One step of stepwise EM: the statistics of the mixture, which its parameters determine, become
 * (1 − stepSize) × theirs + stepSize × those of the rows under the present mixture, both per row; then an M-step. Cappé
 * and Moulines, *On-line expectation-maximization algorithm for latent data models*, JRSS B 71 (2009).
 * @param mean where rows are measured from, unless that is too coarse for their precision
 * @returns the parameters, and the mean log-density of the rows under the old ones
 */
export function stepwise(
  type: CovarianceType,
  parameters: MixtureParameters,
  X: Matrix,
  sampleWeight: Float64Array | undefined,
  mean: Float64Array,
  stepSize: number,
  regCovar: number,
  refuse: (component: number) => Error,
): { parameters: MixtureParameters; lowerBound: number } {
  const k = parameters.weights.length;
  const d = X.cols;
  let precision = precisionOf(X.data);
  let old = moved({ ...parameters, origin: new Float64Array(d) }, mean);
  let density = densityParameters(type, old, refuse);
  if (isCoarse(density.reach, precision)) {
    precision = 'F64';
    old = moved(old, new Float64Array(d));
    density = densityParameters(type, old, refuse);
  }
  const { origin } = old;
  const config = {
    nComponents: k,
    nFeatures: d,
    covarianceType: type,
    precision,
    origin,
    plan: forgetful,
  };
  const cutoff = negligible(parameters.weights, X.rows, config.precision);
  const reference = inPrecision(old.means, config);
  const sums = withKernels((kernels) => {
    const { load, steps } = emProgram.open(kernels, config);
    const shard = load({
      data: X.data,
      n: X.rows,
      d,
      first: 0,
      index: 0,
      columns: sampleWeight ? { sampleWeight } : {},
    });
    return steps.em({ density, cutoff })(shard);
  });
  const before = momentsAround(type, old, reference, regCovar);
  const rows = momentsOf(sums, k, d);
  const mixed = (a: Float64Array, b: Float64Array): Float64Array =>
    a.map((value, i) => (1 - stepSize) * value + stepSize * (b[i]! / sums[1]!));
  const moments = {
    total: mixed(before.total, rows.total),
    first: mixed(before.first, rows.first),
    second: mixed(before.second, rows.second),
  };
  const next = maximize(type, moments, reference, regCovar);
  return { parameters: published({ ...next, origin }), lowerBound: sums[0]! / sums[1]! };
}

/** The moments per row around the reference that `maximize` makes the parameters from. */
function momentsAround(
  type: CovarianceType,
  { weights, means, covariances }: MixtureParameters,
  reference: Float64Array,
  regCovar: number,
): Moments {
  const k = weights.length;
  const d = means.length / k;
  const shift = means.map((mean, i) => mean - reference[i]!);
  const first = shift.map((value, i) => weights[Math.floor(i / d)]! * value);
  if (!isDense(type))
    return {
      total: weights,
      first,
      second: first.map((value, i) => {
        const c = Math.floor(i / d);
        const variance = covariances[varianceAt(type, c, i % d, d)]! - regCovar;
        return weights[c]! * variance + value * shift[i]!;
      }),
    };
  const second: number[] = [];
  for (let s = 0; s < covarianceCount(type, k); s++) {
    const [from, to] = componentsOf(type, s, k);
    for (let i = 0; i < d; i++)
      for (let j = i; j < d; j++) {
        const covariance = covariances[(s * d + i) * d + j]! - (i === j ? regCovar : 0);
        let value = isShared(type) ? covariance : weights[s]! * covariance;
        for (let c = from; c < to; c++) value += first[c * d + i]! * shift[c * d + j]!;
        second.push(value);
      }
  }
  return { total: weights, first, second: Float64Array.from(second) };
}
