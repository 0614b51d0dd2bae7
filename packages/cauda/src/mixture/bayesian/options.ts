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
} from '../../check.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import { numbersOf } from '../../numbers.ts';
import type { FitControl } from '../../parallel/session.ts';
import type { MatrixSource } from '../../source.ts';
import { weightRule } from '../../weights.ts';
import { inversesOf } from '../covariance/parameters.ts';
import { absoluteRegCovar, type RegCovar, regCovarRule } from '../covariance/regCovar.ts';
import { type CovarianceType, covarianceTypes } from '../covariance/type.ts';
import {
  type CheckedResponsibilityInit,
  checkResponsibilityInit,
  initRule,
  type ResponsibilityInit,
} from '../init.ts';
import { checkForSource, checkSampleWeight } from '../options.ts';

/**
 * The prior over the weights: a Dirichlet process, truncated at `nComponents` sticks, which prefers few components; or
 * a Dirichlet distribution, which treats all alike.
 */
export type WeightConcentrationPriorType = 'dirichletProcess' | 'dirichletDistribution';

/** Both of them. */
export const weightConcentrationPriorTypes: readonly WeightConcentrationPriorType[] = [
  'dirichletProcess',
  'dirichletDistribution',
];

export interface BayesianGaussianMixtureOptions extends FitControl {
  /** The largest number of components, an integer in [1, nSamples]; those without use get a weight near 0. */
  nComponents: number;
  /** Form of the covariances; defaults to "full". */
  covarianceType?: CovarianceType;
  /** Where the fit starts, as in `gaussianMixture` but for parameters; defaults to "kmeans". */
  init?: ResponsibilityInit;
  /** Stop when the lower bound changes by less than tol, in nats over all rows; defaults to 1e-3. */
  tol?: number;
  /**
   * Added to the diagonal of every component's scatter, as it is or times the mean variance of X's columns; defaults to
   * 1e-6.
   */
  regCovar?: RegCovar;
  /** The largest number of iterations of a run; 0 gives the posterior of the start. Defaults to 100. */
  maxIter?: number;
  /** Runs from different starts, the highest lower bound winning; 1 when the start is given. Defaults to 1. */
  nInit?: number;
  /**
   * A weight for each row, ≥ 0 and not all zero; 3 counts as three copies, for the posterior's certainty too. Defaults to
   * 1 for all.
   */
  sampleWeight?: ArrayLike<number>;
  /** The prior over the weights; defaults to "dirichletProcess". */
  weightConcentrationPriorType?: WeightConcentrationPriorType;
  /** Its concentration (γ or α₀), > 0: small values leave more components without use. Defaults to 1 / nComponents. */
  weightConcentrationPrior?: number;
  /** How many rows the prior mean counts for (β₀), > 0; defaults to 1. */
  meanPrecisionPrior?: number;
  /** The prior mean of every component, length nFeatures; defaults to the mean of X. */
  meanPrior?: ArrayLike<number>;
  /** Degrees of freedom of the Wishart prior (ν₀), > nFeatures − 1; defaults to nFeatures. */
  degreesOfFreedomPrior?: number;
  /**
   * The prior covariance: nFeatures × nFeatures when full or tied, nFeatures variances when diag, one variance when
   * spherical. Defaults to the covariance of X (divided by nSamples − 1), its diagonal, or the mean of that.
   */
  covariancePrior?: MatrixLike | ArrayLike<number> | number;
}

/** Options after the door: filled in and copied; the priors that X gives are still undefined. */
export type CheckedBayesianOptions = Readonly<
  Required<
    Omit<
      BayesianGaussianMixtureOptions,
      'init' | 'regCovar' | 'sampleWeight' | 'meanPrior' | 'covariancePrior' | keyof FitControl
    >
  > &
    FitControl & {
      seed: number;
      init: CheckedResponsibilityInit;
      regCovar: number;
      sampleWeight: Float64Array | undefined;
      meanPrior: Float64Array | undefined;
      covariancePrior: Float64Array | undefined;
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
  weightConcentrationPriorType: 'dirichletProcess' as const,
  meanPrecisionPrior: 1,
};

const who = 'bayesianGaussianMixture';
const forms = '{ labels } or { responsibilities }';
const positive = numberIn(0, Infinity, { openLow: true });

