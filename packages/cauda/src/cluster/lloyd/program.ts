import { type Kernels, roundUp } from '../../kernels/kernels.ts';
import {
  type ShardHead,
  type ShardRows,
  type Visit,
  type WindowedHost,
  type WindowedProgram,
  windowedProgram,
} from '../../parallel/program.ts';
import { type SeedingSteps, ShardSeeding, seedingSteps } from '../seeding/steps.ts';
import { Assigner } from './assigner.ts';
import { Bounds, Displacements } from './bounds.ts';
import { DenseForm } from './denseForm.ts';
import { BLOCK, eachBlock, padList, ROW_TILE, type Window } from './form.ts';
import type { KernelCenters, Layout } from './layout.ts';
import type { Plan } from './plan.ts';
import { SparseForm } from './sparseForm.ts';

/** How many rows are compared in one call; a multiple of the tiles. */
const PART = 4096;

/** What a thread needs to know before it takes rows. */
export interface LloydConfig {
  readonly nClusters: number;
  /** The largest number of candidates that `seedTry` gets at once. */
  readonly trials: number;
  readonly layout: Layout;
  /** How the rows are kept; the labels do not depend on it. */
  readonly plan: Plan;
}

/** The steps of K-means over shards, besides those of its seeding; see `statistics` for what `assign` returns. */
export type LloydSteps = SeedingSteps & LloydOnly;

type LloydOnly = {
  /** Of the columns: Σ w (x − shift), Σ w (x − shift)² and Σ w of the observed entries; then Σ w square of the rows: 3d + 1. */
  moments: { params: null; result: Float64Array };
  /** Forgets labels and sums, for a new run. */
  begin: { params: null; result: Float64Array };
  assign: { params: KernelCenters; result: Float64Array };
  /** Labels the rows at these centers, without sums: the inertia, then each cluster's, then its rows; 1 + 2K. */
  finish: { params: KernelCenters; result: Float64Array };
  /** After `finish`, the largest squared distance of a row of each cluster to its center: K. */
  radii: { params: null; result: Float64Array };
  labels: { params: null; result: Int32Array };
  /** The `count` rows furthest from their centers, as (distance², row) pairs, the furthest first. */
  farthest: { params: { centers: KernelCenters; count: number }; result: Float64Array };
};

/** Where `assign`'s statistics lie in its result. */
export function statistics(sum: Float64Array, k: number, stride: number): Statistics {
  const sums = sum.subarray(0, k * stride);
  const weights = sum.subarray(k * stride, k * stride + k);
  const counts = sum.subarray(k * stride + k, k * stride + 2 * k);
  return { sums, weights, counts, changed: sum[k * stride + 2 * k]! };
}

export interface Statistics {
  /** Σ w (x − origin) of each cluster, K × stride; with masked rows Σ w x and Σ w m. */
  readonly sums: Float64Array;
  /** Σ w of each cluster. */
  readonly weights: Float64Array;
  /** Rows of positive weight in each cluster. */
  readonly counts: Float64Array;
  /** Rows whose label changed. */
  readonly changed: number;
}

/** What is kept of a shard. */
interface Shard {
  readonly n: number;
  /** With `plan.search` 'bounds'. */
  readonly bounds: Bounds | undefined;
  /** Index of the shard's first row among all rows. */
  readonly first: number;
  readonly weights: Float64Array | undefined;
  /** Pointer to a copy of the weights, 0 where there are none. */
  readonly weight: number;
  /** What is added to each row's squared distances, with a prior for missing entries. */
  readonly expected: Float64Array | undefined;
  /** Pointer to the label of each row, i32, −1 before the first assignment. */
  readonly labels: number;
  /** Pointer to what `assign` returns, float64; see `statistics`. */
  readonly stats: number;
  readonly radii: Float64Array;
  readonly seeding: ShardSeeding;
}

/** K-means over the rows of one thread: `lloyd` and `seed` lead it. */
export const lloydProgram: WindowedProgram<LloydConfig, Shard, Window, LloydSteps> = windowedProgram<
  LloydConfig,
  Shard,
  Window,
  LloydSteps
>('lloyd', (kernels, config) => new LloydHost(kernels, config));

