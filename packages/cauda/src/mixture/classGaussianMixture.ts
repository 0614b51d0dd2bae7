import { checkOptions, controlRules, integerIn, numberIn, oneOf, type Rule } from '../check.ts';
import { kmeans } from '../cluster/kmeans.ts';
import { relativeWeights } from '../countingRows.ts';
import { admit } from '../door.ts';
import { checkLabels, distinct, indicesIn, type Labels } from '../labels.ts';
import type { MatrixLike } from '../matrix.ts';
import type { FitControl } from '../parallel/session.ts';
import { Random } from '../random.ts';
import { checkWeights, weightRule } from '../weights.ts';
import { regCovarRule } from './covariance/regCovar.ts';
import { type CovarianceType, covarianceTypes } from './covariance/type.ts';
import { fitGaussianMixture } from './gaussianMixtureSteps.ts';
import type { GaussianMixtureModel } from './model.ts';
import type { GaussianMixtureOptions } from './options.ts';

export interface ClassGaussianMixtureOptions
  extends FitControl,
    Pick<GaussianMixtureOptions, 'covarianceType' | 'regCovar' | 'sampleWeight'> {
  /**
   * Components of each class, found by `kmeans` among its rows where there are several; a class of fewer distinct rows
   * has fewer. An integer ≥ 1; defaults to 1.
   */
  perClass?: number;
  /** Form of the covariances; "tied" and 1 component a class are linear discriminant analysis. Defaults to "full". */
  covarianceType?: CovarianceType;
  /** Iterations of EM after that, which may move components from class to class; defaults to 0. */
  maxIter?: number;
  /** EM stops when the lower bound changes by less than tol, in nats a row; defaults to 1e-3. */
  tol?: number;
}

const who = 'classGaussianMixture';

const rules: Record<keyof ClassGaussianMixtureOptions, Rule> = {
  ...controlRules,
  perClass: integerIn(1, Infinity),
  covarianceType: oneOf(...covarianceTypes),
  regCovar: regCovarRule,
  sampleWeight: weightRule,
  maxIter: integerIn(0, Infinity),
  tol: numberIn(0, Infinity),
};

/**
 * A mixture whose components belong to classes: the mean and the covariance of each class's rows, weighted by its share
 * of them. Without EM it is fitted in one pass. The model's `classes` has the class of each component, ascending.
 * @param X nSamples × nFeatures
 * @param labels the class of each row, 32-bit integers
 * @throws TypeError or RangeError for options or data that make no sense; Error if a class's covariance collapses; the
 * signal's reason when aborted
 */
export async function classGaussianMixture(
  X: MatrixLike,
  labels: Labels,
  options: ClassGaussianMixtureOptions = {},
): Promise<GaussianMixtureModel> {
  const matrix = admit(who, X);
  const classOfRow = checkLabels(who, labels, matrix.rows);
  const { perClass, seed, ...fit } = checkOptions(who, options, rules, { perClass: 1, maxIter: 0, seed: 0 });
  const weights = checkWeights(who, fit.sampleWeight, matrix.rows);
  const classes = distinct(classOfRow);
  const rowsOf = rowsByClass(classOfRow, classes, weights);
  const random = new Random(seed);
  const components = new Int32Array(matrix.rows); // rows without weight stay in the first, where they count for nothing
  const classOf: number[] = [];
  for (const [at, rows] of rowsOf.entries()) {
    const parts =
      perClass === 1
        ? new Int32Array(rows.length)
        : (
            await kmeans(matrix.take(rows), {
              nClusters: Math.min(perClass, rows.length),
              allowFewer: true,
              seed: random.stream(at).uint32(),
              sampleWeight: relativeWeights(weights && rows.map((row) => weights[row]!)).sampleWeight,
              workers: fit.workers,
              signal: fit.signal,
            })
          ).labels;
    const used = distinct(parts); // duplicates leave clusters without rows
    indicesIn(used, parts).forEach((part, i) => {
      components[rows[i]!] = classOf.length + part;
    });
    for (let i = 0; i < used.length; i++) classOf.push(classes[at]!);
  }
  const mixture = await fitGaussianMixture(who, matrix, {
    ...fit,
    nComponents: classOf.length,
    init: { labels: components },
  });
  return mixture.withClasses(Int32Array.from(classOf));
}

/** The rows of positive weight of each class. */
function rowsByClass(
  labels: Int32Array,
  classes: Int32Array,
  weights: Float64Array | undefined,
): Float64Array[] {
  const rows: number[][] = Array.from(classes, () => []);
  indicesIn(classes, labels).forEach((at, row) => {
    if (!weights || weights[row]! > 0) rows[at]!.push(row);
  });
  const empty = rows.findIndex((own) => own.length === 0);
  if (empty >= 0)
    throw new RangeError(
      `${who}: no row of class ${classes[empty]} has a positive sampleWeight; leave the class out`,
    );
  return rows.map((own) => Float64Array.from(own));
}
