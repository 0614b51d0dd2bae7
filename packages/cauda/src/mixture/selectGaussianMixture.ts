import { checkOptions, controlRules, integerIn, numberIn, oneOf, type Rule, required } from '../check.ts';
import { kmeans } from '../cluster/kmeans.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import type { FitControl } from '../parallel/session.ts';
import { Random } from '../random.ts';
import { CollapseError } from './covariance/collapse.ts';
import { type CovarianceType, covarianceTypes, parameterCount } from './covariance/type.ts';
import { gaussianMixture } from './gaussianMixture.ts';
import type { GaussianMixtureModel } from './model.ts';
import { type GaussianMixtureOptions, regCovarRule } from './options.ts';

/**
 * What chooses: the Bayesian or Akaike's information criterion, the integrated completed likelihood, or the mean
 * log-density of rows that were held out of the fit.
 */
export type SelectionCriterion = 'bic' | 'aic' | 'icl' | 'heldOut';

export interface SelectGaussianMixtureOptions
  extends FitControl,
    Pick<GaussianMixtureOptions, 'tol' | 'regCovar' | 'maxIter'> {
  /** The numbers of components to try: integers in [1, nSamples]. */
  nComponents: ArrayLike<number>;
  /** The forms of the covariances to try; defaults to all four. */
  covarianceTypes?: readonly CovarianceType[];
  /** What chooses; defaults to "bic". */
  criterion?: SelectionCriterion;
  /** Starts of each candidate, by `kmeans`, the same for every form; the highest likelihood wins. Defaults to 1. */
  nInit?: number;
  /** The share of rows held out when the criterion is "heldOut", in (0, 1), at least one row; defaults to 0.2. */
  heldOut?: number;
}

/** One line of the table. Criteria are NaN where the fit failed. */
export interface SelectionCandidate {
  readonly nComponents: number;
  readonly covarianceType: CovarianceType;
  readonly nParameters: number;
  /** Mean log-density of the rows that were fitted, in nats. */
  readonly score: number;
  /** On the rows that were fitted; lower is better. */
  readonly bic: number;
  readonly aic: number;
  readonly icl: number;
  /** Mean log-density of the rows held out, in nats; higher is better. NaN for the other criteria. */
  readonly heldOut: number;
  readonly nIter: number;
  readonly converged: boolean;
  /** Why there is no such mixture: a component collapsed. */
  readonly failure: string | undefined;
}

/** What `selectGaussianMixture` found. */
export interface GaussianMixtureSelection {
  /** The chosen mixture, fitted to all rows. */
  readonly model: GaussianMixtureModel;
  readonly criterion: SelectionCriterion;
  /** Every candidate, in the order in which they were tried. */
  readonly table: readonly SelectionCandidate[];
  /** The line of the table that was chosen. */
  readonly best: SelectionCandidate;
  /** Why, in plain words. */
  readonly reason: string;
}

const who = 'selectGaussianMixture';

function rulesFor(n: number): Record<keyof SelectGaussianMixtureOptions, Rule> {
  const count = integerIn(1, n, 'the rows of X');
  const listed = (value: unknown, fits: (item: unknown) => boolean) => {
    const items = Array.from(value as ArrayLike<unknown>);
    return items.length > 0 && new Set(items).size === items.length && items.every(fits);
  };
  const list = (value: unknown) => typeof value === 'object' && value !== null && 'length' in value;
  return {
    ...controlRules,
    nComponents: required({
      expected: `different integers, each ${count.expected}`,
      kind: list,
      range: (value) => listed(value, (item) => count.kind(item) && count.range(item as never)),
    }),
    covarianceTypes: {
      expected: `different ones of ${oneOf(...covarianceTypes).expected}`,
      kind: list,
      range: (value) => listed(value, (item) => covarianceTypes.includes(item as CovarianceType)),
    },
    criterion: oneOf('bic', 'aic', 'icl', 'heldOut'),
    nInit: integerIn(1, Infinity),
    heldOut: {
      expected: 'a number in (0, 1)',
      kind: (value) => typeof value === 'number',
      range: (share: number) => share > 0 && share < 1,
    },
    tol: numberIn(0, Infinity),
    regCovar: regCovarRule,
    maxIter: integerIn(1, Infinity),
  };
}

