import type { ShardHead, Visit, WindowedHost } from '../../parallel/program.ts';
import type { Assigner } from '../lloyd/assigner.ts';
import { eachBlock, type Window } from '../lloyd/form.ts';
import type { KernelCenters } from '../lloyd/layout.ts';

/** What k-means++ does with the rows of each shard; `seed` leads it. */
export type SeedingSteps = {
  /** Forgets the distances of an earlier seeding. */
  seedBegin: { params: null; result: Float64Array };
  /** The potential Σ w min(closest, ‖x − c‖²) that each candidate would leave. */
  seedTry: { params: KernelCenters; result: Float64Array };
  /** Takes candidate number `chosen` of the `count` last tried, as a center; the result is the shard's potential: 1. */
  seedAccept: { params: { chosen: number; count: number }; result: Float64Array };
  /** The rows at which the shard's running sum of w × closest passes its targets, one list of them a shard. */
  seedPick: { params: readonly (readonly number[])[]; result: Int32Array };
};

/** What the seeding knows of the rows of one shard. */
export class ShardSeeding {
  readonly n: number;
  /** Index of the shard's first row among all rows. */
  readonly first: number;
  /** The shard's number. */
  readonly index: number;
  /** Squared distance of each row to the nearest center so far, n. */
  closest: Float64Array = new Float64Array();
  /** Squared distance of each row to the candidates last tried, n × trials. */
  tried: Float64Array = new Float64Array();
  readonly #weights: Float64Array | undefined;

  constructor({ n, first, index, columns }: ShardHead) {
    this.n = n;
    this.first = first;
    this.index = index;
    this.#weights = columns.sampleWeight as Float64Array | undefined;
  }

  begin(trials: number): void {
    this.closest = new Float64Array(this.n).fill(Infinity);
    this.tried = new Float64Array(this.n * trials);
  }

  /** Frees what a seeding remembers. */
  forget(): void {
    this.closest = new Float64Array();
    this.tried = new Float64Array();
  }

  weight(row: number): number {
    return this.#weights ? this.#weights[row]! : 1;
  }

  /** What a row adds to the potential. */
  potential(row: number): number {
    return this.weight(row) * this.closest[row]!;
  }
}

interface SeededShard {
  readonly seeding: ShardSeeding;
}

/**
 * The steps of the seeding over rows that `assigner` measures.
 * @param trials most candidates that `seedTry` is given at once
 * @param quick whether distances may be taken by products, see `Assigner.quickDistances`
 */
export function seedingSteps(
  assigner: Assigner,
  { trials, quick }: { trials: number; quick: boolean },
): WindowedHost<SeededShard, Window, SeedingSteps>['steps'] {
  return {
    seedBegin: () =>
      withoutRows((shard) => {
        shard.begin(trials);
        return new Float64Array(1);
      }),

    seedTry: (candidates) => {
      assigner.put(candidates);
      const count = candidates.half.length;
      return ({ seeding }) => {
        const { closest, tried } = seeding;
        const potentials = new Float64Array(count);
        return {
          rows: (window) => {
            eachBlock(window, (from, length) => {
              const distances = quick
                ? assigner.quickDistances(window.rows, from, length)
                : assigner.distances(window.rows, from, length);
              const first = window.from + from;
              tried.set(distances, first * count);
              for (let i = 0; i < length; i++) {
                const weight = seeding.weight(first + i);
                const least = closest[first + i]!;
                if (weight === 0) continue;
                for (let c = 0; c < count; c++)
                  potentials[c]! += weight * Math.min(least, distances[i * count + c]!);
              }
            });
          },
          result: () => potentials,
        };
      };
    },

    seedAccept: ({ chosen, count }) =>
      withoutRows((shard) => {
        let potential = 0;
        for (let i = 0; i < shard.n; i++) {
          const distance = shard.tried[i * count + chosen]!;
          if (distance < shard.closest[i]!) shard.closest[i] = distance;
          potential += shard.potential(i);
        }
        return Float64Array.of(potential);
      }),

    seedPick: (targets) =>
      withoutRows((shard) =>
        Int32Array.from(targets[shard.index]!, (target) => {
          let sum = 0;
          let last = 0;
          for (let i = 0; i < shard.n; i++) {
            const step = shard.potential(i);
            if (step > 0) last = i;
            sum += step;
            if (sum > target) break;
          }
          return shard.first + last;
        }),
      ),
  };
}

/** A step that asks only what the seeding remembers. */
function withoutRows<Result>(
  result: (seeding: ShardSeeding) => Result,
): (shard: SeededShard) => Visit<Window, Result> {
  return ({ seeding }) => ({ result: () => result(seeding) });
}
