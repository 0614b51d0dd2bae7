import type { Kernels } from '../kernels/kernels.ts';
import type { FloatArray } from '../matrix.ts';

/** What travels between threads besides plain values: arrays that are copied or transferred whole. */
export type Column = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

/** The rows of one shard, copied out of the caller's matrix. */
export interface ShardRows<Columns extends Record<string, Column> = Record<string, Column>> {
  /** Row-major values, n × d; of sparse rows those that are stored. */
  readonly data: FloatArray;
  /** Where the values are, if the rows are sparse: see `CsrMatrix`. */
  readonly csr?: { readonly indices: Uint32Array; readonly indptr: Uint32Array };
  readonly n: number;
  readonly d: number;
  /** Index of the shard's first row in the whole matrix. */
  readonly first: number;
  /** The shard's number, from 0 in row order. */
  readonly index: number;
  /** Values that accompany the rows (weights, labels …), `length / n` of them a row. */
  readonly columns: Columns;
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

/** The types of one step. A result to be summed is a `Float64Array`. */
export interface Step {
  params: unknown;
  result: Column;
}

/** A program whose types are of no concern to whom carries it. */
// biome-ignore lint/suspicious/noExplicitAny: the registry and the threads handle every program alike
export type AnyProgram = Program<any, any, any>;
