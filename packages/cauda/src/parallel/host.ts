import { Kernels } from '../kernels/kernels.ts';
import type { AnyProgram, Column, Host, ShardRows } from './program.ts';
import { addTree, type TreeNode } from './shards.ts';

/** The shards that one thread holds of one session. The same class serves a worker and, with `workers: 0`, the caller. */
export class ShardHost {
  // biome-ignore lint/suspicious/noExplicitAny: programs of every type pass through here
  readonly #host: Host<any, any>;
  readonly #shards: { place: number; shard: unknown }[] = [];

  constructor(module: WebAssembly.Module, program: AnyProgram, config: unknown) {
    this.#host = program.open(new Kernels(module), config);
  }

  /** Takes the rows of the shard at `place` in the tree; shards come in ascending order. */
  load(place: number, rows: ShardRows): void {
    this.#shards.push({ place, shard: this.#host.load(rows) });
  }

  /** The step's sums over the shards held here, added as far as the tree allows. */
  sum(step: string, params: unknown): TreeNode[] {
    return addTree(this.gather(step, params) as TreeNode[]);
  }

  /** The step's result for each shard held here. */
  gather(step: string, params: unknown): [place: number, result: Column][] {
    const run = this.#host.steps[step]!(params);
    return this.#shards.map(({ place, shard }) => [place, run(shard) as Column]);
  }
}
