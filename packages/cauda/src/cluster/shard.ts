import type { Kernels } from '../kernels/kernels.ts';
import type { FloatArray } from '../matrix.ts';
import type { Host, Program, ShardRows } from '../parallel/program.ts';
import { Assigner } from './assigner.ts';
import { Bounds, Displacements } from './bounds.ts';
import type { KernelCenters, Layout } from './layout.ts';
import type { Plan } from './plan.ts';
import { BLOCK, DenseForm, type Rows, SparseForm } from './rows.ts';

/** What a thread needs to know before it takes rows. */
export interface LloydConfig {
  readonly nClusters: number;
  /** Most candidates that `seedTry` gets at once. */
  readonly trials: number;
  readonly layout: Layout;
  /** How the rows are kept; the labels do not depend on it. */
  readonly plan: Plan;
}

/** The steps of K-means over shards; see `statistics` for what `assign` returns. */
export type LloydSteps = {
  /** Of the columns: Σ (x − shift), Σ (x − shift)² and the observed entries; then Σ w square of the rows: 3d + 1. */
  moments: { params: null; result: Float64Array };
  /** Forgets labels and sums, for a new run. */
  begin: { params: null; result: Float64Array };
  assign: { params: KernelCenters; result: Float64Array };
  /** Labels for these centers, without sums; the inertia, then that of each cluster, then their rows: 1 + 2K. */
  finish: { params: KernelCenters; result: Float64Array };
  /** After `finish`, the largest squared distance of a row of each cluster to its center: K. */
  radii: { params: null; result: Float64Array };
  labels: { params: null; result: Int32Array };
  /** The `count` rows furthest from their centers, as (distance², row) pairs, the furthest first. */
  farthest: { params: { centers: KernelCenters; count: number }; result: Float64Array };
  /** Forgets the seeding's distances. */
  seedBegin: { params: null; result: Float64Array };
  /** The potential Σ w min(closest, ‖x − c‖²) that each candidate would leave. */
  seedTry: { params: KernelCenters; result: Float64Array };
  /** Takes candidate number `chosen` of the `count` last tried; the shard's potential: 1. */
  seedAccept: { params: { chosen: number; count: number }; result: Float64Array };
  /** The rows at which the shard's running sum of w × closest passes its targets, one list of them a shard. */
  seedPick: { params: readonly (readonly number[])[]; result: Int32Array };
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

interface Shard {
  readonly rows: Rows;
  readonly bounds: Bounds;
  readonly first: number;
  readonly index: number;
  readonly weights: Float64Array | undefined;
  /** What belongs to each squared distance besides, with a prior for missing entries. */
  readonly expected: Float64Array | undefined;
  readonly observed: Float64Array | undefined;
  /** Pointer to the label of each row, i32, −1 before the first assignment. */
  readonly labels: number;
  /** Pointer to the sums of each cluster, float64, K × stride. */
  readonly sums: number;
  readonly clusterWeights: Float64Array;
  readonly clusterCounts: Float64Array;
  readonly radii: Float64Array;
  readonly closest: Float64Array;
  /** Distances to the candidates last tried, n × trials. */
  readonly tried: Float64Array;
}

/** K-means over the rows of one thread: `cluster/lloyd.ts` and `cluster/init.ts` lead it. */
export const lloydProgram: Program<LloydConfig, Shard, LloydSteps> = {
  name: 'lloyd',
  open: (kernels, config) => new LloydHost(kernels, config),
};

class LloydHost implements Host<Shard, LloydSteps> {
  readonly #kernels: Kernels;
  readonly #config: LloydConfig;
  readonly #assigner: Assigner;
  readonly #displacements: Displacements;

  constructor(kernels: Kernels, config: LloydConfig) {
    const { nClusters, trials, layout, plan } = config;
    const room = Math.max(nClusters, trials);
    this.#kernels = kernels;
    this.#config = config;
    const form = new (plan.sparse ? SparseForm : DenseForm)(kernels, layout, room, plan.origin);
    this.#assigner = new Assigner(kernels, layout, form, room);
    this.#displacements = new Displacements(kernels, layout, nClusters);
  }

  load({ data, csr, n, d, first, index, columns }: ShardRows): Shard {
    const kernels = this.#kernels;
    const { nClusters, trials, layout } = this.#config;
    const labels = kernels.alloc(n * 4);
    const sums = kernels.alloc(nClusters * layout.stride * 8);
    const rows = this.#assigner.form.load(data, n, csr);
    return {
      rows,
      bounds: new Bounds(kernels, this.#displacements, rows, labels, nClusters),
      first,
      index,
      weights: columns.sampleWeight as Float64Array | undefined,
      expected: columns.expected as Float64Array | undefined,
      observed: layout.masked ? observedCounts(data, d) : undefined,
      labels,
      sums,
      clusterWeights: new Float64Array(nClusters),
      clusterCounts: new Float64Array(nClusters),
      radii: new Float64Array(nClusters),
      closest: new Float64Array(n),
      tried: new Float64Array(n * trials),
    };
  }

  readonly steps: Host<Shard, LloydSteps>['steps'] = {
    moments: () => (shard) => {
      const { layout, plan } = this.#config;
      const { n, squares } = shard.rows;
      const moments = new Float64Array(3 * layout.d + 1);
      moments.set(shard.rows.moments(plan.shift));
      moments.fill(n, 2 * layout.d, 3 * layout.d);
      if (shard.observed) moments.set(shard.observed, 2 * layout.d);
      this.#kernels.f64(squares, n).forEach((square, i) => {
        moments[3 * layout.d]! += (shard.weights ? shard.weights[i]! : 1) * square;
      });
      return moments;
    },

    begin: () => {
      this.#displacements.begin();
      return (shard) => {
        this.#labels(shard).fill(-1);
        this.#sums(shard).fill(0);
        shard.clusterWeights.fill(0);
        shard.clusterCounts.fill(0);
        shard.bounds.begin();
        return new Float64Array(1);
      };
    },

    assign: (centers) => {
      this.#put(centers);
      return (shard) => {
        const { nClusters: k, layout } = this.#config;
        const changed = this.#reassign(shard);
        const result = new Float64Array(k * layout.stride + 2 * k + 1);
        result.set(this.#sums(shard));
        result.set(shard.clusterWeights, k * layout.stride);
        result.set(shard.clusterCounts, k * layout.stride + k);
        result[k * layout.stride + 2 * k] = changed;
        return result;
      };
    },

    finish: (centers) => {
      this.#put(centers);
      return (shard) => {
        this.#reassign(shard);
        const { nClusters: k } = this.#config;
        const labels = this.#labels(shard);
        const { weights, expected, radii } = shard;
        const result = new Float64Array(1 + 2 * k);
        radii.fill(0);
        this.#eachOwnDistance(shard, (row, distance) => {
          const weight = weights ? weights[row]! : 1;
          if (weight === 0) return;
          const label = labels[row]!;
          const full = distance + (expected ? expected[row]! : 0);
          result[0]! += weight * distance;
          result[1 + label]! += weight * full;
          result[1 + k + label]!++;
          if (full > radii[label]!) radii[label] = full;
        });
        return result;
      };
    },

    radii: () => (shard) => shard.radii.slice(),

    labels: () => (shard) => this.#labels(shard).slice(),

    farthest: ({ centers, count }) => {
      this.#assigner.put(centers);
      return (shard) => {
        const pairs: [distance: number, row: number][] = [];
        this.#eachOwnDistance(shard, (row, distance) => {
          if (shard.weights?.[row] !== 0) pairs.push([distance, shard.first + row]);
        });
        pairs.sort(furthestFirst);
        return Float64Array.from(pairs.slice(0, count).flat());
      };
    },

    seedBegin: () => (shard) => {
      shard.closest.fill(Infinity);
      return new Float64Array(1);
    },

    seedTry: (candidates) => {
      this.#assigner.put(candidates);
      const count = candidates.half.length;
      return (shard) => {
        const potentials = new Float64Array(count);
        this.#eachBlock(shard, (from, length) => {
          const distances = this.#config.plan.sparse
            ? this.#assigner.quickDistances(shard.rows, from, length)
            : this.#assigner.distances(shard.rows, from, length);
          shard.tried.set(distances, from * count);
          for (let i = 0; i < length; i++) {
            const weight = shard.weights ? shard.weights[from + i]! : 1;
            const closest = shard.closest[from + i]!;
            if (weight === 0) continue;
            for (let c = 0; c < count; c++)
              potentials[c]! += weight * Math.min(closest, distances[i * count + c]!);
          }
        });
        return potentials;
      };
    },

    seedAccept:
      ({ chosen, count }) =>
      (shard) => {
        let potential = 0;
        for (let i = 0; i < shard.rows.n; i++) {
          const distance = shard.tried[i * count + chosen]!;
          if (distance < shard.closest[i]!) shard.closest[i] = distance;
          potential += weightedClosest(shard, i);
        }
        return Float64Array.of(potential);
      },

    seedPick: (targets) => (shard) => {
      return Int32Array.from(targets[shard.index]!, (target) => {
        let sum = 0;
        let last = 0;
        for (let i = 0; i < shard.rows.n; i++) {
          const step = weightedClosest(shard, i);
          if (step > 0) last = i;
          sum += step;
          if (sum > target) break;
        }
        return shard.first + last;
      });
    },
  };

  /** Takes new centers for the steps of an iteration, which also move the bounds along. */
  #put(centers: KernelCenters): void {
    this.#assigner.put(centers);
    this.#displacements.advance(this.#assigner);
  }

  /** Gives every row the label of its nearest center, keeping sums and bounds true; the number of changes. */
  #reassign(shard: Shard): number {
    const bounds = this.#config.plan.bounded ? shard.bounds.target : undefined;
    if (!bounds) shard.bounds.begin();
    const { list, count } = shard.bounds.open();
    let changed = 0;
    for (let from = 0; from < count; from += BLOCK) {
      const size = Math.min(BLOCK, count - from);
      const part = list + from * 4;
      padList(this.#kernels.i32(part, size + 3), size);
      const labels = this.#assigner.assign(shard.rows, part, size, bounds);
      const indices = this.#kernels.i32(part, size);
      const old = this.#labels(shard);
      for (let i = 0; i < size; i++) {
        const row = indices[i]!;
        if (old[row] === labels[i]) continue;
        changed++;
        this.#move(shard, row, old[row]!, labels[i]!);
        old[row] = labels[i]!;
      }
    }
    return changed;
  }

  #labels({ labels, rows }: Shard): Int32Array {
    return this.#kernels.i32(labels, rows.n);
  }

  #sums({ sums }: Shard): Float64Array {
    const { nClusters, layout } = this.#config;
    return this.#kernels.f64(sums, nClusters * layout.stride);
  }

  #eachBlock({ rows }: Shard, visit: (from: number, count: number) => void): void {
    for (let from = 0; from < rows.n; from += BLOCK) visit(from, Math.min(BLOCK, rows.n - from));
  }

  /** The squared distance of each row to the center of its label. */
  #eachOwnDistance(shard: Shard, visit: (row: number, distance: number) => void): void {
    this.#eachBlock(shard, (from, count) => {
      const labels = this.#labels(shard).subarray(from, from + count);
      const distances = this.#assigner.ownDistances(shard.rows, from, labels);
      for (let i = 0; i < count; i++) visit(from + i, distances[i]!);
    });
  }

  /** Takes a row out of its old cluster's sums and into the new one's. */
  #move(shard: Shard, row: number, old: number, label: number): void {
    const weight = shard.weights ? shard.weights[row]! : 1;
    if (weight === 0) return;
    this.#add(shard, row, label, weight);
    shard.clusterCounts[label]!++;
    if (old < 0) return;
    shard.clusterCounts[old]!--;
    if (shard.clusterCounts[old]! > 0) this.#add(shard, row, old, -weight);
    else {
      // nothing is left: drop what rounding would leave behind
      const { stride } = this.#config.layout;
      this.#sums(shard).fill(0, old * stride, (old + 1) * stride);
      shard.clusterWeights[old] = 0;
    }
  }

  #add(shard: Shard, row: number, label: number, weight: number): void {
    shard.rows.add(shard.sums + label * this.#config.layout.stride * 8, row, weight);
    shard.clusterWeights[label]! += weight;
  }
}

/** The kernels take rows by fours: the last one of a list is repeated into the room behind it. */
function padList(list: Int32Array, count: number): void {
  for (let i = count; i % 4 !== 0; i++) list[i] = list[count - 1]!;
}

/** How many entries of each column are observed. */
function observedCounts(data: FloatArray, d: number): Float64Array {
  const counts = new Float64Array(d);
  for (let i = 0; i < data.length; i++) if (!Number.isNaN(data[i])) counts[i % d]!++;
  return counts;
}

/** Order of (distance², row) pairs: the furthest first, the lower row first in a tie. */
export function furthestFirst(a: readonly [number, number], b: readonly [number, number]): number {
  return b[0] - a[0] || a[1] - b[1];
}

function weightedClosest(shard: Shard, row: number): number {
  return (shard.weights ? shard.weights[row]! : 1) * shard.closest[row]!;
}
