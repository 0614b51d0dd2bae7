import { kmeans } from '../../cluster/kmeans.ts';
import { relativeWeights } from '../../countingRows.ts';
import type { Matrix } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import { Random } from '../../random.ts';
import { CollapseError } from '../covariance/collapse.ts';
import { columnMoments } from '../covariance/columns.ts';
import { type CovarianceType, parameterCount } from '../covariance/type.ts';
import { gaussianMixture } from '../gaussianMixture.ts';
import { filledWith } from '../missing/em.ts';
import { hasMissing } from '../missing/patterns.ts';
import type { GaussianMixtureModel } from '../model.ts';
import { checkColumns, type GaussianMixtureOptions } from '../options.ts';

/** One row of the table. Criteria are NaN where the fit failed. */
export interface GaussianMixtureCandidate {
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

/** Rows with their weights, all of them positive. */
export interface WeightedRows {
  readonly X: Matrix;
  readonly sampleWeight: Float64Array | undefined;
}

/** How every candidate is fitted. */
export interface CandidateOptions
  extends FitControl,
    Pick<GaussianMixtureOptions, 'tol' | 'regCovar' | 'maxIter' | 'missing'> {
  readonly seed: number;
  readonly nInit: number;
}

/**
 * The clusters of each start, the same for every form of covariance; `who` is the function that errors name.
 * @returns them, or why there are none
 */
export async function startsOf(
  who: string,
  { X, sampleWeight: weights }: WeightedRows,
  nComponents: number,
  { nInit, seed, workers, signal }: CandidateOptions,
): Promise<readonly Int32Array[] | string> {
  const { sampleWeight } = relativeWeights(weights);
  const random = new Random(seed).stream(nComponents);
  let rows = X;
  if (hasMissing(X)) {
    checkColumns(who, X, sampleWeight);
    rows = filledWith(X, columnMoments(X, sampleWeight).means);
  }
  const starts: Int32Array[] = [];
  for (let r = 0; r < nInit; r++) {
    const { labels } = await kmeans(rows, {
      nClusters: nComponents,
      allowFewer: true,
      seed: random.stream(r).uint32(),
      sampleWeight,
      workers,
      signal,
    });
    if (new Set(labels).size < nComponents) return `X has fewer than ${nComponents} distinct rows`;
    starts.push(labels);
  }
  return starts;
}

/**
 * The likeliest mixture from the starts.
 * @returns it, or why there is none
 */
export async function likeliest(
  { X, sampleWeight }: WeightedRows,
  nComponents: number,
  covarianceType: CovarianceType,
  starts: readonly Int32Array[] | string,
  { nInit: _, seed: __, ...options }: CandidateOptions,
): Promise<GaussianMixtureModel | string> {
  if (typeof starts === 'string') return starts;
  let best: GaussianMixtureModel | undefined;
  let failure = '';
  for (const labels of starts)
    try {
      const init = { labels };
      const fit = { ...options, nComponents, covarianceType, init, sampleWeight };
      const model = await gaussianMixture(X, fit);
      if (!best || model.lowerBound > best.lowerBound) best = model;
    } catch (error) {
      if (!(error instanceof CollapseError)) throw error;
      failure = error.message;
    }
  return best ?? failure;
}

/** What the table says of a fit, or of why there is none. */
export function candidateOf(
  fit: GaussianMixtureModel | string,
  nComponents: number,
  covarianceType: CovarianceType,
  { X, sampleWeight }: WeightedRows,
  held: WeightedRows | undefined,
): GaussianMixtureCandidate {
  const nParameters = parameterCount(covarianceType, nComponents, X.cols);
  if (typeof fit === 'string')
    return Object.freeze({
      nComponents,
      covarianceType,
      nParameters,
      score: NaN,
      bic: NaN,
      aic: NaN,
      icl: NaN,
      heldOut: NaN,
      nIter: 0,
      converged: false,
      failure: fit,
    });
  return Object.freeze({
    nComponents,
    covarianceType,
    nParameters,
    score: fit.score(X, { sampleWeight }),
    bic: fit.bic(X, { sampleWeight }),
    aic: fit.aic(X, { sampleWeight }),
    icl: fit.icl(X, { sampleWeight }),
    heldOut: held ? fit.score(held.X, { sampleWeight: held.sampleWeight }) : NaN,
    nIter: fit.nIter,
    converged: fit.converged,
    failure: undefined,
  });
}
