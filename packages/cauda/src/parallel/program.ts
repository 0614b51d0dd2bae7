import type { Kernels } from '../kernels/kernels.ts';
import type { FloatArray } from '../matrix.ts';

/** The arrays that travel between threads, copied or transferred as a whole. */
export type Column = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

/** What is known of one shard besides its rows. */
export interface ShardHead<Columns extends Record<string, Column> = Record<string, Column>> {
  readonly n: number;
  readonly d: number;
  /** Index of the shard's first row in the whole matrix. */
  readonly first: number;
  /** The shard's number, from 0 in row order. */
  readonly index: number;
  /** Values that accompany the rows (weights, labels …), `length / n` of them a row. */
  readonly columns: Columns;
}

/** The rows of one shard. */
export interface ShardRows<Columns extends Record<string, Column> = Record<string, Column>>
  extends ShardHead<Columns> {
  /**
   * Row-major values, n × d; of sparse rows only the stored ones. Read them while the shard is being loaded, never later,
   * and never write to them: they belong to the caller, or their memory is used again for the next shard.
   */
  readonly data: FloatArray;
  /** Where the values stand, if the rows are sparse; see `CsrMatrix`. */
  readonly csr?: { readonly indices: Uint32Array; readonly indptr: Uint32Array };
}

/**
 * What an estimator does with its rows, in whichever thread holds them. `open` runs once in each thread. A step is
 * called with the parameters, which are the same for all shards, and returns the function that is applied to each shard.
 *
 * A step's result depends on its shard and on the parameters alone, never on which shards share a thread. This is
 * why a fit gives the same bits for any number of workers.
 */
export interface Program<Config, Shard, Steps extends Record<string, Step>> {
  /** The key under which `worker.ts` knows the program. */
  readonly name: string;
  open(kernels: Kernels, config: Config): Host<Shard, Steps>;
}

/** A program opened in one thread. */
export interface Host<Shard, Steps extends Record<string, Step>> {
  load(rows: ShardRows): Shard;
  readonly steps: {
    readonly [Name in keyof Steps]: (
      params: Steps[Name]['params'],
    ) => (shard: Shard) => Steps[Name]['result'];
  };
}

/**
 * A program that keeps what it knows of a shard apart from the shard's rows, so that the rows need not stay. It runs in
 * memory like any other program, and also over a source, whose rows pass by in windows.
 */
export interface WindowedProgram<Config, Shard, Window, Steps extends Record<string, Step>>
  extends Program<Config, Resident<Shard, Window>, Steps> {
  openWindows(kernels: Kernels, config: Config): WindowedHost<Shard, Window, Steps>;
}

/** A windowed program opened in one thread. */
export interface WindowedHost<Shard, Window, Steps extends Record<string, Step>> {
  /** Makes what is kept of a shard from step to step. */
  keep(head: ShardHead): Shard;
  /**
   * Lays rows of a shard, from its row `from` on, into the kernels' memory. Over a source, what it allocates is freed
   * after the window has been visited.
   */
  lay(shard: Shard, rows: Pick<ShardRows, 'data' | 'csr' | 'n'>, from: number): Window;
  readonly steps: {
    readonly [Name in keyof Steps]: (
      params: Steps[Name]['params'],
    ) => (shard: Shard) => Visit<Window, Steps[Name]['result']>;
  };
}

/**
 * What a step does at one shard: it takes the shard's windows in row order and then gives its result. Shards are visited
 * one after another.
 */
export interface Visit<Window, Result> {
  /** Absent from a step that needs no rows. A step has it at every shard or at none. */
  rows?(window: Window): void;
  result(): Result;
}

/** A shard in memory, with one window of all its rows. */
interface Resident<Shard, Window> {
  readonly shard: Shard;
  readonly window: Window;
}

/** Windows begin at multiples of this in their shard. It is a multiple of the blocks in which programs take rows. */
export const WINDOW_GRAIN = 1024;

/** Makes a windowed program, whose `open` treats a shard in memory as a single window. */
export function windowedProgram<Config, Shard, Window, Steps extends Record<string, Step>>(
  name: string,
  openWindows: (kernels: Kernels, config: Config) => WindowedHost<Shard, Window, Steps>,
): WindowedProgram<Config, Shard, Window, Steps> {
  return {
    name,
    openWindows,
    open(kernels, config) {
      const host = openWindows(kernels, config);
      const steps = Object.entries(host.steps).map(([step, begin]) => [
        step,
        (params: unknown) => {
          const start = begin(params);
          return ({ shard, window }: Resident<Shard, Window>) => {
            const visit = start(shard);
            visit.rows?.(window);
            return visit.result();
          };
        },
      ]);
      return {
        load(rows) {
          const shard = host.keep(rows);
          return { shard, window: host.lay(shard, rows, 0) };
        },
        steps: Object.fromEntries(steps),
      };
    },
  };
}

/** The types of one step. A result to be summed is a `Float64Array`, fresh or a view of the kernels' memory. */
export interface Step {
  params: unknown;
  result: Column;
}

/** A program with its type parameters erased: the registry and the threads pass it on unopened. */
// biome-ignore lint/suspicious/noExplicitAny: the registry and the threads handle every program alike
export type AnyProgram = Program<any, any, any>;
// biome-ignore lint/suspicious/noExplicitAny: likewise
export type AnyWindowedProgram = WindowedProgram<any, any, any, any>;
