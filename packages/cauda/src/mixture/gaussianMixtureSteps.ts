import { countingRows } from '../countingRows.ts';
import { admit, openRows } from '../door.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import type { MatrixSource, Source } from '../source.ts';
import { collapsed } from './covariance/collapse.ts';
import type { MixtureParameters } from './covariance/parameters.ts';
import { covarianceShape } from './covariance/type.ts';
import { completeRuns } from './em/complete.ts';
import { bestOf, type Run, type Snapshot } from './em/rounds.ts';
import { startOf } from './init.ts';
import { incompleteRuns } from './missing/em.ts';
import { hasMissing } from './missing/patterns.ts';
import { GaussianMixtureModel } from './model.ts';
import {
  type CheckedGaussianMixtureOptions,
  checkGaussianMixtureOptions,
  type GaussianMixtureOptions,
} from './options.ts';
import type { Plan } from './rows/plan.ts';

/** Half an iteration of EM. */
export interface GaussianMixtureStep {
  /** Whether the E-step has just been made, or the M-step. */
  readonly phase: 'E' | 'M';
  /** The run, from 0, of `nInit` in all. */
  readonly run: number;
  /** The iteration of the run, from 1, of which this is a half; 0 for where the run starts, with the phase 'M'. */
  readonly nIter: number;
  /**
   * Mean log-likelihood a row, in nats, as the iteration's E-step found it: of `parameters` in phase 'E', of those before
   * them in phase 'M'. −Infinity at the start.
   */
  readonly lowerBound: number;
  /** In phase 'E' what the E-step evaluated, in phase 'M' what the M-step made: copies, which may be written to. */
  readonly parameters: {
    /** Mixing weights, length nComponents, sum 1. */
    readonly weights: Float64Array;
    /** nComponents × nFeatures. */
    readonly means: Matrix;
    /** Row-major, in the shape of the covariance type: see `GaussianMixtureModel`. */
    readonly covariances: { readonly data: Float64Array; readonly shape: readonly number[] };
  };
  /**
   * The probability of each component given each row under `parameters`, nSamples × nComponents: in phase 'E' what the
   * M-step is about to count the rows by. Computed anew, in the workers, when it is asked for.
   * @throws TypeError if the rows are in a source; Error if a component of `parameters` has collapsed
   */
  responsibilities(): Promise<Matrix>;
  /** On the last step of all, the model of the best run. */
  readonly model?: GaussianMixtureModel;
}

/**
 * The iterations of `gaussianMixture`, two steps each, with the same numbers: for an animation, a stopping rule of your
 * own, or a fit that others wait for. Nothing runs before the first step is asked for, nor between two steps. Leaving
 * the loop (`break`, `return`, an error) ends the fit and frees what the workers hold of it.
 *
 * ```ts
 * for await (const { phase, nIter, lowerBound, parameters, model } of gaussianMixtureSteps(X, { nComponents: 3 })) …
 * ```
 * @param X as for `gaussianMixture`
 * @returns steps, the last of which carries the model that `gaussianMixture` resolves to
 * @throws what `gaussianMixture` rejects with, when the step is asked for at which it happens
 */
export async function* gaussianMixtureSteps(
  X: MatrixLike | MatrixSource,
  options: GaussianMixtureOptions,
): AsyncGenerator<GaussianMixtureStep, void, void> {
  const who = 'gaussianMixtureSteps';
  const { rows, checked } = await opened(who, X, options);
  for await (const { parameters, best, ...half } of runsOver(who, rows, checked)) {
    const { weights, means, covariances } = parameters;
    yield {
      ...half,
      parameters: {
        weights: weights.slice(),
        means: new Matrix(means.slice(), checked.nComponents, rows.cols),
        covariances: {
          data: covariances.slice(),
          shape: covarianceShape(checked.covarianceType, checked.nComponents, rows.cols),
        },
      },
      responsibilities: () => responsibilitiesOf(who, rows, parameters, checked),
      ...(best && { model: modelOf(who, best, checked) }),
    };
  }
}

/** A fit by a function that errors and progress call `who`. */
export async function fitGaussianMixture(
  who: string,
  X: MatrixLike | MatrixSource,
  options: GaussianMixtureOptions,
): Promise<GaussianMixtureModel> {
  const { rows, checked } = await opened(who, X, options);
  return fitRows(who, rows, checked);
}

/**
 * The same for rows and options after the door.
 * @param plan what EM remembers of the rows; by default what is fastest for their shape
 */
export async function fitRows(
  who: string,
  X: Matrix | Source,
  checked: CheckedGaussianMixtureOptions,
  plan?: Plan,
): Promise<GaussianMixtureModel> {
  return modelOf(who, await bestOf(runsOver(who, X, checked, plan)), checked);
}

/** X and the options after the door. */
async function opened(
  who: string,
  X: MatrixLike | MatrixSource,
  options: GaussianMixtureOptions,
): Promise<{ rows: Matrix | Source; checked: CheckedGaussianMixtureOptions }> {
  const allowNaN = options?.missing !== undefined;
  const door = admit('gaussianMixture', X, { who, allowNaN });
  const checked = checkGaussianMixtureOptions(who, door, options);
  return { rows: await openRows(who, door, { signal: checked.signal }), checked };
}

/** EM on the rows that count, whether all of their entries are known or not; means as a user has them. */
function runsOver(
  who: string,
  all: Matrix | Source,
  options: CheckedGaussianMixtureOptions,
  plan?: Plan,
): AsyncGenerator<Snapshot<MixtureParameters>, void, void> {
  const { X, sampleWeight, indices } = countingRows(all, options.sampleWeight);
  const init = indices ? startOf(options.init, indices, options.nComponents) : options.init;
  const checked = { ...options, sampleWeight, init };
  const refuse = (component: number, weight: number): Error => collapseOf(who, checked, component, weight);
  return X instanceof Matrix && hasMissing(X)
    ? incompleteRuns(who, X, checked, refuse)
    : completeRuns(who, X, checked, refuse, plan);
}

function collapseOf(
  who: string,
  { covarianceType }: CheckedGaussianMixtureOptions,
  component: number,
  weight: number,
): Error {
  return collapsed(who, covarianceType, component, 'fewer components, a larger regCovar', weight);
}

/** The model of a run. */
function modelOf(
  who: string,
  { parameters, lowerBounds, converged }: Run<MixtureParameters>,
  checked: CheckedGaussianMixtureOptions,
): GaussianMixtureModel {
  const { nComponents, covarianceType, missing } = checked;
  const { weights, means, covariances } = parameters;
  return new GaussianMixtureModel(
    {
      covarianceType,
      weights,
      means: new Matrix(means, nComponents, means.length / nComponents),
      covariances,
      lowerBounds,
      converged,
      missing,
    },
    (component) => collapseOf(who, checked, component, weights[component]!),
  );
}

/**
 * The probability of each component given each row under these parameters.
 * @throws TypeError if the rows are in a source
 */
async function responsibilitiesOf(
  who: string,
  X: Matrix | Source,
  parameters: MixtureParameters,
  checked: CheckedGaussianMixtureOptions,
): Promise<Matrix> {
  if (!(X instanceof Matrix))
    throw new TypeError(
      `${who}: responsibilities needs rows in memory; with a source, give its blocks to the predictProba of the model`,
    );
  const run = { parameters, lowerBound: NaN, lowerBounds: new Float64Array(), converged: false };
  const { workers, signal } = checked;
  return modelOf(who, run, checked).predictProbaAsync(X, { workers, signal });
}
