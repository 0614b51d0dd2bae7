import { bytesOf, type Kernels, roundUp } from '../../kernels/kernels.ts';
import {
  type ShardHead,
  type ShardRows,
  type Visit,
  type WindowedHost,
  type WindowedProgram,
  windowedProgram,
} from '../../parallel/program.ts';
import type { DensityParameters } from '../covariance/parameters.ts';
import type { CarryParameters } from './carry.ts';
import { BLOCK, Density, type MixtureShape, RESPONSIBILITY_PITCH, shiftRows } from './density.ts';
import { MomentSums } from './moments.ts';
import type { Plan } from './plan.ts';
import { Pruning, type Remembered } from './pruning.ts';
import { scatterOf } from './scatter.ts';
import { SettledMoments, type SettledShard } from './settled.ts';
import { sum, weightedSum } from './sums.ts';

/** What the program's threads know from the start. */
export interface EmConfig extends MixtureShape {
  /** Subtracted from every row before it is stored, so that float32 keeps its digits far from 0. */
  readonly origin: Float64Array;
  readonly plan: Plan;
}

/** Responsibilities to start from: one label a row (−1 for none), or nSamples × nComponents values. */
export type StartResponsibilities = { readonly labels: Int32Array } | { readonly dense: Float64Array };

export type EmSteps = {
  /** E-step and moments around the means, summed over the rows. */
  em: {
    params: {
      density: DensityParameters;
      /** See `negligible`. */
      cutoff: number;
      /** How to go on from what the rows remember; needed where the plan is not `forgetful`. */
      carry?: CarryParameters | undefined;
      /** Whether second moments are summed, or known otherwise: see `TiedScatter`. Defaults to true. */
      seconds?: boolean;
    };
    result: Float64Array;
  };
  /** [Σ w, Σ w x xᵀ] of the rows as they are stored, the products' upper half packed, in float64. */
  scatter: { params: undefined; result: Float64Array };
  /** Moments of given responsibilities around the means, the second ones if they are wanted. */
  start: {
    params: { means: Float64Array; from: StartResponsibilities; seconds: boolean };
    result: Float64Array;
  };
};

/** What is kept of a shard. */
interface EmShard {
  readonly n: number;
  readonly first: number;
  /** Pointer to the rows' weights, float64. */
  readonly weights: number;
  /** What the iteration before found, with `plan.pruned`; else the labels alone. */
  readonly remembered: Remembered;
  /** With `plan.settled`. */
  readonly settled: SettledShard | undefined;
}

/** Rows that are at hand, all of a shard in memory. */
interface EmWindow {
  readonly n: number;
  /** Index of the first one in the shard. */
  readonly from: number;
  /** Pointer to the rows, in the kernels' precision. */
  readonly x: number;
}

/** EM's work on the rows; a step's sum is [Σ w log p(x), Σ w, Σ r, first moments, second moments]. */
export const emProgram: WindowedProgram<EmConfig, EmShard, EmWindow, EmSteps> = windowedProgram<
  EmConfig,
  EmShard,
  EmWindow,
  EmSteps
>('em', open);

function open(kernels: Kernels, config: EmConfig): WindowedHost<EmShard, EmWindow, EmSteps> {
  const { nComponents: k, precision, origin, plan } = config;
  const density = new Density(kernels, config);
  const moments = new MomentSums(kernels, config, density);
  const pruning = new Pruning(kernels, config, density);
  const settled = plan.settled ? new SettledMoments(kernels, config, density) : undefined;
  const { stride } = density;
  const rowBytes = stride * bytesOf(precision);

  /**
   * Visits the shard block by block: `fill` writes the responsibilities and returns the block's Σ w log p(x). The sums
   * are those of the moments that are settled, if any, and of the others.
   */
  function accumulate(
    shard: EmShard,
    stay: SettledMoments | undefined,
    seconds: boolean,
    fill: (x: number, from: number, n: number) => number,
  ): Visit<EmWindow, Float64Array> {
    moments.clear();
    let logLikelihood = 0;
    return {
      rows(window) {
        for (let done = 0; done < window.n; done += BLOCK) {
          const n = Math.min(BLOCK, window.n - done);
          const x = window.x + done * rowBytes;
          const from = window.from + done;
          logLikelihood += fill(x, from, n);
          moments.add(x, shard.weights + from * 8, n, seconds);
        }
      },
      result() {
        const weight = sum(kernels.f64(shard.weights, shard.n));
        return moments.result(logLikelihood, weight, stay && { moments: stay, shard: shard.settled! });
      },
    };
  }

  return {
    keep({ n, first, columns }: ShardHead) {
      const given = columns.sampleWeight as Float64Array | undefined;
      return {
        n,
        first,
        weights: kernels.put(given ?? new Float64Array(n).fill(1)),
        remembered: plan.pruned ? pruning.open(n) : pruning.openLabels(n),
        settled: settled?.open(n),
      };
    },
    lay(shard, { data, n }: Pick<ShardRows, 'data' | 'n'>, from) {
      const size = roundUp(n, 8) * stride;
      const x = kernels.zeros(size * bytesOf(precision));
      const view = kernels.floats(precision, x, size);
      shiftRows(data, 0, n, origin, stride, view);
      if (plan.pruned) pruning.measure(shard.remembered, view, from, n, stride);
      return { n, from, x };
    },
    steps: {
      em({ density: parameters, cutoff, carry, seconds = true }) {
        density.set(parameters);
        if (carry) {
          pruning.set(carry);
          settled?.set(carry.renew);
        }
        return (shard) => {
          const { label } = shard.remembered;
          settled?.begin(shard.settled!);
          return accumulate(shard, settled, seconds, (x, from, n) => {
            const rowLabels = label + from * 4;
            const weights = shard.weights + from * 8;
            if (plan.pruned) pruning.evaluate(shard.remembered, x, from, n, cutoff);
            else density.evaluate(x, n, cutoff, rowLabels);
            settled?.add(shard.settled!, rowLabels, x, weights, from, n);
            return weightedSum(kernels.f64(density.logProb, n), kernels.f64(weights, n));
          });
        };
      },
      scatter: () => (shard) => scatterOf(kernels, shard, config, density.stride),
      start({ means, from: given, seconds }) {
        density.setMeans(means);
        return (shard) =>
          accumulate(shard, undefined, seconds, (_, from, n) => {
            const block = kernels.f64(density.responsibilities, k * RESPONSIBILITY_PITCH);
            const first = shard.first + from;
            if ('labels' in given) {
              block.fill(0);
              for (let i = 0; i < n; i++) {
                const label = given.labels[first + i]!;
                if (label >= 0) block[label * RESPONSIBILITY_PITCH + i] = 1;
              }
            } else
              for (let c = 0; c < k; c++)
                for (let i = 0; i < n; i++)
                  block[c * RESPONSIBILITY_PITCH + i] = given.dense[(first + i) * k + c]!;
            kernels.run.largest(
              density.responsibilities,
              n,
              RESPONSIBILITY_PITCH,
              k,
              shard.remembered.label + from * 4,
            );
            return 0;
          });
      },
    },
  };
}
