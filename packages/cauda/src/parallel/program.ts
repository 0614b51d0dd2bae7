import type { Kernels } from '../kernels/kernels.ts';
import type { FloatArray } from '../matrix.ts';

/** What travels between threads besides plain values: arrays that are copied or transferred whole. */
export type Column = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

/** One shard and what accompanies its rows. */
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
   * Row-major values, n × d; of sparse rows those that are stored. To be read while the shard is loaded, not later and
   * not written: they are the caller's, or memory that the next shard will take.
   */
  readonly data: FloatArray;
  /** Where the values are, if the rows are sparse: see `CsrMatrix`. */
  readonly csr?: { readonly indices: Uint32Array; readonly indptr: Uint32Array };
}

/**
 * What an estimator does with its rows, in whatever thread they are. `open` runs once in each thread; a step is
 * called with the parameters, the same for all shards, and returns what is done to each of them.
 *
 * A step's result depends on its shard and on the parameters alone, never on which shards share a thread: this is
 * what makes a fit give the same bits for any number of workers.
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
 * A program that keeps what it knows of a shard apart from the shard's rows, so that these need not stay: it runs in
 * memory like any other, and over a source, whose rows pass by in windows.
 */
export interface WindowedProgram<Config, Shard, Window, Steps extends Record<string, Step>>
  extends Program<Config, Resident<Shard, Window>, Steps> {
  openWindows(kernels: Kernels, config: Config): WindowedHost<Shard, Window, Steps>;
}

/** A windowed program opened in one thread. */
export interface WindowedHost<Shard, Window, Steps extends Record<string, Step>> {
  /** What is kept of a shard from step to step. */
  keep(head: ShardHead): Shard;
  /**
   * Lays rows of a shard, from its row `from` on, into the kernels' memory. What it allocates is freed after the window
   * has been visited, if the shard's other rows are still to come.
   */
  lay(shard: Shard, rows: Pick<ShardRows, 'data' | 'csr' | 'n'>, from: number): Window;
  readonly steps: {
    readonly [Name in keyof Steps]: (
      params: Steps[Name]['params'],
    ) => (shard: Shard) => Visit<Window, Steps[Name]['result']>;
  };
}

/** A step at one shard: its windows in row order, then the result. Shards are visited one after another. */
export interface Visit<Window, Result> {
  /** Left out by a step that needs no rows, always or never. */
  rows?(window: Window): void;
  result(): Result;
}

/** A shard in memory: one window of all its rows. */
interface Resident<Shard, Window> {
  readonly shard: Shard;
  readonly window: Window;
}

/** Windows begin at multiples of this in their shard: a multiple of the blocks in which programs take rows. */
export const WINDOW_GRAIN = 1024;

/** The program whose windows `openWindows` takes. */
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

/** A program whose types are of no concern to whom carries it. */
// biome-ignore lint/suspicious/noExplicitAny: the registry and the threads handle every program alike
export type AnyProgram = Program<any, any, any>;
// biome-ignore lint/suspicious/noExplicitAny: likewise
export type AnyWindowedProgram = WindowedProgram<any, any, any, any>;
