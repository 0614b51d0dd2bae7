import { withKernels } from '../../kernels/module.ts';
import type { Matrix, MatrixLike } from '../../matrix.ts';
import { type BatchControl, checkBatchControl } from '../../parallel/batchControl.ts';
import { type Saved, SavedReader, saveArray, saveMatrix } from '../../serialize.ts';
import { CentersModel } from '../centers/centersModel.ts';
import { answerInThreads } from '../centers/inThreads.ts';
import type { CentersConfig } from '../centers/program.ts';
import { type ClusterStatistics, readLabels, readStatistics, saveStatistics } from '../model.ts';
import { leavesOf, type Splits } from './leaves.ts';

const VERSION = 2;

/** All that a model consists of. */
export interface BisectingKMeansParts extends ClusterStatistics {
  readonly centers: Matrix;
  readonly labels: Int32Array;
  readonly inertia: number;
  readonly converged: boolean;
  /** Undefined if there is one cluster only. */
  readonly splits: Splits | undefined;
}

/** A fitted bisecting K-means. Frozen; made by `bisectingKMeans` or `BisectingKMeansModel.fromJSON`. */
export class BisectingKMeansModel extends CentersModel implements BisectingKMeansParts {
  /** The `format` of a saved model. */
  static readonly format: string = 'cauda.bisectingKMeans';

  /** The cluster of each row of X, always equal to `predict(X)`. Neighbors in the tree have neighboring labels. */
  readonly labels: Int32Array;
  /** Σ w ‖x − c‖² over the rows of X and the centers of their clusters. */
  readonly inertia: number;
  /** Whether every split stopped before `maxIter`. */
  readonly converged: boolean;
  /** Rows of each cluster; those of weight 0 are not counted. */
  readonly sizes: Int32Array;
  /** Each cluster's part of the inertia. */
  readonly inertias: Float64Array;
  /** The largest distance of a row of each cluster to its center. */
  readonly radii: Float64Array;
  /** The tree; undefined if there is one cluster only. */
  readonly splits: Splits | undefined;

  /** Takes the parts as they are; for `bisectingKMeans` and `fromJSON`. */
  constructor(parts: BisectingKMeansParts) {
    super('BisectingKMeansModel', parts.centers, 'euclidean', undefined);
    this.labels = parts.labels;
    this.inertia = parts.inertia;
    this.converged = parts.converged;
    this.sizes = parts.sizes;
    this.inertias = parts.inertias;
    this.radii = parts.radii;
    this.splits = parts.splits && Object.freeze(parts.splits);
    Object.freeze(this);
  }

  /**
   * The cluster of each row, found by going down the tree: at each split to the nearer of its two centers, the first
   * one winning a tie. This need not be the cluster of the nearest center, which `nearest` gives.
   * @param X nSamples × nFeatures; it is converted to the precision of the centers
   * @returns length nSamples
   * @throws TypeError or RangeError for rows that make no sense
   */
  override predict(X: MatrixLike): Int32Array {
    const matrix = this.denseRows(X, 'predict');
    const { splits } = this;
    return splits ? withKernels((kernels) => leavesOf(kernels, splits, matrix)) : new Int32Array(matrix.rows);
  }

  /**
   * `predict` for many rows, with the same labels: in worker threads, while timers are served and `signal` is heeded.
   * @throws TypeError or RangeError as `predict`; the signal's reason when aborted
   */
  override async predictAsync(X: MatrixLike, control: BatchControl = {}): Promise<Int32Array> {
    const who = 'BisectingKMeansModel.predictAsync';
    const checked = checkBatchControl(who, control);
    const matrix = this.denseRows(X, 'predictAsync');
    const labels = new Int32Array(matrix.rows);
    if (this.splits) await answerInThreads(who, 'leaves', this.threadConfig(), matrix, checked, labels);
    return labels;
  }

  /** Minus Σ ‖x − c‖² over the rows of X and the centers of the clusters that `predict` gives. */
  override score(X: MatrixLike): number {
    const matrix = this.denseRows(X, 'score');
    return scoreOf(this.predict(matrix), this.transform(matrix));
  }

  /**
   * `score` for many rows, with the same bits: in worker threads, while timers are served and `signal` is heeded.
   * @throws TypeError or RangeError as `score`; the signal's reason when aborted
   */
  override async scoreAsync(X: MatrixLike, control: BatchControl = {}): Promise<number> {
    const checked = checkBatchControl('BisectingKMeansModel.scoreAsync', control);
    const matrix = this.denseRows(X, 'scoreAsync');
    return scoreOf(await this.predictAsync(matrix, checked), await this.transformAsync(matrix, checked));
  }

  protected override threadConfig(): CentersConfig {
    const { splits } = this;
    const tree = splits && { centers: splits.centers.data, next: splits.next };
    return { ...super.threadConfig(), splits: tree };
  }

  /** The model as plain data. */
  toJSON(): Saved & Record<string, unknown> {
    const { splits } = this;
    return {
      format: BisectingKMeansModel.format,
      version: VERSION,
      centers: saveMatrix(this.centers),
      labels: saveArray(this.labels),
      inertia: this.inertia,
      converged: this.converged,
      ...saveStatistics(this),
      splitCenters: splits ? saveMatrix(splits.centers) : null,
      next: splits ? saveArray(splits.next) : null,
    };
  }

  /**
   * Reads what `toJSON` saved.
   * @returns the same model, to the bit
   * @throws TypeError or RangeError for anything else, naming the field
   */
  static fromJSON(value: unknown): BisectingKMeansModel {
    const saved = new SavedReader(
      'BisectingKMeansModel.fromJSON',
      value,
      BisectingKMeansModel.format,
      VERSION,
    );
    const centers = saved.matrix('centers');
    return new BisectingKMeansModel({
      centers,
      labels: readLabels(saved, centers.rows),
      inertia: saved.number('inertia', 0),
      converged: saved.flag('converged'),
      ...readStatistics(saved, centers.rows),
      splits: centers.rows > 1 ? readSplits(saved, centers) : undefined,
    });
  }
}

function scoreOf(labels: Int32Array, distances: Matrix): number {
  const { data, cols } = distances;
  return -labels.reduce((sum, label, i) => sum + data[i * cols + label]! * data[i * cols + label]!, 0);
}

/** Reads a tree, in which every split but the first and every label come exactly once, after the split they are part of. */
function readSplits(saved: SavedReader, { rows: k, cols, dtype }: Matrix): Splits {
  const centers = saved.matrix('splitCenters', 2 * (k - 1), cols);
  if (centers.dtype !== dtype) saved.fail('splitCenters', `a matrix of ${dtype}, like centers`);
  const next = saved.integers('next', 2 * (k - 1));
  const broken = (): never => saved.fail('next', `a tree of ${k - 1} splits and ${k} labels`);
  const found = new Set<number>();
  next.forEach((to, at) => {
    const later = to > Math.floor(at / 2) && to < k - 1;
    const label = to < 0 && to >= -k;
    if (!(later || label) || found.has(to)) broken();
    found.add(to);
  });
  return { centers, next };
}
