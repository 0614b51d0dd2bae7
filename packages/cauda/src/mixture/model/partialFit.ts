import { checkOptions, numberIn, required } from '../../check.ts';
import { countingRows } from '../../countingRows.ts';
import { Matrix } from '../../matrix.ts';
import { checkWeights, weightRule } from '../../weights.ts';
import { collapsed } from '../covariance/collapse.ts';
import { type RegCovar, regCovarRule } from '../covariance/regCovar.ts';
import { varianceAt } from '../covariance/type.ts';
import { stepwise } from '../em/stepwise.ts';
import type { Evaluation } from './evaluation.ts';
import type { MixtureParts } from './parts.ts';

export interface MixturePartialFitOptions {
  /** The share of the batch in the new statistics, in (0, 1]; 1 is an iteration of EM on the batch alone. */
  stepSize: number;
  /**
   * Added to the diagonal of every covariance, as in the fit; `relative` is measured by the columns' variances under
   * this mixture, which for a mixture just fitted are those of its rows. Defaults to 1e-6.
   */
  regCovar?: RegCovar;
  /**
   * A weight for each row of the batch, ≥ 0 and not all zero; 3 counts as three copies, among the others of the batch.
   * Defaults to 1 for all.
   */
  sampleWeight?: ArrayLike<number>;
}

const defaults: Required<Pick<MixturePartialFitOptions, 'regCovar'>> = { regCovar: 1e-6 };

/**
 * The mixture after a batch of rows; `who` is the method.
 * @returns what changes, and the errors of a covariance that is no longer positive definite
 */
export function learned(
  who: string,
  { covarianceType, parameters, origin }: Evaluation,
  X: Matrix,
  options: MixturePartialFitOptions,
): {
  parts: Pick<MixtureParts, 'weights' | 'means' | 'covariances' | 'lowerBounds' | 'converged'>;
  refuse: (component: number) => Error;
} {
  const rules = {
    stepSize: required(numberIn(0, 1, { openLow: true })),
    regCovar: regCovarRule,
    sampleWeight: weightRule,
  };
  const checked = checkOptions(who, options, rules, defaults);
  const { stepSize, regCovar } = checked;
  const { X: rows, sampleWeight } = countingRows(X, checkWeights(who, checked.sampleWeight, X.rows));
  const { weights } = parameters;
  const refuse = (component: number): Error =>
    collapsed(who, covarianceType, component, 'a smaller stepSize, a larger regCovar', weights[component]!);
  const next = stepwise(
    covarianceType,
    parameters,
    rows,
    sampleWeight,
    origin,
    stepSize,
    typeof regCovar === 'number' ? regCovar : absolute(regCovar.relative, covarianceType, parameters, origin),
    refuse,
  );
  const means = new Matrix(next.parameters.means, weights.length, X.cols);
  const lowerBounds = Float64Array.of(next.lowerBound);
  return { parts: { ...next.parameters, means, lowerBounds, converged: false }, refuse };
}

/**
 * What a fit of these rows with `{ relative }` added. The mean variance of its columns was v and of the mixture's is
 * v + relative v: that is what is looked for.
 */
function absolute(
  relative: number,
  type: Evaluation['covarianceType'],
  { weights, means, covariances }: Evaluation['parameters'],
  mean: Float64Array,
): number {
  const d = mean.length;
  let variance = 0;
  for (let i = 0; i < means.length; i++) {
    const [c, j] = [Math.floor(i / d), i % d];
    const shift = means[i]! - mean[j]!;
    variance += (weights[c]! * (covariances[varianceAt(type, c, j, d)]! + shift * shift)) / d;
  }
  return (relative * variance) / (1 + relative);
}
