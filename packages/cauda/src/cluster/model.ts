import type { Matrix } from '../matrix.ts';
import { type Saved, type SavedArray, SavedReader, saveArray, saveMatrix } from '../serialize.ts';
import { CentersModel } from './centers/centersModel.ts';
import type { Metric, Missing } from './options.ts';

const VERSION = 2;

/** What the clusters of a fit are like, in arrays of one entry a cluster. Rows of weight 0 do not count. */
export interface ClusterStatistics {
  /** Rows of each cluster. */
  readonly sizes: Int32Array;
  /** Each cluster's part of the inertia. */
  readonly inertias: Float64Array;
  /** The largest distance of a row to its center, as `transform` measures it; 0 for a cluster without rows. */
  readonly radii: Float64Array;
}

/** A fitted K-means: the centers and what they say of any rows. Frozen; made by `kmeans` or `KMeansModel.fromJSON`. */
export class KMeansModel extends CentersModel implements ClusterStatistics {
  /** The `format` of a saved model. */
  static readonly format: string = 'cauda.kmeans';

  /** The cluster of each row of X, always equal to `predict(X)`. */
  readonly labels: Int32Array;
  /**
   * Σ w ‖x − c‖² over the rows of X; with `metric: 'cosine'` Σ w (1 − cos), and with `missing` the cost that was
   * asked for.
   */
  readonly inertia: number;
  /** Iterations of the best run. */
  readonly nIter: number;
  /** Whether the best run stopped before `maxIter`. */
  readonly converged: boolean;
  /** Rows of each cluster; those of weight 0 are not counted. */
  readonly sizes: Int32Array;
  /** Each cluster's part of the inertia. */
  readonly inertias: Float64Array;
  /** The largest distance of a row of each cluster to its center, as `transform` measures it; 0 without rows. */
  readonly radii: Float64Array;

  /** Takes the parts as they are; for `kmeans` and `fromJSON`. */
  constructor(
    parts: ClusterStatistics & {
      centers: Matrix;
      labels: Int32Array;
      inertia: number;
      nIter: number;
      converged: boolean;
      metric: Metric;
      missing: Missing | undefined;
    },
  ) {
    super('KMeansModel', parts.centers, parts.metric, parts.missing);
    this.labels = parts.labels;
    this.inertia = parts.inertia;
    this.nIter = parts.nIter;
    this.converged = parts.converged;
    this.sizes = parts.sizes;
    this.inertias = parts.inertias;
    this.radii = parts.radii;
    Object.freeze(this);
  }

  /** The model as plain data. */
  toJSON(): Saved & Record<string, unknown> {
    return {
      format: KMeansModel.format,
      version: VERSION,
      centers: saveMatrix(this.centers),
      labels: saveArray(this.labels),
      inertia: this.inertia,
      nIter: this.nIter,
      converged: this.converged,
      metric: this.metric,
      missing: this.missing ?? null,
      ...saveStatistics(this),
    };
  }

  /**
   * Reads what `toJSON` saved.
   * @returns the same model, to the bit
   * @throws TypeError or RangeError for anything else, naming the field
   */
  static fromJSON(value: unknown): KMeansModel {
    const saved = new SavedReader('KMeansModel.fromJSON', value, KMeansModel.format, VERSION);
    const centers = saved.matrix('centers');
    return new KMeansModel({
      centers,
      labels: readLabels(saved, centers.rows),
      inertia: saved.number('inertia', 0),
      nIter: saved.number('nIter', 1, Infinity, true),
      converged: saved.flag('converged'),
      metric: saved.choice('metric', ['euclidean', 'cosine']),
      missing: readMissing(saved),
      ...readStatistics(saved, centers.rows),
    });
  }
}

/** The field `missing` of a saved model. */
function readMissing(saved: SavedReader): Missing | undefined {
  const missing = saved.field('missing') as Missing | null;
  if (missing === null) return undefined;
  if (missing === 'observed') return missing;
  const { prior, variance } = (missing ?? {}) as { prior?: unknown; variance?: unknown };
  if (prior !== 'gaussian' || !(typeof variance === 'number' && variance >= 0 && variance < Infinity))
    saved.fail('missing', 'null, "observed" or { prior: "gaussian", variance ≥ 0 }');
  return Object.freeze({ prior: 'gaussian' as const, variance: variance as number });
}

/** The field `labels` of a saved model: integers in [0, k). */
export function readLabels(saved: SavedReader, k: number): Int32Array {
  const labels = saved.integers('labels');
  if (!labels.every((label) => label >= 0 && label < k))
    saved.fail('labels', `an array of integers in [0, ${k - 1}]`);
  return labels;
}

/** The statistics as fields of a saved model. */
export function saveStatistics(statistics: ClusterStatistics): Record<keyof ClusterStatistics, SavedArray> {
  const { sizes, inertias, radii } = statistics;
  return { sizes: saveArray(sizes), inertias: saveArray(inertias), radii: saveArray(radii) };
}

/** The fields that `saveStatistics` made, for k clusters. */
export function readStatistics(saved: SavedReader, k: number): ClusterStatistics {
  const sizes = saved.integers('sizes', k);
  if (!sizes.every((size) => size >= 0)) saved.fail('sizes', `an array of ${k} integers ≥ 0`);
  return {
    sizes,
    inertias: readMagnitudes(saved, 'inertias', k),
    radii: readMagnitudes(saved, 'radii', k),
  };
}

/** A field of k numbers ≥ 0. */
export function readMagnitudes(saved: SavedReader, name: string, k: number): Float64Array {
  const values = saved.numbers(name, k);
  if (!values.every((value) => value >= 0)) saved.fail(name, `an array of ${k} numbers ≥ 0`);
  return values;
}
