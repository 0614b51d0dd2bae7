import { bytesOf, type Kernels, roundUp } from '../kernels/kernels.ts';
import type { Host, Program, ShardRows } from '../parallel/program.ts';
import { Assigner, BLOCK } from './assigner.ts';
import { type KernelCenters, type Layout, layRows } from './layout.ts';

/** What a thread needs to know before it takes rows. */
export interface LloydConfig {
  readonly nClusters: number;
  /** Most candidates that `seedTry` gets at once. */
  readonly trials: number;
  readonly layout: Layout;
}

/** The steps of K-means over shards; see `statistics` for what `assign` returns. */
export type LloydSteps = {
  /** Σ x and the count of observed entries of each column: 2d. */
  columnSums: { params: null; result: Float64Array };
  /** Σ (x − m)² of each column around the given m, and Σ w ‖x‖² of the rows: d + 1. */
  columnSquares: { params: Float64Array; result: Float64Array };
  /** Forgets labels and sums, for a new run. */
  begin: { params: null; result: Float64Array };
  assign: { params: KernelCenters; result: Float64Array };
  /** Labels for these centers, without sums; the inertia: 1. */
  finish: { params: KernelCenters; result: Float64Array };
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
  const [changed, score] = sum.subarray(k * stride + 2 * k);
  return { sums, weights, counts, changed: changed!, score: score! };
}

export interface Statistics {
  /** Σ w x of each cluster, K × stride. */
  readonly sums: Float64Array;
  /** Σ w of each cluster. */
  readonly weights: Float64Array;
  /** Rows of positive weight in each cluster. */
  readonly counts: Float64Array;
  /** Rows whose label changed. */
  readonly changed: number;
  /** Σ w (½‖c‖² − x·c), half the inertia less ½ Σ w ‖x‖². */
  readonly score: number;
}

interface Shard {
  /** Pointer to the rows in the layout, and zero rows up to a multiple of 4. */
  readonly x: number;
  readonly n: number;
  readonly norms: Float64Array;
  readonly first: number;
  readonly index: number;
  readonly weights: Float64Array | undefined;
  /** Label of each row, −1 before the first assignment. */
  readonly labels: Int32Array;
  /** Pointer to Σ w x of each cluster, float64, K × stride. */
  readonly sums: number;
  readonly clusterWeights: Float64Array;
  readonly clusterCounts: Float64Array;
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

  constructor(kernels: Kernels, config: LloydConfig) {
    this.#kernels = kernels;
    this.#config = config;
    const { nClusters, trials, layout } = config;
    this.#assigner = new Assigner(kernels, nClusters, Math.max(nClusters, trials), layout);
  }

  load({ data, n, first, index, columns }: ShardRows): Shard {
    const kernels = this.#kernels;
    const { nClusters, trials, layout } = this.#config;
    const x = kernels.zeros(roundUp(n, 4) * layout.stride * bytesOf(layout.precision));
    layRows(data, 0, n, layout, kernels.floats(layout.precision, x, n * layout.stride));
    return {
      x,
      n,
      norms: this.#assigner.norms(x, n),
      first,
      index,
      weights: columns.sampleWeight as Float64Array | undefined,
      labels: new Int32Array(n),
      sums: kernels.zeros(nClusters * layout.stride * 8),
      clusterWeights: new Float64Array(nClusters),
      clusterCounts: new Float64Array(nClusters),
      closest: new Float64Array(n),
      tried: new Float64Array(n * trials),
    };
  }

