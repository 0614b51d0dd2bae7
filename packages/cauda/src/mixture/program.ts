import { log } from '../kernels/elementary.ts';
import { bytesOf, type Kernels, roundUp } from '../kernels/kernels.ts';
import type { Host, Program, ShardRows } from '../parallel/program.ts';
import { BLOCK, Density, type DensityParameters, type MixtureShape, shiftRows, WIDTH } from './density.ts';
import { distinct, isDense, secondLength } from './shape.ts';

/** What the program's threads know from the start. */
export interface EmConfig extends MixtureShape {
  /** Subtracted from every row before it is stored, so that float32 keeps its digits far from 0. */
  readonly origin: Float64Array;
  /** See `negligible`. */
  readonly cutoff: number;
}

/**
 * The log-ratio to the best component below which a responsibility is skipped: r < 2^−56 / n. All n rows together
 * then take less than 2^−56 from a component's Σ r (in units of the mean weight): less than half an ulp of a Σ r of
 * 1/8 or more, and less than 1 % of the 10 ε that is added to every Σ r. The sum of a row's exponentials loses less
 * than K 2^−56 / n of a value ≥ 1.
 */
export function negligible(n: number): number {
  return -(56 * Math.LN2 + log(n));
}

/** Responsibilities to start from: one label a row (−1 for none), or nSamples × nComponents values. */
export type StartResponsibilities = { readonly labels: Int32Array } | { readonly dense: Float64Array };

export type EmSteps = {
  /** E-step and moments around the means, summed over the rows. */
  em: { params: DensityParameters; result: Float64Array };
  /** Moments of given responsibilities around the means. */
  start: { params: { means: Float64Array; from: StartResponsibilities }; result: Float64Array };
};

interface EmShard {
  readonly n: number;
  readonly first: number;
  /** Pointers to the rows, in the kernels' precision, and to their float64 weights. */
  readonly x: number;
  readonly weights: number;
}

/** EM's work on the rows; a step's sum is [Σ w log p(x), Σ w, Σ r, first moments, second moments]. */
export const emProgram: Program<EmConfig, EmShard, EmSteps> = { name: 'em', open };

function open(kernels: Kernels, config: EmConfig): Host<EmShard, EmSteps> {
  const { nComponents: k, precision, cutoff } = config;
  const density = new Density(kernels, config);
  const moments = new MomentSums(kernels, config, density);
  const rowBytes = density.stride * bytesOf(precision);

  /** Visits the shard block by block: `fill` writes the responsibilities and returns the block's Σ w log p(x). */
  function accumulate(shard: EmShard, fill: (x: number, from: number, n: number) => number): Float64Array {
    moments.clear();
    let logLikelihood = 0;
    for (let from = 0; from < shard.n; from += BLOCK) {
      const n = Math.min(BLOCK, shard.n - from);
      const x = shard.x + from * rowBytes;
      logLikelihood += fill(x, from, n);
      moments.add(x, shard.weights + from * 8, n);
    }
    return moments.result(logLikelihood, sum(kernels.f64(shard.weights, shard.n)));
  }

  return {
    load: (rows) => loadShard(kernels, rows, config),
    steps: {
      em(params) {
        density.set(params);
        return (shard) =>
          accumulate(shard, (x, from, n) => {
            density.evaluate(x, n, cutoff);
            return weightedSum(kernels.f64(density.logProb, n), kernels.f64(shard.weights + from * 8, n));
          });
      },
      start({ means, from: given }) {
        density.setMeans(means);
        return (shard) =>
          accumulate(shard, (_, from, n) => {
            const block = kernels.f64(density.responsibilities, k * WIDTH);
            const first = shard.first + from;
            if ('labels' in given) {
              block.fill(0);
              for (let i = 0; i < n; i++) {
                const label = given.labels[first + i]!;
                if (label >= 0) block[label * WIDTH + i] = 1;
              }
            } else
              for (let c = 0; c < k; c++)
                for (let i = 0; i < n; i++) block[c * WIDTH + i] = given.dense[(first + i) * k + c]!;
            return 0;
          });
      },
    },
  };
}

function loadShard(kernels: Kernels, rows: ShardRows, { origin, precision }: EmConfig): EmShard {
  const { data, n, d, first, columns } = rows;
  const stride = roundUp(d, 4);
  const size = roundUp(n, 8) * stride;
  const x = kernels.zeros(size * bytesOf(precision));
  const weights = kernels.put((columns.weights as Float64Array | undefined) ?? new Float64Array(n).fill(1));
  const view = kernels.floats(precision, x, size);
  shiftRows(data, 0, n, origin, stride, view);
  return { n, first, x, weights };
}

