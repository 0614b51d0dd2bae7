import type { MatrixLike } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import { type Step, stepOf } from '../../pipeline/step.ts';
import type { MatrixSource } from '../../source.ts';
import type { MiniBatchKMeansModel } from './miniBatchModel.ts';
import { stepsOf } from './miniBatchSteps.ts';
import type { MiniBatchKMeansOptions } from './options.ts';

const who = 'miniBatchKMeans';

/**
 * K-means from small batches: far less work than `kmeans` for almost as low an inertia, and the rows need not be in
 * memory. As scikit-learn's `MiniBatchKMeans`: over X, batches are drawn at random until their smoothed inertia no
 * longer falls; over a stream, each matrix that it yields is one batch, once, as in `partial_fit`.
 * Sculley, *Web-scale k-means clustering*, WWW 2010.
 *
 * Over a source the same rows are drawn as in memory, and the model has the same bits. Batches are drawn from all rows, and
 * not from those that have just been read: these would follow the order of the source, which may be sorted by date or by
 * class. One pass gathers the rows of many coming batches: up to 131,072 rows, or 64 MiB.
 * @param X nSamples × nFeatures, in memory or a source that is read again for every pass; or a stream, an async iterable
 * of batches of rows, which is read once
 * @throws TypeError or RangeError for options or data that make no sense; the signal's reason when aborted
 */
export async function miniBatchKMeans(
  X: MatrixLike | MatrixSource | AsyncIterable<MatrixLike>,
  options: MiniBatchKMeansOptions,
): Promise<MiniBatchKMeansModel> {
  let last: MiniBatchKMeansModel | undefined;
  for await (const { model } of stepsOf(who, X, options)) last = model;
  return last!;
}

/** `miniBatchKMeans` as a step of a pipeline. */
export function miniBatchKMeansStep(
  options: Omit<MiniBatchKMeansOptions, keyof FitControl | 'sampleWeight'>,
): Step<MiniBatchKMeansModel> {
  return stepOf(who, options, miniBatchKMeans);
}