  readonly steps: Host<Shard, LloydSteps>['steps'] = {
    columnSums: () => (shard) => {
      const { d, width, masked } = this.#config.layout;
      const sums = new Float64Array(2 * d);
      this.#eachRow(shard, (row) => {
        for (let j = 0; j < d; j++) {
          sums[j]! += row[j]!;
          sums[d + j]! += masked ? row[width + j]! : 1;
        }
      });
      return sums;
    },

    columnSquares: (means) => (shard) => {
      const { d, width, masked } = this.#config.layout;
      const squares = new Float64Array(d + 1);
      this.#eachRow(shard, (row, i) => {
        let norm = 0;
        for (let j = 0; j < d; j++) {
          if (masked && row[width + j] === 0) continue;
          const value = row[j]!;
          const moved = value - means[j]!;
          squares[j]! += moved * moved;
          norm += value * value;
        }
        squares[d]! += norm * (shard.weights ? shard.weights[i]! : 1);
      });
      return squares;
    },

    begin: () => (shard) => {
      shard.labels.fill(-1);
      this.#sums(shard).fill(0);
      shard.clusterWeights.fill(0);
      shard.clusterCounts.fill(0);
      return new Float64Array(1);
    },

    assign: (centers) => {
      this.#assigner.put(centers);
      return (shard) => {
        const { nClusters: k, layout } = this.#config;
        let changed = 0;
        let score = 0;
        this.#eachBlock(shard, (from, x, norms) => {
          const { labels, scores } = this.#assigner.assign(x, norms.length, norms);
          for (let i = 0; i < norms.length; i++) {
            score += (shard.weights ? shard.weights[from + i]! : 1) * scores[i]!;
            if (shard.labels[from + i] === labels[i]) continue;
            changed++;
            this.#move(shard, from + i, labels[i]!);
          }
        });
        const result = new Float64Array(k * layout.stride + 2 * k + 2);
        result.set(this.#sums(shard));
        result.set(shard.clusterWeights, k * layout.stride);
        result.set(shard.clusterCounts, k * layout.stride + k);
        result.set([changed, score], k * layout.stride + 2 * k);
        return result;
      };
    },

    finish: (centers) => {
      this.#assigner.put(centers);
      return (shard) => {
        let inertia = 0;
        this.#eachBlock(shard, (from, x, norms) => {
          const { labels } = this.#assigner.assign(x, norms.length, norms);
          shard.labels.set(labels, from);
          const distances = this.#assigner.ownDistances(x, labels);
          for (let i = 0; i < distances.length; i++)
            inertia += (shard.weights ? shard.weights[from + i]! : 1) * distances[i]!;
        });
        return Float64Array.of(inertia);
      };
    },

    labels: () => (shard) => shard.labels.slice(),

    farthest: ({ centers, count }) => {
      this.#assigner.put(centers);
      return (shard) => {
        const pairs: [distance: number, row: number][] = [];
        this.#eachBlock(shard, (from, x, { length }) => {
          const labels = shard.labels.subarray(from, from + length);
          this.#assigner.ownDistances(x, labels).forEach((distance, i) => {
            if (shard.weights?.[from + i] !== 0) pairs.push([distance, shard.first + from + i]);
          });
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
        this.#eachBlock(shard, (from, x, { length }) => {
          const distances = this.#assigner.distances(x, length, count);
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
        for (let i = 0; i < shard.n; i++) {
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
        for (let i = 0; i < shard.n; i++) {
          const step = weightedClosest(shard, i);
          if (step > 0) last = i;
          sum += step;
          if (sum > target) break;
        }
        return shard.first + last;
      });
    },
  };

  #sums({ sums }: Shard): Float64Array {
    const { nClusters, layout } = this.#config;
    return this.#kernels.f64(sums, nClusters * layout.stride);
  }

  #eachRow({ x, n }: Shard, visit: (row: Float64Array | Float32Array, index: number) => void): void {
    const { precision, stride } = this.#config.layout;
    const rows = this.#kernels.floats(precision, x, n * stride);
    for (let i = 0; i < n; i++) visit(rows.subarray(i * stride, (i + 1) * stride), i);
  }

  #rowPointer({ x }: Shard, row: number): number {
    const { precision, stride } = this.#config.layout;
    return x + row * stride * bytesOf(precision);
  }

  /** Visits block after block: its first row, where it lies and the norms of its rows. */
  #eachBlock(shard: Shard, visit: (from: number, x: number, norms: Float64Array) => void): void {
    for (let from = 0; from < shard.n; from += BLOCK)
      visit(from, this.#rowPointer(shard, from), shard.norms.subarray(from, from + BLOCK));
  }

  /** Takes a row out of its old cluster's sums and into the new one's. */
  #move(shard: Shard, row: number, label: number): void {
    const old = shard.labels[row]!;
    shard.labels[row] = label;
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
    const { precision, stride } = this.#config.layout;
    const add = precision === 'F64' ? this.#kernels.run.addRowF64 : this.#kernels.run.addRowF32;
    add(shard.sums + label * stride * 8, this.#rowPointer(shard, row), stride, weight);
    shard.clusterWeights[label]! += weight;
  }
}

/** Order of (distance², row) pairs: the furthest first, the lower row first in a tie. */
export function furthestFirst(a: readonly [number, number], b: readonly [number, number]): number {
  return b[0] - a[0] || a[1] - b[1];
}

function weightedClosest(shard: Shard, row: number): number {
  return (shard.weights ? shard.weights[row]! : 1) * shard.closest[row]!;
}
