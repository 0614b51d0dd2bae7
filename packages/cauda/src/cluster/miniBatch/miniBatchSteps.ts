import { Breather } from '../../breather.ts';
import { admit, openRows } from '../../door.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import { Random } from '../../random.ts';
import type { MatrixSource, Source } from '../../source.ts';
import { countDistinctRows, tooFewDistinct } from '../distinctRows.ts';
import { checkClusterWeights, countedRows } from '../weights.ts';
import { drawnBatches } from './drawnBatches.ts';
import { labeled } from './labeled.ts';
import { MiniBatchKMeansModel } from './miniBatchModel.ts';
import {
  type CheckedMiniBatchKMeansOptions,
  checkMiniBatchKMeansOptions,
  type MiniBatchKMeansOptions,
} from './options.ts';
import { startingState } from './startingState.ts';
import { type MiniBatchState, updated } from './update.ts';

/** One batch: its rows have gone to their nearest centers, and these have moved. */
export interface MiniBatchStep {
  /** Batches so far, from 1. */
  readonly nSteps: number;
  /** The centers after this batch, nClusters × nFeatures. */
  readonly centers: Matrix;
  /** The weight of the rows that each center is the mean of. */
  readonly counts: Float64Array;
  /** The mean of w ‖x − c‖² over the batch, at the centers before it, as `onProgress` reports it. */
  readonly inertia: number;
  /** Whether the fit ends here because batches no longer get better; false over a stream. */
  readonly converged: boolean;
  /** On the last step, the model. */
  readonly model?: MiniBatchKMeansModel;
}

/**
 * The batches of `miniBatchKMeans`, one step each, with the same numbers. Nothing runs before the first step is asked
 * for, nor between two steps. Leaving the loop (`break`, `return`, an error) ends the fit and the pass over a source, and
 * closes a stream. A stream's step is given once its next batch is there, or its end.
 * @param X as for `miniBatchKMeans`
 * @returns steps, the last of which carries the model that `miniBatchKMeans` resolves to
 * @throws what `miniBatchKMeans` rejects with, when the first step is asked for or, if aborted, at the next one
 */
export async function* miniBatchSteps(
  X: MatrixLike | MatrixSource | AsyncIterable<MatrixLike>,
  options: MiniBatchKMeansOptions,
): AsyncGenerator<MiniBatchStep, void, void> {
  yield* stepsOf('miniBatchSteps', X, options);
}

/** The steps of a fit that errors and progress call `who`. */
export async function* stepsOf(
  who: string,
  X: MatrixLike | MatrixSource | AsyncIterable<MatrixLike>,
  options: MiniBatchKMeansOptions,
): AsyncGenerator<MiniBatchStep, void, void> {
  if (isStream(X)) {
    yield* streamSteps(who, X, options);
    return;
  }
  const door = admit('miniBatchKMeans', X, { who });
  const checked = checkMiniBatchKMeansOptions(who, options, door.rows, 'the rows of X');
  const sampleWeight = checkClusterWeights(who, checked.sampleWeight, door.rows);
  const rows: Matrix | Source = await openRows(who, door, { signal: checked.signal });
  yield* drawnSteps(rows, sampleWeight, checked);
}

function isStream(X: MatrixLike | MatrixSource | AsyncIterable<MatrixLike>): X is AsyncIterable<MatrixLike> {
  return typeof X === 'object' && X !== null && Symbol.asyncIterator in X;
}

