import { Breather } from '../../breather.ts';
import { checkOptions, controlRules, integerIn, numberIn, type Rule, required, shaped } from '../../check.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import { Random } from '../../random.ts';
import { checkWeights, weightRule } from '../../weights.ts';
import { countDistinctRows, tooFewDistinct } from '../distinctRows.ts';
import { kmeansPlusPlus } from '../seeding/kmeansPlusPlus.ts';
import { weightedChoice } from '../seeding/weightedChoice.ts';
import { labeled, MiniBatchKMeansModel } from './miniBatchModel.ts';
import { type MiniBatchState, miniBatchStep } from './miniBatchStep.ts';

const who = 'miniBatchKMeans';

/** Batches are too small to share: everything happens in the calling thread. */
export interface MiniBatchKMeansOptions extends Omit<FitControl, 'workers'> {
  /** Number of clusters, an integer in [1, nSamples]; with a stream, in [1, the rows of its first batch]. */
  nClusters: number;
  /**
   * Where the centers start: `'k-means++'` or `'random'` rows of a sample of 3 · batchSize rows (with a stream, of its
   * first batch), or the centers themselves (nClusters × nFeatures). Defaults to `'k-means++'`.
   */
  init?: 'k-means++' | 'random' | MatrixLike;
  /** Starts to try on a sample, the best being used; 1 when centers are given. Defaults to 1. */
  nInit?: number;
  /** How often, at most, as many rows as X has are seen; defaults to 100. Not for a stream. */
  maxIter?: number;
  /** Rows of a batch, drawn from X with replacement; defaults to 1024, or all rows. Not for a stream. */
  batchSize?: number;
  /** Batches in a row without a better smoothed inertia that end the fit; defaults to 10. Not for a stream. */
  maxNoImprovement?: number;
  /**
   * Centers that have taken less than this share, in [0, 1], of what the busiest one has are moved to random rows now and then;
   * 0 for never. Defaults to 0.01.
   */
  reassignmentRatio?: number;
  /** A weight for each row, ≥ 0 and not all zero. Defaults to 1 for all. Not for a stream. */
  sampleWeight?: ArrayLike<number>;
}

const defaults = {
  init: 'k-means++' as NonNullable<MiniBatchKMeansOptions['init']>,
  nInit: 1,
  maxIter: 100,
  batchSize: 1024,
  maxNoImprovement: 10,
  reassignmentRatio: 0.01,
  seed: 0,
};

type Checked = Readonly<MiniBatchKMeansOptions & typeof defaults>;

function rules(n: number, nIs: string): Record<keyof MiniBatchKMeansOptions, Rule> {
  const { workers: _, ...control } = controlRules;
  return {
    ...control,
    nClusters: required(integerIn(1, n, nIs)),
    init: shaped(
      '"k-means++", "random" or the initial centers',
      (value) => value === 'k-means++' || value === 'random' || (typeof value === 'object' && value !== null),
    ),
    nInit: integerIn(1, Infinity),
    maxIter: integerIn(1, Infinity),
    batchSize: integerIn(1, Infinity),
    maxNoImprovement: integerIn(1, Infinity),
    reassignmentRatio: numberIn(0, 1),
    sampleWeight: weightRule,
  };
}

/**
 * K-means from small batches: far less work than `kmeans` for almost as low an inertia, and rows that need not be in
 * memory. As scikit-learn's `MiniBatchKMeans`: over X, batches are drawn at random until their smoothed inertia no
 * longer falls; over a stream, each matrix that it yields is one batch, once, as in `partial_fit`.
 * Sculley, *Web-scale k-means clustering*, WWW 2010.
 * @param source X (nSamples × nFeatures), or an async iterable of batches of rows
 * @throws TypeError or RangeError for options or data that make no sense; the signal's reason when aborted
 */
export async function miniBatchKMeans(
  source: MatrixLike | AsyncIterable<MatrixLike>,
  options: MiniBatchKMeansOptions,
): Promise<MiniBatchKMeansModel> {
  return typeof source === 'object' && source !== null && Symbol.asyncIterator in source
    ? fitStream(source, options)
    : fitMatrix(Matrix.from(source, { who: `${who}: X` }), options);
}

async function fitMatrix(X: Matrix, options: MiniBatchKMeansOptions): Promise<MiniBatchKMeansModel> {
  const checked: Checked = checkOptions(who, options, rules(X.rows, 'the rows of X'), defaults);
  const { nClusters, maxIter, maxNoImprovement, signal, onProgress, reassignmentRatio, seed } = checked;
  const sampleWeight = checkWeights(who, checked.sampleWeight, X.rows);
  const batchSize = Math.min(checked.batchSize, X.rows);
  const random = new Random(seed);
  const breather = new Breather();
  const sampleSize = 3 * batchSize < nClusters ? 3 * nClusters : 3 * batchSize;
  let state = await startingState(X, sampleWeight, Math.min(sampleSize, X.rows), checked);

  const maxSteps = Math.floor((maxIter * X.rows) / batchSize);
  const alpha = Math.min(1, (2 * batchSize) / (X.rows + 1));
  let smoothed: number | undefined;
  let least = Infinity;
  let withoutImprovement = 0;
  while (state.nSteps < maxSteps && withoutImprovement < maxNoImprovement) {
    await breather.breathe();
    signal?.throwIfAborted();
    const draw = random.stream(state.nSteps + 1);
    const indices = Uint32Array.from({ length: batchSize }, () => draw.integer(X.rows));
    const weights = sampleWeight && Float64Array.from(indices, (i) => sampleWeight[i]!);
    const step = miniBatchStep(state, X.take(indices), weights, reassignmentRatio, draw);
    state = step.state;
    const mean = step.inertia / batchSize;
    onProgress?.(progress(state.nSteps, maxSteps, mean));
    if (state.nSteps === 1) continue; // its inertia is that of the start
    smoothed = smoothed === undefined ? mean : smoothed * (1 - alpha) + mean * alpha;
    if (smoothed < least) {
      least = smoothed;
      withoutImprovement = 0;
    } else withoutImprovement++;
  }
  const ending = labeled(state.centers, X, sampleWeight);
  if (new Set(ending.labels).size < nClusters) {
    const distinct = await countDistinctRows(X, sampleWeight, nClusters);
    if (distinct < nClusters) throw new RangeError(tooFewDistinct(who, distinct, nClusters, sampleWeight));
  }
  return new MiniBatchKMeansModel({
    ...state,
    ...ending,
    nIter: Math.ceil((state.nSteps * batchSize) / X.rows),
    converged: withoutImprovement >= maxNoImprovement,
    reassignmentRatio,
    seed,
  });
}