/** The rules of the options, for n rows of d features. */
function rules(n: number, d: number): Record<keyof BayesianGaussianMixtureOptions, Rule> {
  return {
    ...controlRules,
    nComponents: required(integerIn(1, n, 'the rows of X')),
    covarianceType: oneOf(...covarianceTypes),
    init: initRule(forms),
    tol: numberIn(0, Infinity),
    regCovar: regCovarRule,
    maxIter: integerIn(0, Infinity),
    nInit: integerIn(1, Infinity),
    sampleWeight: weightRule,
    weightConcentrationPriorType: oneOf(...weightConcentrationPriorTypes),
    weightConcentrationPrior: positive,
    meanPrecisionPrior: positive,
    meanPrior: shaped('an array of one number a feature', (value) => typeof value === 'object'),
    degreesOfFreedomPrior: numberIn(d - 1, Infinity, { openLow: true }),
    covariancePrior: shaped(
      'a matrix, an array of variances or one variance',
      (value) => typeof value === 'object' || typeof value === 'number',
    ),
  };
}

/** @throws TypeError or RangeError, in one sentence */
export function checkBayesianOptions(
  X: Matrix | MatrixSource,
  given: BayesianGaussianMixtureOptions,
): CheckedBayesianOptions {
  const { rows, cols } = X;
  const options = checkOptions(who, given, rules(rows, cols), defaults);
  const { nComponents, covarianceType, meanPrior, covariancePrior } = options;
  if (!(X instanceof Matrix)) checkForSource(who, options);
  const sampleWeight = checkSampleWeight(who, options.sampleWeight, rows, nComponents);
  const total = sampleWeight?.reduce((sum, weight) => sum + weight, 0) ?? rows;
  if (total === Infinity)
    throw new RangeError(
      `${who}: the sum of sampleWeight must be finite: it is how much the rows say beside the priors; got Infinity`,
    );
  if (covariancePrior === undefined && !(total > 1))
    throw new RangeError(
      sampleWeight
        ? `${who}: the sum of sampleWeight must be above 1 to give covariancePrior a default; got ${total}`
        : `${who}: X must have at least two rows to give covariancePrior a default; got ${rows}`,
    );
  return Object.freeze({
    ...options,
    init: checkResponsibilityInit(who, options.init, rows, nComponents, forms),
    regCovar: absoluteRegCovar(options.regCovar, X as Matrix, sampleWeight),
    sampleWeight,
    nInit: typeof options.init === 'string' ? options.nInit : 1,
    weightConcentrationPrior: options.weightConcentrationPrior ?? 1 / nComponents,
    degreesOfFreedomPrior: options.degreesOfFreedomPrior ?? cols,
    meanPrior: meanPrior && finiteNumbers('meanPrior', meanPrior, cols),
    covariancePrior:
      covariancePrior === undefined ? undefined : checkCovariancePrior(covariancePrior, covarianceType, cols),
  });
}

function finiteNumbers(name: string, values: ArrayLike<number>, length: number): Float64Array {
  if (values.length !== length)
    throw new RangeError(`${who}: ${name} must have ${length} values; got ${describe(values)}`);
  const copy = numbersOf(values, (at) => `${who}: ${name}[${at}]`);
  const wrong = copy.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new RangeError(`${who}: ${name}[${wrong}] must be a finite number; got ${copy[wrong]}`);
  return copy;
}

function checkCovariancePrior(
  given: MatrixLike | ArrayLike<number> | number,
  type: CovarianceType,
  d: number,
): Float64Array {
  const name = 'covariancePrior';
  const values = priorValues(name, given, type, d);
  inversesOf(type, values, d, () => new RangeError(`${who}: ${name} must be positive definite`)); // throws
  return values;
}

/** A copy of the numbers of one covariance. */
function priorValues(
  name: string,
  given: MatrixLike | ArrayLike<number> | number,
  type: CovarianceType,
  d: number,
): Float64Array {
  const variances = (length: number): Float64Array =>
    finiteNumbers(name, typeof given === 'number' ? [given] : (given as ArrayLike<number>), length);
  switch (type) {
    case 'full':
    case 'tied':
      return symmetricMatrix(name, given as MatrixLike, type, d);
    case 'diag':
      return variances(d);
    case 'spherical':
      return variances(1);
    default:
      return type satisfies never;
  }
}

function symmetricMatrix(name: string, given: MatrixLike, type: CovarianceType, d: number): Float64Array {
  const { rows, cols, data } = Matrix.from(given, { who: `${who}: ${name}` });
  if (rows !== d || cols !== d)
    throw new RangeError(`${who}: ${name} must be ${d} × ${d} for "${type}"; got ${rows} × ${cols}`);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < i; j++)
      if (data[i * d + j] !== data[j * d + i])
        throw new RangeError(`${who}: ${name} must be symmetric; [${i}, ${j}] and [${j}, ${i}] differ`);
  return Float64Array.from(data);
}
