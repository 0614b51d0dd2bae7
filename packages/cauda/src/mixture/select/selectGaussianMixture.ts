import { checkOptions, controlRules, integerIn, numberIn, oneOf, type Rule } from '../../check.ts';
import { admit } from '../../door.ts';
import type { Matrix, MatrixLike } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import { Random } from '../../random.ts';
import { type Counts, countsOf, countsRule, type Selection } from '../../selection.ts';
import { checkWeights, weightRule } from '../../weights.ts';
import { regCovarRule } from '../covariance/regCovar.ts';
import { type CovarianceType, covarianceTypes } from '../covariance/type.ts';
import type { GaussianMixtureModel } from '../model.ts';
import type { GaussianMixtureOptions } from '../options.ts';
import {
  type CandidateOptions,
  candidateOf,
  type GaussianMixtureCandidate,
  likeliest,
  startsOf,
  type WeightedRows,
} from './candidate.ts';
import { merit, reasonFor, type SelectGaussianMixtureCriterion } from './reason.ts';

export interface SelectGaussianMixtureOptions
  extends FitControl,
    Pick<GaussianMixtureOptions, 'tol' | 'regCovar' | 'maxIter'> {
  /** The numbers of components to try, each in [1, nSamples]: a list, or `{ from, to }` for all of a range. */
  nComponents: Counts;
  /** The forms of the covariances to try; defaults to all four. */
  covarianceTypes?: readonly CovarianceType[];
  /** What chooses; defaults to "bic". */
  criterion?: SelectGaussianMixtureCriterion;
  /** Starts of each candidate, by `kmeans`, the same for every form; the highest likelihood wins. Defaults to 1. */
  nInit?: number;
  /** The share of rows held out when the criterion is "heldOut", in (0, 1), at least one row; defaults to 0.2. */
  heldOut?: number;
  /**
   * A weight for each row, ≥ 0 and not all zero; 3 counts as three copies, in every criterion: log L, the number of rows
   * in the BIC's penalty, and the mean over held-out rows, of which each is held out with all of its copies or not at all.
   */
  sampleWeight?: GaussianMixtureOptions['sampleWeight'];
  /**
   * How to treat NaN. Every criterion is then that of the likelihood of the observed entries, which all candidates have
   * in common.
   */
  missing?: GaussianMixtureOptions['missing'];
}

/** What `selectGaussianMixture` found: the candidates are in the order of their numbers of components. */
export type GaussianMixtureSelection = Selection<
  GaussianMixtureModel,
  GaussianMixtureCandidate,
  SelectGaussianMixtureCriterion
>;

const who = 'selectGaussianMixture';

const rules: Record<keyof SelectGaussianMixtureOptions, Rule> = {
  ...controlRules,
  nComponents: countsRule('components'),
  covarianceTypes: {
    expected: `different ones of ${oneOf(...covarianceTypes).expected}`,
    kind: (value) => Array.isArray(value),
    range: (list: readonly CovarianceType[]) =>
      list.length > 0 &&
      new Set(list).size === list.length &&
      list.every((type) => covarianceTypes.includes(type)),
  },
  criterion: oneOf('bic', 'aic', 'icl', 'heldOut'),
  nInit: integerIn(1, Infinity),
  heldOut: {
    expected: 'a number in (0, 1)',
    kind: (value) => typeof value === 'number',
    range: (share: number) => share > 0 && share < 1,
  },
  sampleWeight: weightRule,
  missing: oneOf('observed'),
  tol: numberIn(0, Infinity),
  regCovar: regCovarRule,
  maxIter: integerIn(1, Infinity),
};

const defaults = {
  covarianceTypes,
  criterion: 'bic' as SelectGaussianMixtureCriterion,
  nInit: 1,
  heldOut: 0.2,
  seed: 0,
};

/**
 * Fits a mixture for every number of components and every form of covariance, and chooses by one criterion. The starts
 * are found once for each number and shared by the forms. A candidate in which a component collapses is noted in the
 * table and passed over. With "heldOut", candidates are fitted to the other rows and the winner then to all.
 * @param X nSamples × nFeatures; NaN marks a missing entry if `missing` says how to treat it
 * @throws TypeError or RangeError for options or data that make no sense; Error if no candidate could be fitted; the
 * signal's reason when aborted
 */
