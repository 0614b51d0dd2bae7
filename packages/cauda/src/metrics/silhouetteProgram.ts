import {
  bytesOf,
  type Kernels,
  type Precision,
  precisionOf,
  putPadded,
  roundUp,
} from '../kernels/kernels.ts';
import type { FloatArray } from '../matrix.ts';
import type { Host, Program, ShardRows } from '../parallel/program.ts';

/** The distance of two rows: the root of Σ (x − y)², Σ |x − y|, or 1 − the cosine of the angle between them. */
export type SilhouetteMetric = 'euclidean' | 'manhattan' | 'cosine';

/** For the metric "cosine" the rows have length 1. */
export interface SilhouetteConfig {
  readonly metric: SilhouetteMetric;
  /** Clusters of each grouping, and the rows in each. */
  readonly sizes: readonly Int32Array[];
}

/** A shard comes with the column `own`: the cluster of each row in each grouping. */
export type SilhouetteSteps = {
  /** Adds the distances to some other rows, in their order; `of` names the cluster of each of them in each grouping. */
  compare: { params: { data: FloatArray; of: Int32Array }; result: Float64Array };
  /** The silhouette of each row in each grouping. */
  finish: { params: null; result: Float64Array };
};

interface Shard {
  readonly n: number;
  /** Pointer to the rows. */
  readonly x: number;
  readonly own: Int32Array;
  /** The sums of the distances to the rows of each cluster, n × clusters, for each grouping. */
  readonly sums: readonly Float64Array[];
}

/** How many rows are compared at a time: their distances to as many others stay in the cache. */
const BLOCK = 64;

/** Distances between all pairs of rows, each thread taking its own rows' part of them. */
export const silhouetteProgram: Program<SilhouetteConfig, Shard, SilhouetteSteps> = {
  name: 'silhouette',
  open: (kernels, config) => new SilhouetteHost(kernels, config),
};

class SilhouetteHost implements Host<Shard, SilhouetteSteps> {
  readonly #kernels: Kernels;
  readonly #config: SilhouetteConfig;
  readonly #out: number;
  #cols = 0;

  constructor(kernels: Kernels, config: SilhouetteConfig) {
    this.#kernels = kernels;
    this.#config = config;
    this.#out = kernels.alloc(BLOCK * BLOCK * 8);
  }

  load({ data, n, d, columns }: ShardRows): Shard {
    this.#cols = d;
    return {
      n,
      x: putPadded(this.#kernels, data, n, d, roundUp(d, 4)),
      own: columns.own as Int32Array,
      sums: this.#config.sizes.map(({ length }) => new Float64Array(n * length)),
    };
  }

  readonly steps: Host<Shard, SilhouetteSteps>['steps'] = {
    compare:
      ({ data, of }) =>
      (shard) => {
        const kernels = this.#kernels;
        const { sizes } = this.#config;
        const stride = roundUp(this.#cols, 4);
        const precision = precisionOf(data);
        const rowBytes = stride * bytesOf(precision);
        const others = data.length / this.#cols;
        const mark = kernels.mark();
        const y = putPadded(kernels, data, others, this.#cols, stride);
        for (let from = 0; from < shard.n; from += BLOCK) {
          const count = Math.min(BLOCK, shard.n - from);
          for (let other = 0; other < others; other += BLOCK) {
            const compared = Math.min(BLOCK, others - other);
            const [rows, against] = [shard.x + from * rowBytes, y + other * rowBytes];
            this.#measure(precision, rows, count, against, compared);
            const distances = kernels.f64(this.#out, count * compared);
            sizes.forEach(({ length }, g) => {
              const sums = shard.sums[g]!;
              for (let i = 0; i < count; i++) {
                const row = (from + i) * length;
                for (let j = 0; j < compared; j++)
                  sums[row + of[(other + j) * sizes.length + g]!]! += distances[i * compared + j]!;
              }
            });
          }
        }
        kernels.release(mark);
        return new Float64Array(1);
      },

    finish: () => (shard) => {
      const { sizes } = this.#config;
      return Float64Array.from({ length: shard.n * sizes.length }, (_, at) => {
        const g = at % sizes.length;
        return silhouette(shard.sums[g]!, Math.floor(at / sizes.length), sizes[g]!, shard.own[at]!);
      });
    },
  };

  /** Writes the distances of `count` rows to `compared` others, count × compared, to where `#out` points. */
  #measure(precision: Precision, rows: number, count: number, others: number, compared: number): void {
    const { run } = this.#kernels;
    const { metric } = this.#config;
    const stride = roundUp(this.#cols, 4);
    const squared = (): Float64Array => {
      run[`distances${precision}`](rows, count, stride, stride, 0, others, compared, this.#out);
      return this.#kernels.f64(this.#out, count * compared);
    };
    switch (metric) {
      case 'manhattan':
        run[`manhattan${precision}`](rows, count, stride, others, compared, this.#out);
        return;
      case 'euclidean': {
        const distances = squared();
        for (let i = 0; i < distances.length; i++) distances[i] = Math.sqrt(distances[i]!);
        return;
      }
      case 'cosine': {
        const distances = squared(); // between directions: ‖x − y‖² = 2 (1 − cos)
        for (let i = 0; i < distances.length; i++) distances[i] = 0.5 * distances[i]!;
        return;
      }
      default:
        metric satisfies never;
    }
  }
}

/** The silhouette of a row of the cluster `own`; its row of `sums` holds the sum of its distances to each cluster. */
function silhouette(sums: Float64Array, row: number, sizes: Int32Array, own: number): number {
  if (sizes[own] === 1) return 0;
  const at = row * sizes.length;
  let nearest = Infinity;
  for (let g = 0; g < sizes.length; g++)
    if (g !== own) nearest = Math.min(nearest, sums[at + g]! / sizes[g]!);
  const within = sums[at + own]! / (sizes[own]! - 1);
  const larger = Math.max(within, nearest);
  return larger > 0 ? (nearest - within) / larger : 0;
}
