import { Breather } from '../../breather.ts';
import { checkOptions } from '../../check.ts';
import type { MatrixLike } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { type Saved, SavedReader, saveArray, saveMatrix } from '../../serialize.ts';
import { weightRule } from '../../weights.ts';
import { CentersModel } from '../centers/centersModel.ts';
import { readLabels, readMagnitudes } from '../model.ts';
import { checkClusterWeights } from '../weights.ts';
import { labeled } from './labeled.ts';
import { type MiniBatchState, updated } from './update.ts';

const VERSION = 2;

/** Options of `partialFit`. */
export interface PartialFitOptions {
  /** A weight for each row, ≥ 0 and not all zero. Defaults to 1 for all. */
  sampleWeight?: ArrayLike<number>;
}

/** All that a model consists of. */
export interface MiniBatchKMeansParts extends MiniBatchState {
  readonly labels: Int32Array;
  readonly inertia: number;
  readonly nIter: number;
  readonly converged: boolean;
  readonly reassignmentRatio: number;
  readonly seed: number;
}

/**
 * A fitted mini-batch K-means. Frozen: `partialFit` returns the next model. Made by `miniBatchKMeans` or
 * `MiniBatchKMeansModel.fromJSON`.
 */
export class MiniBatchKMeansModel extends CentersModel implements MiniBatchKMeansParts {
  /** The `format` of a saved model. */
  static readonly format: string = 'cauda.miniBatchKMeans';

  /** The cluster of each row of X; over a stream, of its last batch; after `partialFit`, of the batch that it was given. */
  readonly labels: Int32Array;
  /** Σ w ‖x − c‖² over those rows. */
  readonly inertia: number;
  /** The weight of the rows that each center is the mean of, and hence how slowly it still moves. */
  readonly counts: Float64Array;
  /** Batches so far. */
  readonly nSteps: number;
  /** Rows seen so far as a multiple of the rows of X, rounded up; over a stream the number of batches. */
  readonly nIter: number;
  /** Whether the fit stopped because batches no longer got better; false over a stream. */
  readonly converged: boolean;
  /** As in the options. */
  readonly reassignmentRatio: number;
  /** As in the options. */
  readonly seed: number;
  /** Rows since centers were last looked through for neglected ones. */
  readonly sinceReassignment: number;

  /** Takes the parts as they are; for `miniBatchKMeans` and `fromJSON`. */
  constructor(parts: MiniBatchKMeansParts) {
    super('MiniBatchKMeansModel', parts.centers, 'euclidean', undefined);
    this.labels = parts.labels;
    this.inertia = parts.inertia;
    this.counts = parts.counts;
    this.nSteps = parts.nSteps;
    this.nIter = parts.nIter;
    this.converged = parts.converged;
    this.reassignmentRatio = parts.reassignmentRatio;
    this.seed = parts.seed;
    this.sinceReassignment = parts.sinceReassignment;
    Object.freeze(this);
  }

  /**
   * Takes one more batch. This model stays as it is.
   * @param X nSamples × nFeatures
   * @returns the next model; its labels and inertia are those of the batch at the new centers
   * @throws TypeError or RangeError for rows or weights that make no sense
   */
  async partialFit(X: MatrixLike, options: PartialFitOptions = {}): Promise<MiniBatchKMeansModel> {
    const who = 'MiniBatchKMeansModel.partialFit';
    const batch = this.denseRows(X, 'partialFit');
    const checked = checkOptions(who, options, { sampleWeight: weightRule }, {});
    const weights = checkClusterWeights(who, checked.sampleWeight, batch.rows);
    const random = new Random(this.seed).stream(this.nSteps + 1);
    const breather = new Breather();
    const { state } = await updated(this, batch, weights, this.reassignmentRatio, random, breather);
    return new MiniBatchKMeansModel({
      ...state,
      ...(await labeled(state.centers, batch, weights, breather)),
      nIter: this.nIter + 1,
      converged: false,
      reassignmentRatio: this.reassignmentRatio,
      seed: this.seed,
    });
  }

  /** The model as plain data. */
  toJSON(): Saved & Record<string, unknown> {
    return {
      format: MiniBatchKMeansModel.format,
      version: VERSION,
      centers: saveMatrix(this.centers),
      labels: saveArray(this.labels),
      inertia: this.inertia,
      counts: saveArray(this.counts),
      nSteps: this.nSteps,
      nIter: this.nIter,
      converged: this.converged,
      reassignmentRatio: this.reassignmentRatio,
      seed: this.seed,
      sinceReassignment: this.sinceReassignment,
    };
  }

  /**
   * Reads what `toJSON` saved.
   * @returns the same model, to the bit
   * @throws TypeError or RangeError for anything else, naming the field
   */
  static fromJSON(value: unknown): MiniBatchKMeansModel {
    const saved = new SavedReader(
      'MiniBatchKMeansModel.fromJSON',
      value,
      MiniBatchKMeansModel.format,
      VERSION,
    );
    const centers = saved.matrix('centers');
    const integer = (name: string, low: number) => saved.number(name, low, Number.MAX_SAFE_INTEGER, true);
    return new MiniBatchKMeansModel({
      centers,
      labels: readLabels(saved, centers.rows),
      inertia: saved.number('inertia', 0),
      counts: readMagnitudes(saved, 'counts', centers.rows),
      nSteps: integer('nSteps', 1),
      nIter: integer('nIter', 1),
      converged: saved.flag('converged'),
      reassignmentRatio: saved.number('reassignmentRatio', 0, 1),
      seed: integer('seed', 0),
      sinceReassignment: integer('sinceReassignment', 0),
    });
  }
}