export async function selectGaussianMixture(
  X: MatrixLike,
  options: SelectGaussianMixtureOptions,
): Promise<GaussianMixtureSelection> {
  const matrix = admit(who, X, { allowNaN: options?.missing !== undefined });
  const checked = checkOptions(who, options, rules, defaults);
  const { criterion, onProgress, nComponents, covarianceTypes: types, heldOut, seed } = checked;
  const all = positiveRows(matrix, checkWeights(who, checked.sampleWeight, matrix.rows));
  const limit = all.sampleWeight ? 'the rows of positive weight' : 'the rows of X';
  const counts = countsOf(`${who}: nComponents`, nComponents, 1, all.X.rows, limit);
  const { fitted, held } = criterion === 'heldOut' ? split(all, heldOut, seed) : { fitted: all };
  if (Math.max(...counts) > fitted.X.rows)
    throw new RangeError(
      `${who}: nComponents must be at most ${fitted.X.rows}, the rows that are not held out; got ${Math.max(...counts)}`,
    );
  const { tol, regCovar, maxIter, missing, nInit, workers, signal } = checked;
  const fitting: CandidateOptions = { tol, regCovar, maxIter, missing, nInit, seed, workers, signal };
  const runs = counts.length * types.length;
  const candidates: GaussianMixtureCandidate[] = [];
  let best: { fit: GaussianMixtureModel; candidate: GaussianMixtureCandidate } | undefined;
  for (const count of counts) {
    const starts = await startsOf(who, fitted, count, fitting);
    for (const type of types) {
      const run = candidates.length;
      const report: FitControl['onProgress'] = (event) => onProgress?.({ ...event, task: who, run, runs });
      const fit = await likeliest(fitted, count, type, starts, { ...fitting, onProgress: report });
      const candidate = candidateOf(fit, count, type, fitted, held);
      candidates.push(candidate);
      if (
        typeof fit === 'object' &&
        (!best || merit(criterion, candidate) > merit(criterion, best.candidate))
      )
        best = { fit, candidate };
    }
  }
  if (!best) throw new Error(`${who}: no candidate could be fitted; the first: ${candidates[0]!.failure}`);
  const { candidate } = best;
  return Object.freeze({
    model: held ? await refitted(all, candidate, fitting) : best.fit,
    best: candidate,
    candidates: Object.freeze(candidates),
    criterion,
    reason: reasonFor(criterion, candidate, candidates),
  });
}

/** The rows that count for something: of weight 0 is as good as absent. */
function positiveRows(X: Matrix, sampleWeight: Float64Array | undefined): WeightedRows {
  if (!sampleWeight?.includes(0)) return { X, sampleWeight };
  const rows = Array.from(sampleWeight.keys()).filter((row) => sampleWeight[row]! > 0);
  return taken({ X, sampleWeight }, Int32Array.from(rows));
}

/** A random share of the rows and the others, both in their order. */
function split(
  all: WeightedRows,
  heldOut: number,
  seed: number,
): { fitted: WeightedRows; held: WeightedRows } {
  const order = new Random(seed).stream(0).permutation(all.X.rows);
  const count = Math.max(1, Math.floor(heldOut * all.X.rows));
  return { fitted: taken(all, order.slice(count).sort()), held: taken(all, order.slice(0, count).sort()) };
}

function taken({ X, sampleWeight }: WeightedRows, rows: ArrayLike<number>): WeightedRows {
  return {
    X: X.take(rows),
    sampleWeight: sampleWeight && Float64Array.from(rows, (row) => sampleWeight[row]!),
  };
}

/** The winner, fitted to all rows. */
async function refitted(
  all: WeightedRows,
  { nComponents, covarianceType }: GaussianMixtureCandidate,
  options: CandidateOptions,
): Promise<GaussianMixtureModel> {
  const starts = await startsOf(who, all, nComponents, options);
  const model = await likeliest(all, nComponents, covarianceType, starts, options);
  if (typeof model === 'string')
    throw new Error(`${who}: the winner could not be fitted to all rows: ${model}`);
  return model;
}
