import type { CsrLike } from '../csr.ts';
import type { MatrixLike } from '../matrix.ts';
import type { FitControl } from '../parallel/session.ts';
import { type Step, stepOf } from '../pipeline/step.ts';
import type { MatrixSource } from '../source.ts';
import { fitKMeans } from './kmeansSteps.ts';
import type { KMeansModel } from './model.ts';
import type { KMeansOptions } from './options.ts';

/**
 * K-means: `nClusters` centers that minimize the inertia Σ_i w_i ‖x_i − c(x_i)‖², the squared distance of each row
 * to its nearest center, by Lloyd's algorithm from the best of `nInit` starts. It is exact, and gives the answers of
 * scikit-learn's `KMeans` and the same bits for any number of workers.
 *
 * With `metric: 'cosine'` it is spherical K-means: rows and centers have length 1, and the inertia is Σ_i w_i (1 − cos).
 * Dhillon and Modha, *Concept decompositions for large sparse text data using clustering*, Machine Learning 42 (2001).
 *
 * Running out of iterations is no error: the model says so in `converged`.
 * @param X nSamples × nFeatures, dense or sparse, or a source of more rows than memory holds: it is read again for every
 * pass, in the calling thread, and gives the same bits as the same rows in memory. NaN marks a missing entry if `missing`
 * says how to treat it
 * @returns the best of the runs
 * @throws TypeError or RangeError for options or data that make no sense, and for fewer distinct rows than nClusters
 * without `allowFewer`; the signal's reason when aborted
 */
export async function kmeans(
  X: MatrixLike | CsrLike | MatrixSource,
  options: KMeansOptions,
): Promise<KMeansModel> {
  return fitKMeans('kmeans', X, options);
}

/** `kmeans` as a step of a pipeline. */
export function kmeansStep(
  options: Omit<KMeansOptions, keyof FitControl | 'sampleWeight'>,
): Step<KMeansModel> {
  return stepOf('kmeans', options, kmeans);
}