/** Sums of weighted moments over the blocks of one shard, in float64. */
class MomentSums {
  readonly #kernels: Kernels;
  readonly #config: EmConfig;
  readonly #density: Density;
  /** Elements of a panel's row: whole tiles of the kernel `gram`. */
  readonly #wide: number;
  readonly #list: number;
  readonly #kept: number;
  readonly #panel: number;
  readonly #sum: number;
  /** Pointers to float64 results: Σ r, K × stride first moments, wide × wide (or wide) second moments. */
  readonly #total: number;
  readonly #first: number;
  readonly #second: number;
  readonly #secondSize: number;

  constructor(kernels: Kernels, config: EmConfig, density: Density) {
    const { nComponents: k, covarianceType: type, precision } = config;
    const bytes = bytesOf(precision);
    const { stride } = density;
    this.#kernels = kernels;
    this.#config = config;
    this.#density = density;
    this.#wide = roundUp(stride, 32 / bytes);
    this.#secondSize = isDense(type) ? this.#wide * this.#wide : this.#wide;
    this.#list = kernels.alloc(BLOCK * 4);
    this.#kept = kernels.alloc(BLOCK * 8);
    this.#panel = kernels.zeros(PANEL * this.#wide * bytes);
    this.#sum = kernels.alloc(stride * bytes);
    this.#total = kernels.alloc(k * 8);
    this.#first = kernels.alloc(k * stride * 8);
    this.#second = kernels.alloc(distinct(type, k) * this.#secondSize * 8);
  }

  clear(): void {
    const { nComponents: k, covarianceType: type } = this.#config;
    this.#kernels.f64(this.#total, k).fill(0);
    this.#kernels.f64(this.#first, k * this.#density.stride).fill(0);
    this.#kernels.f64(this.#second, distinct(type, k) * this.#secondSize).fill(0);
  }

  /** Adds a block's rows with the density's responsibilities times the weights, around the density's means. */
  add(x: number, weights: number, n: number): void {
    const { nComponents: k, covarianceType: type, precision } = this.#config;
    const { run } = this.#kernels;
    const { stride, means, responsibilities } = this.#density;
    const bytes = bytesOf(precision);
    const gram = isDense(type) ? run[`gram${precision}`] : run[`gramDiag${precision}`];
    const weightedRows = run[`weightedRows${precision}`];
    const addRow = run[`addRow${precision}`];
    for (let c = 0; c < k; c++) {
      const r = responsibilities + c * WIDTH * 8;
      const count = run.selectRows(r, weights, n, this.#list, this.#kept, this.#total + c * 8);
      const second = this.#second + (type === 'tied' ? 0 : c * this.#secondSize * 8);
      for (let from = 0; from < count; from += PANEL) {
        const some = Math.min(PANEL, count - from);
        const list = this.#list + from * 4;
        const kept = this.#kept + from * 8;
        const mean = means + c * stride * bytes;
        this.#kernels.u8(this.#sum, stride * bytes).fill(0);
        weightedRows(x, stride, list, kept, some, mean, this.#panel, this.#wide, this.#sum);
        addRow(this.#first + c * stride * 8, this.#sum, stride, 1);
        gram(this.#panel, some, this.#wide, second);
      }
    }
  }

  /** A step's result; the second moments as `Moments` has them. */
  result(logLikelihood: number, weight: number): Float64Array {
    const { nComponents: k, nFeatures: d, covarianceType: type } = this.#config;
    const { stride } = this.#density;
    const wide = this.#wide;
    const out = new Float64Array(2 + k + k * d + secondLength(type, k, d));
    out[0] = logLikelihood;
    out[1] = weight;
    out.set(this.#kernels.f64(this.#total, k), 2);
    const first = this.#kernels.f64(this.#first, k * stride);
    for (let c = 0; c < k; c++) out.set(first.subarray(c * stride, c * stride + d), 2 + k + c * d);
    const second = this.#kernels.f64(this.#second, distinct(type, k) * this.#secondSize);
    let at = 2 + k + k * d;
    for (let from = 0; from < second.length; from += this.#secondSize)
      for (let i = 0; i < (isDense(type) ? d : 1); i++) {
        const row = second.subarray(from + i * wide + i, from + i * wide + d);
        out.set(row, at);
        at += row.length;
      }
    return out;
  }
}

/** Rows whose products are summed in the kernels' precision before they are added in float64. */
const PANEL = 128;

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

function weightedSum(values: Float64Array, weights: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]! * weights[i]!;
  return total;
}