const defaults = { covarianceTypes, criterion: 'bic' as const, nInit: 1, heldOut: 0.2, seed: 0 };

/**
 * Fits a mixture for every number of components and every form of covariance, and chooses by one criterion. The starts
 * are found once for each number and shared by the forms. A candidate in which a component collapses is noted in the
 * table and passed over. With "heldOut", candidates are fitted to the other rows and the winner then to all.
 * @param X nSamples × nFeatures
 * @throws TypeError or RangeError for options or data that make no sense; Error if no candidate could be fitted; the
 * signal's reason when aborted
 */
export async function selectGaussianMixture(
  X: MatrixLike,
  options: SelectGaussianMixtureOptions,
): Promise<GaussianMixtureSelection> {
  const matrix = Matrix.from(X, { who: `${who}: X` });
  const checked = checkOptions(who, options, rulesFor(matrix.rows), defaults);
  const { criterion, onProgress } = checked;
  const counts = Array.from(checked.nComponents);
  const { fitted, held } = split(matrix, checked);
  if (Math.max(...counts) > fitted.rows)
    throw new RangeError(
      `${who}: nComponents must be at most ${fitted.rows}, the rows that are not held out; got ${Math.max(...counts)}`,
    );
  const fits = counts.length * checked.covarianceTypes.length;
  const table: SelectionCandidate[] = [];
  let best: { model: GaussianMixtureModel; line: SelectionCandidate } | undefined;
  for (const nComponents of counts) {
    const starts = await startsOf(fitted, nComponents, checked);
    for (const covarianceType of checked.covarianceTypes) {
      const run = table.length;
      const report: FitControl['onProgress'] = (event) =>
        onProgress?.({ ...event, task: who, run, runs: fits });
      const fit = await bestFit(fitted, nComponents, covarianceType, starts, checked, report);
      const line = lineOf(fit, nComponents, covarianceType, fitted, held);
      table.push(line);
      if (typeof fit === 'object' && (!best || isBetter(criterion, line, best.line)))
        best = { model: fit, line };
    }
  }
  if (!best) throw new Error(`${who}: no candidate could be fitted; the first: ${table[0]!.failure}`);
  const { line } = best;
  let model: GaussianMixtureModel | string = best.model;
  if (held) {
    const { nComponents, covarianceType } = line;
    const starts = await startsOf(matrix, nComponents, checked);
    model = await bestFit(matrix, nComponents, covarianceType, starts, checked, undefined);
    if (typeof model === 'string')
      throw new Error(`${who}: the winner could not be fitted to all rows: ${model}`);
  }
  const reason = reasonFor(criterion, line, table, counts);
  return Object.freeze({ model, criterion, table: Object.freeze(table), best: line, reason });
}

type Checked = Readonly<
  SelectGaussianMixtureOptions &
    Required<Pick<SelectGaussianMixtureOptions, 'seed' | 'nInit' | 'criterion' | 'heldOut'>>
>;

/** All rows; or, where rows decide, a random share of them and the others, both in their order. */
function split(
  X: Matrix,
  { criterion, heldOut, seed }: Checked,
): { fitted: Matrix; held: Matrix | undefined } {
  if (criterion !== 'heldOut') return { fitted: X, held: undefined };
  const order = new Random(seed).stream(0).permutation(X.rows);
  const count = Math.max(1, Math.floor(heldOut * X.rows));
  return { fitted: X.take(order.slice(count).sort()), held: X.take(order.slice(0, count).sort()) };
}