/** Batches drawn from rows that can be read again. */
async function* drawnSteps(
  X: Matrix | Source,
  sampleWeight: Float64Array | undefined,
  checked: CheckedMiniBatchKMeansOptions,
): AsyncGenerator<MiniBatchStep, void, void> {
  const { who, nClusters, maxIter, maxNoImprovement, signal, onProgress, reassignmentRatio, seed } = checked;
  const n = countedRows(sampleWeight)?.length ?? X.rows;
  const batchSize = Math.min(checked.batchSize, n);
  const breather = new Breather(signal);
  const sampleSize = 3 * batchSize < nClusters ? 3 * nClusters : 3 * batchSize;
  let state = await startingState(X, sampleWeight, Math.min(sampleSize, n), checked);

  const maxSteps = Math.floor((maxIter * n) / batchSize);
  const alpha = Math.min(1, (2 * batchSize) / (n + 1));
  let smoothed: number | undefined;
  let least = Infinity;
  let withoutImprovement = 0;
  for await (const { rows, weights, random } of drawnBatches(X, sampleWeight, batchSize, maxSteps, checked)) {
    const step = await updated(state, rows, weights, reassignmentRatio, random, breather);
    state = step.state;
    const inertia = step.inertia / batchSize;
    onProgress?.(progress(who, state.nSteps, maxSteps, inertia));
    if (state.nSteps > 1) {
      // the inertia of the first batch is that of the start
      smoothed = smoothed === undefined ? inertia : smoothed * (1 - alpha) + inertia * alpha;
      if (smoothed < least) {
        least = smoothed;
        withoutImprovement = 0;
      } else withoutImprovement++;
    }
    const converged = withoutImprovement >= maxNoImprovement;
    if (!converged && state.nSteps < maxSteps) {
      yield stepOf(state, inertia, converged);
      await breather.breathe();
      continue;
    }
    const ending = await labeled(state.centers, X, sampleWeight, breather);
    const used = sampleWeight ? ending.labels.filter((_, i) => sampleWeight[i] !== 0) : ending.labels;
    if (new Set(used).size < nClusters) {
      const distinctRows = await countDistinctRows(X, sampleWeight, nClusters);
      if (distinctRows < nClusters)
        throw new RangeError(tooFewDistinct(who, distinctRows, nClusters, sampleWeight));
    }
    const nIter = Math.ceil((state.nSteps * batchSize) / n);
    const model = new MiniBatchKMeansModel({
      ...state,
      ...ending,
      nIter,
      converged,
      reassignmentRatio,
      seed,
    });
    yield { ...stepOf(state, inertia, converged), model };
    return;
  }
}

/** The batches of a stream, each of them once. */
async function* streamSteps(
  who: string,
  stream: AsyncIterable<MatrixLike>,
  options: MiniBatchKMeansOptions,
): AsyncGenerator<MiniBatchStep, void, void> {
  if (options?.sampleWeight !== undefined)
    throw new TypeError(
      `${who}: sampleWeight goes with a matrix or a source; give the weights of a batch to the model's partialFit`,
    );
  const breather = new Breather(options?.signal);
  let checked: CheckedMiniBatchKMeansOptions | undefined;
  let state: MiniBatchState | undefined;
  let last: { readonly batch: Matrix; readonly step: MiniBatchStep } | undefined;
  for await (const given of stream) {
    await breather.breathe();
    if (last) yield last.step;
    const place = `${who}: batch ${state?.nSteps ?? 0}`;
    const batch = Matrix.from(given, { who: place });
    if (!checked || !state) {
      checked = checkMiniBatchKMeansOptions(who, options, batch.rows, 'the rows of the first batch');
      state = await startingState(batch, undefined, batch.rows, checked);
    } else if (batch.cols !== state.centers.cols)
      throw new RangeError(
        `${place} has ${batch.cols} features; the batches before it have ${state.centers.cols}`,
      );
    const random = new Random(checked.seed).stream(state.nSteps + 1);
    const step = await updated(state, batch, undefined, checked.reassignmentRatio, random, breather);
    state = step.state;
    const inertia = step.inertia / batch.rows;
    checked.onProgress?.(progress(who, state.nSteps, Infinity, inertia));
    last = { batch, step: stepOf(state, inertia, false) };
  }
  if (!checked || !state || !last)
    throw new RangeError(`${who}: the stream gave no batch; it must give at least one`);
  const model = new MiniBatchKMeansModel({
    ...state,
    ...(await labeled(state.centers, last.batch, undefined, breather)),
    nIter: state.nSteps,
    converged: false,
    reassignmentRatio: checked.reassignmentRatio,
    seed: checked.seed,
  });
  yield { ...last.step, model };
}

/** A step that shares nothing with the fit. */
function stepOf(
  { nSteps, centers, counts }: MiniBatchState,
  inertia: number,
  converged: boolean,
): MiniBatchStep {
  const own = new Matrix(centers.data.slice(), centers.rows, centers.cols);
  return { nSteps, centers: own, counts: counts.slice(), inertia, converged };
}

function progress(task: string, iteration: number, maxIterations: number, objective: number) {
  return { task, iteration, maxIterations, run: 0, runs: 1, objective };
}
