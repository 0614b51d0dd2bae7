import type { Kernels } from '../kernels/kernels.ts';
import { giveBack, leaseKernels } from '../kernels/lease.ts';
import type { AnyProgram, Column, Host, ShardRows } from './program.ts';
import { addNode, type TreeNode } from './shards.ts';

/** The shards that one thread holds of one session. The same class serves a worker and, with `workers: 0`, the caller. */
export class ShardHost {
  readonly #kernels: Kernels;
  // biome-ignore lint/suspicious/noExplicitAny: programs of every type pass through here
  readonly #host: Host<any, any>;
  readonly #shards: { place: number; shard: unknown }[] = [];

  constructor(module: WebAssembly.Module, program: AnyProgram, config: unknown) {
    this.#kernels = leaseKernels(module);
    this.#host = program.open(this.#kernels, config);
  }

  /** Frees the rows; nothing may be asked any more. */
  close(): void {
    giveBack(this.#kernels);
  }

  /** Takes the rows of the shard at `place` in the tree; shards come in ascending order. */
  load(place: number, rows: ShardRows): void {
    this.#shards.push({ place, shard: this.#host.load(rows) });
  }

  /** The step's sums over the shards held here, each added as soon as its neighbour is there, as far as the tree allows. */
  sum(step: string, params: unknown): TreeNode[] {
    const run = this.#host.steps[step]!(params);
    const nodes = new Map<number, Float64Array>();
    for (const { place, shard } of this.#shards) addNode(nodes, place, run(shard) as Float64Array);
    return [...nodes];
  }

  /** The step's result for each shard held here. */
  gather(step: string, params: unknown): [place: number, result: Column][] {
    const run = this.#host.steps[step]!(params);
    return this.#shards.map(({ place, shard }) => [place, run(shard) as Column]);
  }
}