async function fitStream(
  source: AsyncIterable<MatrixLike>,
  options: MiniBatchKMeansOptions,
): Promise<MiniBatchKMeansModel> {
  if (options?.sampleWeight !== undefined)
    throw new TypeError(
      `${who}: sampleWeight goes with a matrix; give the weights of a batch to the model's partialFit`,
    );
  let checked: Checked | undefined;
  let state: MiniBatchState | undefined;
  let last: Matrix | undefined;
  for await (const batch of source) {
    options?.signal?.throwIfAborted();
    const place = `${who}: batch ${state?.nSteps ?? 0}`;
    last = Matrix.from(batch, { who: place });
    if (!checked || !state) {
      checked = checkOptions(who, options, rules(last.rows, 'the rows of the first batch'), defaults);
      state = await startingState(last, undefined, last.rows, checked);
    } else if (last.cols !== state.centers.cols)
      throw new RangeError(
        `${place} has ${last.cols} features; the batches before it have ${state.centers.cols}`,
      );
    const random = new Random(checked.seed).stream(state.nSteps + 1);
    const step = miniBatchStep(state, last, undefined, checked.reassignmentRatio, random);
    state = step.state;
    checked.onProgress?.(progress(state.nSteps, Infinity, step.inertia / last.rows));
  }
  if (!checked || !state || !last)
    throw new RangeError(`${who}: the source gave no batch; it must give at least one`);
  return new MiniBatchKMeansModel({
    ...state,
    ...labeled(state.centers, last, undefined),
    nIter: state.nSteps,
    converged: false,
    reassignmentRatio: checked.reassignmentRatio,
    seed: checked.seed,
  });
}

function progress(iteration: number, maxIterations: number, objective: number) {
  return { task: who, iteration, maxIterations, run: 0, runs: 1, objective };
}

/** No batch seen: the centers of the best of `nInit` starts, judged by a sample of rows. */
async function startingState(
  X: Matrix,
  sampleWeight: Float64Array | undefined,
  sampleSize: number,
  { nClusters, init, nInit, seed, signal }: Checked,
): Promise<MiniBatchState> {
  const random = new Random(seed).stream(0);
  const begin = (centers: Matrix): MiniBatchState => ({
    centers,
    counts: new Float64Array(nClusters),
    nSteps: 0,
    sinceReassignment: 0,
  });
  if (init !== 'k-means++' && init !== 'random') {
    const centers = Matrix.from(init as MatrixLike, { who: `${who}: init` });
    if (centers.rows !== nClusters || centers.cols !== X.cols)
      throw new RangeError(
        `${who}: init must be nClusters × nFeatures = ${nClusters} × ${X.cols}; got ${centers.rows} × ${centers.cols}`,
      );
    return begin(
      X.dtype === 'float64' ? toPrecision(centers, Float64Array) : toPrecision(centers, Float32Array),
    );
  }
  const counted = Array.from({ length: X.rows }, (_, i) => i).filter((i) => sampleWeight?.[i] !== 0);
  if (counted.length < nClusters)
    throw new RangeError(`${who}: fewer rows of positive weight than nClusters; use fewer clusters`);
  const sample = (): { rows: Matrix; weights: Float64Array | undefined } => {
    const indices = Array.from(
      random.choice(counted.length, Math.min(sampleSize, counted.length)),
      (i) => counted[i]!,
    );
    return {
      rows: X.take(indices),
      weights: sampleWeight && Float64Array.from(indices, (i) => sampleWeight[i]!),
    };
  };
  const judges = sample();
  let best: Matrix | undefined;
  let least = Infinity;
  for (let r = 0; r < nInit; r++) {
    const { rows, weights } = sample();
    const start = { nClusters, seed: random.uint32(), sampleWeight: weights, workers: 0, signal };
    const centers =
      init === 'random'
        ? rows.take(weightedChoice(random, rows.rows, weights, nClusters, who))
        : (await kmeansPlusPlus(rows, start)).centers;
    const inertia = nInit > 1 ? labeled(centers, judges.rows, judges.weights).inertia : 0;
    if (best && inertia >= least) continue;
    best = centers;
    least = inertia;
  }
  return begin(best!);
}

function toPrecision({ data, rows, cols }: Matrix, Type: typeof Float64Array | typeof Float32Array): Matrix {
  return new Matrix(Type.from(data), rows, cols);
}
