import { Breather } from './breather.ts';
import { describe, integerIn } from './check.ts';
import { Matrix, type MatrixLike } from './matrix.ts';
import type { Signal } from './platform.ts';

/**
 * Rows that need not be in memory: they are read again, block by block, for every pass that a fit makes over them.
 * Each pass must give the same rows in the same order; the blocks may be of any size, and it does not matter where
 * they are cut. The first block decides the precision: float32 or float64, as for `Matrix`, and the others must have
 * the same. A pass that differs in this, in its number of rows or columns, has NaN or infinity, or throws, ends the fit
 * with an error that says where. A block may be overwritten once the next one is asked for.
 */
export interface MatrixSource {
  /** How many rows a pass gives. */
  readonly rows: number;
  /** How many columns each block has. */
  readonly cols: number;
  /**
   * Begins a pass, one at a time. It is ended early, by the iterator's `return`, where no more rows are needed, the fit is
   * aborted (between two blocks) or fails.
   */
  read(): AsyncIterable<MatrixLike>;
}

/** Whether X is meant as a source. */
export function isSource(X: unknown): X is MatrixSource {
  return typeof X === 'object' && X !== null && 'read' in X;
}

/** What `Source.open` lets through, and when it stops. */
interface SourceOptions {
  /** The function and argument that an error names. */
  who: string;
  /** Whether NaN is let through, as the mark of a missing entry. */
  allowNaN?: boolean;
  signal?: Signal | undefined;
}

/** A source whose passes are checked: as many rows as it says, of its width, in one precision, finite. */
export class Source implements MatrixSource {
  readonly rows: number;
  readonly cols: number;
  readonly dtype: Matrix['dtype'];
  readonly #passes: () => AsyncGenerator<Matrix, void, void>;

  private constructor(
    rows: number,
    cols: number,
    dtype: Matrix['dtype'],
    passes: () => AsyncGenerator<Matrix, void, void>,
  ) {
    this.rows = rows;
    this.cols = cols;
    this.dtype = dtype;
    this.#passes = passes;
  }

  /**
   * Reads the first block, for the precision.
   * @throws what a pass throws
   */
  static async open(source: MatrixSource, options: SourceOptions): Promise<Source> {
    if (source instanceof Source) return source;
    const { rows, cols } = source;
    let dtype: Matrix['dtype'] | undefined;
    const passes = () => pass(source, rows, cols, dtype, options);
    for await (const block of passes()) {
      dtype = block.dtype;
      break;
    }
    return new Source(rows, cols, dtype!, passes);
  }

  /** One pass: all rows in order, in blocks that are good until the next one is asked for. */
  read(): AsyncGenerator<Matrix, void, void> {
    return this.#passes();
  }

  /** The source with something done to each block, whose first row is number `first`; it must keep the shape. */
  map(change: (block: Matrix, first: number) => Matrix): Source {
    const passes = this.#passes;
    return new Source(this.rows, this.cols, this.dtype, async function* () {
      let first = 0;
      for await (const block of passes()) {
        yield change(block, first);
        first += block.rows;
      }
    });
  }

  /** The source of some of the rows, whose indices ascend. */
  only(indices: ArrayLike<number>): Source {
    const passes = this.#passes;
    return new Source(indices.length, this.cols, this.dtype, async function* () {
      let first = 0;
      let next = 0;
      for await (const block of passes()) {
        const ours: number[] = [];
        for (; next < indices.length && indices[next]! < first + block.rows; next++)
          ours.push(indices[next]! - first);
        first += block.rows;
        if (ours.length) yield block.take(ours);
      }
    });
  }

  /** A copy of the rows with the given indices, in that order: a pass as far as the last of them. */
  async take(indices: ArrayLike<number>): Promise<Matrix> {
    const length = indices.length * this.cols;
    const values = this.dtype === 'float64' ? new Float64Array(length) : new Float32Array(length);
    const taken = new Matrix(values, indices.length, this.cols);
    const order = Uint32Array.from({ length: indices.length }, (_, at) => at);
    order.sort((a, b) => indices[a]! - indices[b]!);
    const breather = new Breather();
    let next = 0;
    let first = 0;
    if (order.length)
      for await (const block of this.read()) {
        for (; next < order.length && indices[order[next]!]! < first + block.rows; next++)
          taken.row(order[next]!).set(block.row(indices[order[next]!]! - first));
        if (next === order.length) break;
        first += block.rows;
        await breather.breathe();
      }
    return taken;
  }
}

/**
 * The source, if it looks like one.
 * @throws TypeError or RangeError otherwise
 */
export function checkSource(who: string, source: MatrixSource): MatrixSource {
  const { rows, cols, read } = source;
  if (typeof read !== 'function')
    throw new TypeError(`${who}: read must be a function; got ${describe(read)}`);
  for (const [name, value] of Object.entries({ rows, cols }))
    if (!size.range(value as never))
      throw new RangeError(`${who}: ${name} must be ${size.expected}; got ${describe(value)}`);
  return source;
}

const size = integerIn(1, Infinity);

async function* pass(
  source: MatrixSource,
  rows: number,
  cols: number,
  dtype: Matrix['dtype'] | undefined,
  { who, allowNaN = false, signal }: SourceOptions,
): AsyncGenerator<Matrix, void, void> {
  signal?.throwIfAborted();
  let read = 0;
  const where = (): string => `${who}: reading failed after ${read} of ${rows} rows`;
  for await (const given of readBlocks(who, source, where, signal)) {
    signal?.throwIfAborted();
    const block = Matrix.from(given, { who, allowNaN, firstRow: read });
    if (block.cols !== cols)
      throw new RangeError(`${who}: expected blocks of ${cols} columns; got ${block.cols} at row ${read}`);
    if (dtype !== undefined && block.dtype !== dtype)
      throw new TypeError(
        `${who}: expected ${dtype} blocks, as the first one was; got ${block.dtype} at row ${read}`,
      );
    dtype = block.dtype;
    read += block.rows;
    if (read > rows) throw new RangeError(`${who}: expected ${rows} rows in every pass; got ${read} or more`);
    yield block;
  }
  if (read < rows) throw new RangeError(`${who}: expected ${rows} rows in every pass; got ${read}`);
}

/** The blocks as they come; what reading throws becomes the cause of a sentence. */
async function* readBlocks(
  who: string,
  source: MatrixSource,
  where: () => string,
  signal: Signal | undefined,
): AsyncGenerator<MatrixLike, void, void> {
  let blocks: AsyncIterable<MatrixLike> | undefined;
  try {
    blocks = source.read();
    if (Symbol.asyncIterator in Object(blocks)) return yield* blocks;
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(`${where()}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  throw new TypeError(`${who}: read must return an async iterable of blocks; got ${describe(blocks)}`);
}
