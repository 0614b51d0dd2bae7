import type { Precision } from '../kernels/kernels.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import { withSession } from '../parallel/session.ts';
import { checkSource, isSource, type MatrixSource, Source } from '../source.ts';
import { collapsed } from './covariance/collapse.ts';
import { originOf, published } from './covariance/columns.ts';
import type { MixtureParameters } from './covariance/parameters.ts';
import { sharesMatrix } from './covariance/type.ts';
import { emRounds } from './em/em.ts';
import { bestOfRuns, type Run } from './em/rounds.ts';
import { TiedScatter } from './em/scatter.ts';
import { startingParameters } from './em/starts.ts';
import { hasMissing } from './missing/density.ts';
import { fitIncomplete } from './missing/em.ts';
import { GaussianMixtureModel } from './model.ts';
import {
  type CheckedGaussianMixtureOptions,
  checkGaussianMixtureOptions,
  type GaussianMixtureOptions,
} from './options.ts';
import { type Plan, planFor } from './rows/plan.ts';
import { emProgram } from './rows/program.ts';

/**
 * A mixture of `nComponents` Gaussians, p(x) = Σ_k w_k N(x | μ_k, Σ_k), fitted to the rows of X by expectation and
 * maximization from the best of `nInit` starts; the answers of scikit-learn's `GaussianMixture`, and the same bits for
 * any number of workers. Bishop, PRML (2006), §9.2; the steps are derived in docs/derivations.
 *
 * float32 data are computed in float32 with sums, factors and parameters in float64; float64 data in float64.
 * Running out of iterations is no error: see `converged`.
 * @param X nSamples × nFeatures; NaN marks a missing entry if `missing` says how to treat it. Or a source of more rows
 * than memory holds: it is read again for every pass, in the calling thread, and gives the same bits as the same rows in
 * memory; its rows must be complete
 * @throws TypeError or RangeError for options or data that make no sense; Error if a component collapses; the
 * signal's reason when aborted
 */
export async function gaussianMixture(
  X: MatrixLike | MatrixSource,
  options: GaussianMixtureOptions,
): Promise<GaussianMixtureModel> {
  if (isSource(X)) {
    const who = 'gaussianMixture: source';
    const checked = checkGaussianMixtureOptions(checkSource(who, X), options);
    return bestFit(await Source.open(X, { who, signal: checked.signal }), checked);
  }
  const matrix = Matrix.from(X, { who: 'gaussianMixture: X', allowNaN: options?.missing !== undefined });
  return bestFit(matrix, checkGaussianMixtureOptions(matrix, options));
}

/** The fit, with what EM remembers of the rows as the plan has it; by default as is best for their shape. */
export async function bestFit(
  X: Matrix | Source,
  checked: CheckedGaussianMixtureOptions,
  plan?: Plan,
): Promise<GaussianMixtureModel> {
  const { nComponents, covarianceType, missing } = checked;
  const refuse = (component: number, weight?: number) =>
    collapsed('gaussianMixture', covarianceType, component, 'fewer components, a larger regCovar', weight);
  const { parameters, lowerBounds, converged } =
    X instanceof Matrix && hasMissing(X)
      ? await fitIncomplete(X, checked, refuse)
      : await fitComplete(X, checked, refuse, plan);
  const { weights, means, covariances } = parameters;
  return new GaussianMixtureModel(
    {
      covarianceType,
      weights,
      means: new Matrix(means, nComponents, X.cols),
      covariances,
      lowerBounds,
      converged,
      missing,
    },
    (component) => refuse(component, weights[component]!),
  );
}

/** EM on rows of which everything is known. */
async function fitComplete(
  X: Matrix | Source,
  checked: CheckedGaussianMixtureOptions,
  refuse: (component: number, weight: number) => Error,
  plan?: Plan,
): Promise<Run<MixtureParameters>> {
  const { nComponents, covarianceType, sampleWeight, workers, signal } = checked;
  const precision: Precision = X.dtype === 'float64' ? 'F64' : 'F32';
  const shape = { nComponents, nFeatures: X.cols, covarianceType, precision };
  const best = planFor(shape, X.rows);
  const config = {
    ...shape,
    origin: await originOf(X),
    plan: plan ?? (X instanceof Source ? { ...best, pruned: false } : best), // bounds take more than the rows
  };
  const columns: Record<string, Float64Array> = sampleWeight ? { sampleWeight } : {};
  return withSession(emProgram, X, config, { workers, signal, columns }, async (session) => {
    const scatter = sharesMatrix(covarianceType) ? await TiedScatter.of(session, X.cols) : undefined;
    const context = { ...config, session, nSamples: X.rows, regCovar: checked.regCovar, scatter };
    const run = await bestOfRuns(
      'gaussianMixture',
      checked,
      (random) => startingParameters(context, X, checked, random),
      (start) => emRounds(context, start, refuse),
    );
    return { ...run, parameters: published(config.origin, run.parameters) };
  });
}
