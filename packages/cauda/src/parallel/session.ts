import { Breather } from '../breather.ts';
import { CsrMatrix } from '../csr.ts';
import { kernelModule } from '../kernels/module.ts';
import type { Matrix } from '../matrix.ts';
import type { Signal } from '../platform.ts';
import { Source } from '../source.ts';
import { ShardHost } from './host.ts';
import type { Member } from './member.ts';
import { NoWorkersError, type PoolWorker, poolWorkers } from './pool.ts';
import type {
  AnyProgram,
  AnyWindowedProgram,
  Column,
  Program,
  ShardHead,
  ShardRows,
  Step,
  WindowedProgram,
} from './program.ts';
import { addTree, shardOffsets, type TreeNode } from './shards.ts';
import { SourceMember } from './sourceMember.ts';
import { hardwareThreads } from './thread.ts';

/** Below this many values, starting workers costs more than they save. */
const WORTH_WORKERS = 250_000;

/** How a fit reports, stops and spreads; part of every estimator's options. */
export interface FitControl {
  /** Seed of every random choice, an integer in [0, 2^53); the same seed gives the same bits. Defaults to 0. */
  seed?: number;
  /**
   * Worker threads, 0 for none (the calling thread). The result does not depend on it. Defaults to the machine's
   * threads, up to 8, or 0 for small data and where no worker may start, as some pages' policies have it. The rows of a source are always worked on in the calling thread.
   */
  workers?: number;
  /** Aborts the fit, which then rejects with the signal's reason. */
  signal?: Signal;
  /** Called after each iteration (restart, epoch …). */
  onProgress?: (event: ProgressEvent) => void;
}

/** What a fit reports while it runs. */
export interface ProgressEvent {
  /** The function that is fitting: "kmeans", "gaussianMixture", "mlpClassifier". */
  readonly task: string;
  /** Iterations (or epochs) done in this run, and at most to do. */
  readonly iteration: number;
  readonly maxIterations: number;
  /** The run, from 0, out of `runs` restarts. */
  readonly run: number;
  readonly runs: number;
  /** What the fit minimizes or maximizes, at this iteration: inertia, mean log-likelihood or loss. */
  readonly objective: number;
}

/** What `openSession` needs besides the rows. */
export interface SessionOptions {
  workers?: number | undefined;
  signal?: Signal | undefined;
  /** Values that accompany the rows, each with a whole number of entries a row. */
  columns?: Record<string, Column>;
  /** All rows in one shard, hence in one thread, for a fit that visits them in an order of its own. Defaults to false. */
  whole?: boolean;
}

/**
 * A fit's rows, spread over threads in shards that do not depend on the number of threads. `sum` adds the shards'
 * statistics in the order of a fixed tree; `gather` concatenates per-row results in row order. Both reject with the
 * signal's reason once it is aborted. Close it when done.
 */
export class Session<Steps extends Record<string, Step>> {
  readonly #members: readonly Member[];
  readonly #signal: Signal | undefined;

  constructor(members: readonly Member[], signal: Signal | undefined) {
    this.#members = members;
    this.#signal = signal;
  }