/** The clusters of each start, or why there are none. */
async function startsOf(
  X: Matrix,
  nComponents: number,
  { nInit, seed, workers, signal }: Checked,
): Promise<readonly Int32Array[] | string> {
  const random = new Random(seed).stream(nComponents);
  const starts: Int32Array[] = [];
  for (let r = 0; r < nInit; r++) {
    const { labels } = await kmeans(X, {
      nClusters: nComponents,
      allowFewer: true,
      seed: random.stream(r).uint32(),
      workers,
      signal,
    });
    if (new Set(labels).size < nComponents) return `X has fewer than ${nComponents} distinct rows`;
    starts.push(labels);
  }
  return starts;
}

/** The likeliest mixture from the starts, or why there is none. */
async function bestFit(
  X: Matrix,
  nComponents: number,
  covarianceType: CovarianceType,
  starts: readonly Int32Array[] | string,
  { tol, regCovar, maxIter, workers, signal }: Checked,
  onProgress: FitControl['onProgress'],
): Promise<GaussianMixtureModel | string> {
  if (typeof starts === 'string') return starts;
  let best: GaussianMixtureModel | undefined;
  let failure = '';
  for (const labels of starts)
    try {
      const model = await gaussianMixture(X, {
        nComponents,
        covarianceType,
        init: { labels },
        tol,
        regCovar,
        maxIter,
        workers,
        signal,
        onProgress,
      });
      if (!best || model.lowerBound > best.lowerBound) best = model;
    } catch (error) {
      if (!(error instanceof CollapseError)) throw error;
      failure = error.message;
    }
  return best ?? failure;
}

function lineOf(
  fit: GaussianMixtureModel | string,
  nComponents: number,
  covarianceType: CovarianceType,
  X: Matrix,
  held: Matrix | undefined,
): SelectionCandidate {
  if (typeof fit === 'string')
    return Object.freeze({
      nComponents,
      covarianceType,
      nParameters: parameterCount(covarianceType, nComponents, X.cols),
      score: NaN,
      bic: NaN,
      aic: NaN,
      icl: NaN,
      heldOut: NaN,
      nIter: 0,
      converged: false,
      failure: fit,
    });
  const { nParameters, nIter, converged } = fit;
  return Object.freeze({
    nComponents,
    covarianceType,
    nParameters,
    score: fit.score(X),
    bic: fit.bic(X),
    aic: fit.aic(X),
    icl: fit.icl(X),
    heldOut: held ? fit.score(held) : NaN,
    nIter,
    converged,
    failure: undefined,
  });
}

/** What is compared, the larger being the better. */
function merit(criterion: SelectionCriterion, line: SelectionCandidate): number {
  return criterion === 'heldOut' ? line.heldOut : -line[criterion];
}

function isBetter(criterion: SelectionCriterion, a: SelectionCandidate, b: SelectionCandidate): boolean {
  return merit(criterion, a) > merit(criterion, b);
}

function reasonFor(
  criterion: SelectionCriterion,
  best: SelectionCandidate,
  table: readonly SelectionCandidate[],
  counts: readonly number[],
): string {
  const held = criterion === 'heldOut';
  const say = (line: SelectionCandidate) => line[criterion].toFixed(held ? 4 : 1);
  const name = ({ nComponents, covarianceType }: SelectionCandidate) =>
    `${nComponents} ${nComponents === 1 ? 'component' : 'components'} of type "${covarianceType}"`;
  const others = table.filter((line) => line !== best && line.failure === undefined);
  const [next] = others.sort((a, b) => merit(criterion, b) - merit(criterion, a));
  const what = held
    ? 'the mean log-density of held-out rows is highest'
    : `${criterion.toUpperCase()} is lowest`;
  const sentences = [
    `Of ${table.length} candidates ${what} with ${name(best)}: ${say(best)}${next ? `; next is ${name(next)}: ${say(next)}` : ''}.`,
  ];
  const failed = table.filter((line) => line.failure !== undefined).length;
  if (failed) sentences.push(`${failed} could not be fitted.`);
  if (!best.converged) sentences.push('EM had not converged: raise maxIter.');
  if (counts.length > 1 && best.nComponents === Math.max(...counts))
    sentences.push('That is the largest number that was tried: try more.');
  return sentences.join(' ');
}
