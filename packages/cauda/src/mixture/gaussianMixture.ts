import { precisionOf } from '../kernels/kernels.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import { withSession } from '../parallel/session.ts';
import { collapsed } from './collapse.ts';
import { columnMeans, movedBy } from './columns.ts';
import type { MixtureParameters } from './covariance.ts';
import { iterate } from './em.ts';
import { hasMissing } from './incomplete.ts';
import { fitIncomplete } from './incompleteEm.ts';
import { startingParameters } from './init.ts';
import { GaussianMixtureModel } from './model.ts';
import {
  type CheckedGaussianMixtureOptions,
  checkGaussianMixtureOptions,
  type GaussianMixtureOptions,
} from './options.ts';
import { emProgram, negligible } from './program.ts';
import { bestOfRuns, type Run } from './rounds.ts';

/**
 * A mixture of `nComponents` Gaussians, p(x) = Σ_k w_k N(x | μ_k, Σ_k), fitted to the rows of X by expectation and
 * maximisation from the best of `nInit` starts; the answers of scikit-learn's `GaussianMixture`, and the same bits for
 * any number of workers. Bishop, PRML (2006), §9.2; the steps are derived in docs/derivations.
 *
 * float32 data are computed in float32 with sums, factors and parameters in float64; float64 data in float64.
 * Running out of iterations is no error: see `converged`.
 * @param X nSamples × nFeatures; NaN marks a missing entry if `missing` says how to treat it
 * @throws TypeError or RangeError for options or data that make no sense; Error if a component collapses; the
 * signal's reason when aborted
 */
export async function gaussianMixture(
  X: MatrixLike,
  options: GaussianMixtureOptions,
): Promise<GaussianMixtureModel> {
  const matrix = Matrix.from(X, { who: 'gaussianMixture: X', allowNaN: options?.missing !== undefined });
  const checked = checkGaussianMixtureOptions(matrix, options);
  const { nComponents, covarianceType, missing } = checked;
  const refuse = (component: number) =>
    collapsed('gaussianMixture', covarianceType === 'tied', component, 'fewer components, a larger regCovar');
  const fit = hasMissing(matrix) ? fitIncomplete : fitComplete;
  const { parameters, lowerBounds, converged } = await fit(matrix, checked, refuse);
  const { weights, means, covariances } = parameters;
  return new GaussianMixtureModel(
    {
      covarianceType,
      weights,
      means: new Matrix(means, nComponents, matrix.cols),
      covariances,
      lowerBounds,
      converged,
      missing,
    },
    refuse,
  );
}

/** EM on rows of which everything is known. */
async function fitComplete(
  X: Matrix,
  checked: CheckedGaussianMixtureOptions,
  refuse: (component: number) => Error,
): Promise<Run<MixtureParameters>> {
  const { nComponents, covarianceType, sampleWeight, workers, signal } = checked;
  const config = {
    nComponents,
    nFeatures: X.cols,
    covarianceType,
    precision: precisionOf(X.data),
    origin: columnMeans(X),
    cutoff: negligible(X.rows),
  };
  const columns: Record<string, Float64Array> = sampleWeight ? { weights: sampleWeight } : {};
  return withSession(emProgram, X, config, { workers, signal, columns }, async (session) => {
    const context = { ...config, session, regCovar: checked.regCovar };
    const run = await bestOfRuns(
      'gaussianMixture',
      checked,
      (random) => startingParameters(context, X, checked, random),
      (start) => iterate(context, start, refuse),
    );
    return { ...run, parameters: movedBy(config.origin, run.parameters) };
  });
}
