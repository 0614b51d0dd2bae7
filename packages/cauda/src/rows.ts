import { Breather } from './breather.ts';
import { CsrMatrix } from './csr.ts';
import { like, Matrix } from './matrix.ts';
import { Source } from './source.ts';

/** Where the rows of a fit are: in memory, dense or sparse, or in a source that is read again for every pass. */
export type Data = Matrix | CsrMatrix | Source;

/** Dense copies of the rows with the given indices, in that order. */
export async function takeRows(X: Data, indices: ArrayLike<number>): Promise<Matrix> {
  if (!(X instanceof CsrMatrix)) return X.take(indices);
  const taken = new Matrix(like(X.data, indices.length * X.cols), indices.length, X.cols);
  for (let i = 0; i < indices.length; i++) taken.row(i).set(X.row(indices[i]!));
  return taken;
}

/** One pass over the rows, in order; what is in memory is one block. `first` is the number of a block's first row. */
export async function* blocksOf<X extends Data>(
  X: X,
): AsyncGenerator<{ block: Exclude<X, Source> | Matrix; first: number }, void, void> {
  if (!(X instanceof Source)) return yield { block: X as Exclude<X, Source>, first: 0 };
  let first = 0;
  for await (const block of X.read()) {
    yield { block, first };
    first += block.rows;
  }
}

/** Values of a chunk, unless one row has more. */
const CHUNK_VALUES = 2 ** 18;

/**
 * One pass over dense rows, in order and in views of some of them, with a breath between two. `first` is the number of a
 * chunk's first row.
 * @throws the signal's reason once it is aborted
 */
export async function* chunksOf(
  X: Matrix | Source,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ chunk: Matrix; first: number }, void, void> {
  const breather = new Breather(signal);
  const most = Math.max(1, Math.floor(CHUNK_VALUES / X.cols));
  for await (const { block, first } of blocksOf(X)) {
    const { data, rows, cols } = block;
    for (let from = 0; from < rows; from += most) {
      const to = Math.min(rows, from + most);
      yield {
        chunk: new Matrix(data.subarray(from * cols, to * cols), to - from, cols),
        first: first + from,
      };
      await breather.breathe();
    }
  }
}
