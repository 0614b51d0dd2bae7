import type { MatrixLike } from '../matrix.ts';
import type { FitControl } from '../parallel/session.ts';
import { type Step, stepOf } from '../pipeline/step.ts';
import type { MatrixSource } from '../source.ts';
import { fitGaussianMixture } from './gaussianMixtureSteps.ts';
import type { GaussianMixtureModel } from './model.ts';
import type { GaussianMixtureOptions } from './options.ts';

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
  return fitGaussianMixture('gaussianMixture', X, options);
}

/** `gaussianMixture` as the last step of a `pipeline`. */
export function gaussianMixtureStep(
  options: Omit<GaussianMixtureOptions, keyof FitControl | 'sampleWeight'>,
): Step<GaussianMixtureModel> {
  return stepOf('gaussianMixture', options, gaussianMixture);
}
