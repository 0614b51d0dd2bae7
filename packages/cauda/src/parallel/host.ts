import { atOnce, type Pieces } from '../breather.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { giveBack, leaseKernels } from '../kernels/lease.ts';
import type { AnyProgram, Column, Host, ShardRows } from './program.ts';
import { addNode, type TreeNode } from './shards.ts';

/**
 * One thread's shards of one session. The same class serves in a worker and, with `workers: 0`, in the calling thread.
 */
export class ShardHost {
  readonly #kernels: Kernels;
  // biome-ignore lint/suspicious/noExplicitAny: programs of every type pass through here
  readonly #host: Host<any, any>;
  readonly #shards: { place: number; shard: unknown }[] = [];

  constructor(module: WebAssembly.Module, program: AnyProgram, config: unknown) {
    this.#kernels = leaseKernels(module);
    this.#host = program.open(this.#kernels, config);
  }

  /** Frees the rows. The host must not be used afterwards. */
  close(): void {
    giveBack(this.#kernels);
  }

  /** Takes the rows of the shard at `place` in the tree. Shards come in ascending order. */
  load(place: number, rows: ShardRows): void {
    this.#shards.push({ place, shard: this.#host.load(rows) });
  }

  /**
   * Runs a step on the shards held here and adds the results as far up the tree as they reach, each as soon as its
   * neighbor is there.
   * @returns the partial sums and their places
   */
  sum(step: string, params: unknown): TreeNode[] {
    return atOnce(this.sumInPieces(step, params));
  }

  /** The same, shard by shard. */
  *sumInPieces(step: string, params: unknown): Pieces<TreeNode[]> {
    const run = this.#host.steps[step]!(params);
    const nodes = new Map<number, Float64Array>();
    for (const { place, shard } of this.#shards) {
      addNode(nodes, place, run(shard) as Float64Array);
      yield;
    }
    return [...nodes];
  }

  /**
   * Runs a step on the shards held here.
   * @returns each shard's result and its place
   */
  gather(step: string, params: unknown): [place: number, result: Column][] {
    return atOnce(this.gatherInPieces(step, params));
  }

  /** The same, shard by shard. */
  *gatherInPieces(step: string, params: unknown): Pieces<[place: number, result: Column][]> {
    const run = this.#host.steps[step]!(params);
    const results: [number, Column][] = [];
    for (const { place, shard } of this.#shards) {
      results.push([place, run(shard) as Column]);
      yield;
    }
    return results;
  }
}