  /** The step's `Float64Array` results, added over all shards. */
  async sum<Name extends keyof Steps & string>(
    step: Name,
    params: Steps[Name]['params'],
  ): Promise<Float64Array> {
    const nodes = (await this.#ask('sum', step, params)).flat() as TreeNode[];
    return addTree(nodes)[0]![1];
  }

  /** The step's results, one array a shard, in row order. */
  async gather<Name extends keyof Steps & string>(
    step: Name,
    params: Steps[Name]['params'],
  ): Promise<Steps[Name]['result'][]> {
    const parts = (await this.#ask('gather', step, params)).flat();
    return parts.sort(([a], [b]) => a - b).map(([, result]) => result as Steps[Name]['result']);
  }

  async #ask(verb: 'sum' | 'gather', step: string, params: unknown): Promise<[number, Column][][]> {
    this.#signal?.throwIfAborted();
    const answers = await Promise.all(this.#members.map((member) => member.ask(verb, step, params)));
    this.#signal?.throwIfAborted();
    return answers;
  }

  /** Frees the rows; the workers stay for the next fit. */
  close(): void {
    for (const member of this.#members) member.close();
  }
}

/**
 * Spreads X over the threads. Whoever opens a session closes it: a generator in its `finally`, and everybody else by
 * calling `withSession`.
 */
export async function openSession<Config, Shard, Steps extends Record<string, Step>>(
  program: Program<Config, Shard, Steps>,
  X: Matrix | CsrMatrix,
  config: Config,
  options: SessionOptions,
): Promise<Session<Steps>>;
/** The same over a source, which stays in the calling thread: each step that needs rows reads them again. */
export async function openSession<Config, Shard, Window, Steps extends Record<string, Step>>(
  program: WindowedProgram<Config, Shard, Window, Steps>,
  X: Matrix | CsrMatrix | Source,
  config: Config,
  options: SessionOptions,
): Promise<Session<Steps>>;
export async function openSession<Config, Steps extends Record<string, Step>>(
  program: AnyProgram,
  X: Matrix | CsrMatrix | Source,
  config: Config,
  options: SessionOptions,
): Promise<Session<Steps>> {
  options.signal?.throwIfAborted();
  const offsets = options.whole ? [0, X.rows] : shardOffsets(X.rows);
  const columns = options.columns ?? {};
  const count = offsets.length - 1;
  if (X instanceof Source) {
    const heads = Array.from({ length: count }, (_, s) => headOf(X, s, offsets, columns));
    const member = new SourceMember(program as AnyWindowedProgram, config, X, heads);
    return new Session<Steps>([member], options.signal);
  }
  const mostRows = offsets.reduce((most, to, s) => Math.max(most, to - (offsets[s - 1] ?? 0)), 0);
  const largest = mostRows * X.cols * X.data.BYTES_PER_ELEMENT;
  const wanted = options.workers ?? (X.data.length < WORTH_WORKERS ? 0 : Math.min(hardwareThreads(), 8));
  const opened = async (members: readonly LoadedMember[]): Promise<Session<Steps>> => {
    const session = new Session<Steps>(members, options.signal);
    try {
      await load(members);
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  };
  const load = (members: readonly LoadedMember[]): Promise<unknown> =>
    Promise.all(
      members.map(async (member, m) => {
        const from = Math.floor((m * count) / members.length);
        const to = Math.floor(((m + 1) * count) / members.length);
        let loading: Promise<ArrayBuffer | undefined> = Promise.resolve(undefined);
        let room: ArrayBuffer | undefined;
        for (let s = from; s < to; s++) {
          if (member.remote) room ??= new ArrayBuffer(largest);
          const rows = cut(X, s, offsets, columns, room); // while the shard before is being loaded
          room = await loading; // the memory of that one
          options.signal?.throwIfAborted();
          loading = member.load(count + s, rows);
        }
        await loading;
      }),
    );
  const inThisThread = () => opened([new LocalMember(program, config)]);
  if (wanted === 0 || (options.workers === undefined && noWorkers)) return inThisThread();
  try {
    const workers = poolWorkers(Math.min(wanted, count));
    return await opened(workers.map((worker) => new WorkerMember(worker, program, config)));
  } catch (error) {
    if (!(error instanceof NoWorkersError) || options.workers !== undefined) throw error;
    noWorkers = true;
    return inThisThread();
  }
}

/** Whether a worker was found not to start here: without `workers`, sessions then stay in the calling thread. */
let noWorkers = false;

/** Opens a session, runs `body` with it, and closes it whatever happens. */
export async function withSession<Config, Shard, Steps extends Record<string, Step>, Result>(
  program: Program<Config, Shard, Steps>,
  X: Matrix | CsrMatrix,
  config: Config,
  options: SessionOptions,
  body: (session: Session<Steps>) => Promise<Result>,
): Promise<Result>;
/** The same over a source. */
export async function withSession<Config, Shard, Window, Steps extends Record<string, Step>, Result>(
  program: WindowedProgram<Config, Shard, Window, Steps>,
  X: Matrix | CsrMatrix | Source,
  config: Config,
  options: SessionOptions,
  body: (session: Session<Steps>) => Promise<Result>,
): Promise<Result>;
export async function withSession<Config, Steps extends Record<string, Step>, Result>(
  program: AnyProgram,
  X: Matrix | CsrMatrix | Source,
  config: Config,
  options: SessionOptions,
  body: (session: Session<Steps>) => Promise<Result>,
): Promise<Result> {
  const session: Session<Steps> = await openSession(
    program as AnyWindowedProgram, // either kind: `openSession` asks only where X is a source
    X,
    config,
    options,
  );
  try {
    return await body(session);
  } finally {
    session.close();
  }
}

/** One shard, with a copy of what accompanies its rows. */
function headOf(
  X: Matrix | CsrMatrix | Source,
  index: number,
  offsets: readonly number[],
  columns: Record<string, Column>,
): ShardHead {
  const from = offsets[index]!;
  const to = offsets[index + 1]!;
  const slices = Object.entries(columns).map(([name, column]) => {
    const width = column.length / X.rows;
    return [name, column.slice(from * width, to * width)];
  });
  return { n: to - from, d: X.cols, first: from, index, columns: Object.fromEntries(slices) };
}

/**
 * One shard with its rows.
 * @param room memory for the values of a dense X where they are to be transferred; else they are a view
 */
function cut(
  X: Matrix | CsrMatrix,
  index: number,
  offsets: readonly number[],
  columns: Record<string, Column>,
  room: ArrayBuffer | undefined,
): ShardRows {
  const head = headOf(X, index, offsets, columns);
  const to = head.first + head.n;
  if (X instanceof CsrMatrix) {
    const { data, indices, indptr } = X.slice(head.first, to);
    return { ...head, data, csr: { indices, indptr } };
  }
  const values = X.data.subarray(head.first * X.cols, to * X.cols);
  if (!room) return { ...head, data: values };
  const data = new (values instanceof Float64Array ? Float64Array : Float32Array)(room, 0, values.length);
  data.set(values);
  return { ...head, data };
}

/** A member that holds rows. */
interface LoadedMember extends Member {
  /** Whether what it is given must be a copy, to be transferred. */
  readonly remote: boolean;
  /**
   * Takes a shard.
   * @returns the memory of its values, if they were transferred
   */
  load(place: number, rows: ShardRows): Promise<ArrayBuffer | undefined>;
}

/** The calling thread. */
class LocalMember implements LoadedMember {
  readonly remote = false;
  readonly #host: ShardHost;
  readonly #breather = new Breather();

  constructor(program: AnyProgram, config: unknown) {
    this.#host = new ShardHost(kernelModule(), program, config);
  }
  async load(place: number, rows: ShardRows): Promise<undefined> {
    this.#host.load(place, rows);
  }
  async ask(verb: 'sum' | 'gather', step: string, params: unknown): Promise<[number, Column][]> {
    const result = this.#host[verb](step, params) as [number, Column][];
    await this.#breather.breathe();
    return result;
  }
  close(): void {
    this.#host.close();
  }
}

let nextSession = 0;

class WorkerMember implements LoadedMember {
  readonly remote = true;
  readonly #worker: PoolWorker;
  readonly #session = nextSession++;
  readonly #opened: Promise<void>;

  constructor(worker: PoolWorker, program: AnyProgram, config: unknown) {
    this.#worker = worker;
    this.#opened = worker.call({ session: this.#session, verb: 'open', program: program.name, config });
    this.#opened.catch(() => {}); // reported by the first load
  }
  async load(place: number, rows: ShardRows): Promise<ArrayBuffer> {
    await this.#opened;
    const arrays = [rows.data, ...Object.values(rows.csr ?? {}), ...Object.values(rows.columns)];
    const buffers = arrays.map((array) => array.buffer as ArrayBuffer);
    return this.#worker.call({ session: this.#session, verb: 'load', place, rows }, buffers);
  }
  ask(verb: 'sum' | 'gather', step: string, params: unknown): Promise<[number, Column][]> {
    return this.#worker.call({ session: this.#session, verb, step, params });
  }
  close(): void {
    this.#worker.call({ session: this.#session, verb: 'close' }).catch(() => {});
  }
}
