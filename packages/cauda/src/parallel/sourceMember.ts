import { Breather } from '../breather.ts';
import type { Kernels } from '../kernels/kernels.ts';
import { giveBack, leaseKernels } from '../kernels/lease.ts';
import { kernelModule } from '../kernels/module.ts';
import { type FloatArray, like } from '../matrix.ts';
import type { Source } from '../source.ts';
import type { Member } from './member.ts';
import {
  type AnyWindowedProgram,
  type Column,
  type ShardHead,
  type Visit,
  WINDOW_GRAIN,
  type WindowedHost,
} from './program.ts';
import { addTree, type TreeNode } from './shards.ts';

/** The most values of a window, unless one grain of rows has more. */
const WINDOW_VALUES = 2 ** 16;

/**
 * All shards of a source, in the calling thread. What a program keeps of a shard stays, but its rows do not: a step that
 * needs them makes a pass over the source, window by window in row order, and so adds the same numbers in the same order
 * as a step over rows in memory.
 */
export class SourceMember implements Member {
  readonly #source: Source;
  readonly #heads: readonly ShardHead[];
  readonly #kernels: Kernels = leaseKernels(kernelModule());
  // biome-ignore lint/suspicious/noExplicitAny: programs of every type pass through here
  readonly #host: WindowedHost<any, any, any>;
  readonly #shards: readonly unknown[];
  readonly #breather = new Breather();

  constructor(program: AnyWindowedProgram, config: unknown, source: Source, heads: readonly ShardHead[]) {
    this.#source = source;
    this.#heads = heads;
    this.#host = program.openWindows(this.#kernels, config);
    this.#shards = heads.map((head) => this.#host.keep(head));
  }

  async ask(verb: 'sum' | 'gather', step: string, params: unknown): Promise<[number, Column][]> {
    const begin = this.#host.steps[step]!(params);
    const count = this.#heads.length;
    let parts: [number, Column][] = [];
    let pass: AsyncGenerator<Window, void, void> | undefined;
    try {
      for (let s = 0; s < count; s++) {
        const visit: Visit<unknown, Column> = begin(this.#shards[s]);
        if (visit.rows) {
          pass ??= windows(this.#source, this.#heads);
          await this.#visit(visit, pass, this.#shards[s], this.#heads[s]!.n);
        }
        parts.push([count + s, visit.result()]);
        if (verb === 'sum') parts = addTree(parts as TreeNode[]) as [number, Column][];
      }
      await pass?.next(); // to the end, where the source checks that the pass was complete
    } finally {
      await pass?.return();
    }
    return parts;
  }

  async #visit(
    visit: Visit<unknown, Column>,
    pass: AsyncGenerator<Window, void, void>,
    shard: unknown,
    n: number,
  ): Promise<void> {
    const mark = this.#kernels.mark();
    for (let from = 0; from < n; ) {
      const window = (await pass.next()).value!;
      visit.rows!(this.#host.lay(shard, window, from));
      this.#kernels.release(mark);
      from += window.n;
      await this.#breather.breathe();
    }
  }

  close(): void {
    giveBack(this.#kernels);
  }
}

/** Rows of one shard. */
interface Window {
  readonly data: FloatArray;
  readonly n: number;
}

/**
 * The rows of one pass, in windows that do not depend on the source's blocks. A window is valid until the next one is
 * asked for.
 */
async function* windows(source: Source, heads: readonly ShardHead[]): AsyncGenerator<Window, void, void> {
  const { cols } = source;
  const most = WINDOW_GRAIN * Math.max(1, Math.floor(WINDOW_VALUES / (WINDOW_GRAIN * cols)));
  let buffer: FloatArray | undefined;
  let filled = 0;
  let shard = 0;
  let left = heads[0]!.n; // rows of the shard that are still to come, those in the buffer included
  for await (const { data, rows } of source.read())
    for (let at = 0; at < rows; ) {
      const n = Math.min(most, left);
      const taken = Math.min(n - filled, rows - at);
      const part = data.subarray(at * cols, (at + taken) * cols);
      at += taken;
      if (taken === n) yield { data: part, n };
      else {
        buffer ??= like(data, most * cols);
        buffer.set(part, filled * cols);
        filled += taken;
        if (filled < n) continue;
        yield { data: buffer.subarray(0, n * cols), n };
        filled = 0;
      }
      left -= n;
      if (left === 0) left = heads[++shard]?.n ?? 0;
    }
}