class LloydHost implements WindowedHost<Shard, Window, LloydSteps> {
  readonly #kernels: Kernels;
  readonly #config: LloydConfig;
  readonly #assigner: Assigner;
  readonly #displacements: Displacements | undefined;
  /** Pointers to room for the rows of a `PART` that change their label, and for the new labels. */
  readonly #list: number;
  readonly #fresh: number;
  readonly steps: WindowedHost<Shard, Window, LloydSteps>['steps'];

  constructor(kernels: Kernels, config: LloydConfig) {
    const { nClusters, trials, layout, plan } = config;
    const room = Math.max(nClusters, trials);
    this.#kernels = kernels;
    this.#config = config;
    const bounded = plan.search === 'bounds';
    const form = plan.sparse
      ? new SparseForm(kernels, layout, room, plan.origin, bounded)
      : new DenseForm(kernels, layout, room, plan.origin);
    this.#assigner = new Assigner(kernels, layout, form, room);
    this.#displacements = bounded ? new Displacements(kernels, layout, nClusters) : undefined;
    this.#list = kernels.alloc(PART * 4);
    this.#fresh = kernels.alloc(PART * 4);
    this.steps = {
      ...this.#lloydSteps,
      ...seedingSteps(this.#assigner, { trials, quick: plan.sparse }),
    };
  }

  keep(head: ShardHead): Shard {
    const { n, first, columns } = head;
    const kernels = this.#kernels;
    const { nClusters } = this.#config;
    const weights = columns.sampleWeight as Float64Array | undefined;
    const labels = kernels.alloc(roundUp(n, ROW_TILE) * 4);
    const stats = kernels.alloc(this.#statsLength * 8);
    return {
      n,
      bounds: this.#displacements && new Bounds(kernels, this.#displacements, n, labels, nClusters),
      first,
      weights,
      weight: weights ? kernels.put(weights) : 0,
      expected: columns.expected as Float64Array | undefined,
      labels,
      stats,
      radii: new Float64Array(nClusters),
      seeding: new ShardSeeding(head),
    };
  }

  lay(_: Shard, { data, csr, n }: Pick<ShardRows, 'data' | 'csr' | 'n'>, from: number): Window {
    return { rows: this.#assigner.form.load(data, n, csr), from };
  }

  readonly #lloydSteps: WindowedHost<Shard, Window, LloydOnly>['steps'] = {
    moments: () => (shard) => {
      const { layout, plan } = this.#config;
      const moments = new Float64Array(3 * layout.d + 1);
      return {
        rows: ({ rows, from }) => {
          rows.addMoments(plan.shift, moments, shard.weights?.subarray(from, from + rows.n));
          this.#kernels.f64(rows.squares, rows.n).forEach((square, i) => {
            const weight = weightOf(shard, from + i);
            if (weight !== 0) moments[3 * layout.d]! += weight * square;
          });
        },
        result: () => moments,
      };
    },

    begin: () => {
      this.#displacements?.begin();
      return only((shard) => {
        shard.seeding.forget();
        this.#labels(shard).fill(-1);
        this.#stats(shard).fill(0);
        shard.bounds?.begin();
        return new Float64Array(1);
      });
    },

    assign: (centers) => {
      this.#put(centers);
      return (shard) => {
        let changed = 0;
        return {
          rows: (window) => {
            changed += this.#reassign(shard, window);
          },
          result: () => {
            const stats = this.#stats(shard);
            stats[stats.length - 1] = changed;
            return stats;
          },
        };
      };
    },

    finish: (centers) => {
      this.#put(centers);
      return (shard) => {
        const { nClusters: k } = this.#config;
        const { expected, radii } = shard;
        const result = new Float64Array(1 + 2 * k);
        radii.fill(0);
        return {
          rows: (window) => {
            this.#reassign(shard, window);
            const labels = this.#labels(shard);
            this.#eachOwnDistance(shard, window, (row, distance) => {
              const weight = weightOf(shard, row);
              if (weight === 0) return;
              const label = labels[row]!;
              const full = distance + (expected ? expected[row]! : 0);
              result[0]! += weight * distance;
              result[1 + label]! += weight * full;
              result[1 + k + label]!++;
              if (full > radii[label]!) radii[label] = full;
            });
          },
          result: () => result,
        };
      };
    },

    radii: () => only((shard) => shard.radii.slice()),

    labels: () => only((shard) => this.#labels(shard).slice()),

    farthest: ({ centers, count }) => {
      this.#assigner.put(centers);
      return (shard) => {
        let farthest: [distance: number, row: number][] = [];
        return {
          rows: (window) => {
            this.#eachOwnDistance(shard, window, (row, distance) => {
              if (weightOf(shard, row) !== 0) farthest.push([distance, shard.first + row]);
            });
            farthest = farthest.sort(furthestFirst).slice(0, count);
          },
          result: () => Float64Array.from(farthest.flat()),
        };
      };
    },
  };

  /** Takes the centers of the next iteration, and notes for the bounds how far they have moved. */
  #put(centers: KernelCenters): void {
    this.#assigner.put(centers);
    this.#displacements?.advance(this.#assigner);
  }

  /**
   * Gives every row the label of its nearest center, keeping sums and bounds true.
   * @returns how many labels changed
   */
  #reassign(shard: Shard, window: Window): number {
    if (this.#config.plan.search === 'differences') return this.#reassignByDifferences(shard, window);
    const open = shard.bounds?.open();
    const count = open?.count ?? window.rows.n;
    let changed = 0;
    for (let from = 0; from < count; from += BLOCK) {
      const size = Math.min(BLOCK, count - from);
      const part = open ? open.list + from * 4 : this.#assigner.range(from, size);
      padList(this.#kernels.i32(part, size + 3), size);
      this.#assigner.assign(window.rows, part, size, shard.bounds?.target);
      changed += this.#move(shard, window, part, size, this.#assigner.labels);
    }
    return changed;
  }

  #reassignByDifferences(shard: Shard, window: Window): number {
    const { rows } = window;
    let changed = 0;
    for (let from = 0; from < rows.n; from += PART) {
      const size = Math.min(PART, rows.n - from);
      const label = shard.labels + (window.from + from) * 4;
      const count = this.#assigner.changed(rows, from, size, label, this.#list, this.#fresh);
      if (from > 0) {
        const list = this.#kernels.i32(this.#list, count);
        for (let i = 0; i < count; i++) list[i]! += from;
      }
      changed += this.#move(shard, window, this.#list, count, this.#fresh);
    }
    return changed;
  }

  /**
   * Gives the window's listed rows their new labels.
   * @returns how many of them changed
   */
  #move(
    { labels, weight, stats }: Shard,
    window: Window,
    list: number,
    count: number,
    fresh: number,
  ): number {
    const { rows, from } = window;
    const { nClusters } = this.#config;
    return rows.move(list, count, fresh, labels + from * 4, weight && weight + from * 8, nClusters, stats);
  }

  #labels({ labels, n }: Shard): Int32Array {
    return this.#kernels.i32(labels, n);
  }

  #stats({ stats }: Shard): Float64Array {
    return this.#kernels.f64(stats, this.#statsLength);
  }

  get #statsLength(): number {
    const { nClusters, layout } = this.#config;
    return nClusters * (layout.stride + 2) + 1;
  }

  /** Visits each row of the window with its squared distance to the center of its label. */
  #eachOwnDistance(shard: Shard, window: Window, visit: (row: number, distance: number) => void): void {
    eachBlock(window, (from, count) => {
      const first = window.from + from;
      const labels = this.#labels(shard).subarray(first, first + count);
      const distances = this.#assigner.ownDistances(window.rows, from, labels);
      for (let i = 0; i < count; i++) visit(first + i, distances[i]!);
    });
  }
}

/** A step that needs what is kept of a shard, but not its rows. */
function only<Result>(result: (shard: Shard) => Result): (shard: Shard) => Visit<Window, Result> {
  return (shard) => ({ result: () => result(shard) });
}

/** Order of (distance², row) pairs: the furthest first, the lower row first in a tie. */
export function furthestFirst(a: readonly [number, number], b: readonly [number, number]): number {
  return b[0] - a[0] || a[1] - b[1];
}

function weightOf({ weights }: Shard, row: number): number {
  return weights ? weights[row]! : 1;
}
