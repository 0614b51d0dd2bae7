import type { Pieces } from '../breather.ts';
import { bytesOf, precisionOf, putPadded, roundUp } from '../kernels/kernels.ts';
import { withKernels } from '../kernels/module.ts';
import { like, Matrix } from '../matrix.ts';

const BLOCK = 256;

/** Writes row `index` of a matrix, changed on the way, to `out` at `at`. */
export type RowWriter = (index: number, out: Float64Array | Float32Array, at: number) => void;

/**
 * A Bᵀ, in the precision of `X`, where `writeRow` gives the rows of A one by one (X.rows × inner) and B is outer × inner.
 */
export function timesTransposed(
  X: Matrix,
  writeRow: RowWriter,
  B: Float64Array,
  outer: number,
  inner: number,
): Float64Array | Float32Array {
  const result = like(X.data, X.rows * outer);
  withKernels((kernels) => {
    const precision = precisionOf(X.data);
    const stride = roundUp(inner, precision === 'F64' ? 2 : 4);
    const width = roundUp(outer, 2);
    const right = putPadded(
      kernels,
      precision === 'F64' ? B : Float32Array.from(B),
      outer,
      inner,
      stride,
      width,
    );
    const left = kernels.zeros(BLOCK * stride * bytesOf(precision));
    const out = kernels.zeros(BLOCK * width * bytesOf(precision));
    const rows = kernels.floats(precision, left, BLOCK * stride);
    const products = kernels.floats(precision, out, BLOCK * width);
    for (let first = 0; first < X.rows; first += BLOCK) {
      const count = Math.min(BLOCK, X.rows - first);
      for (let i = 0; i < count; i++) writeRow(first + i, rows, i * stride);
      kernels.run[`dots${precision}`](left, roundUp(count, 4), stride, right, width, out);
      for (let i = 0; i < count; i++)
        for (let j = 0; j < outer; j++) result[(first + i) * outer + j] = products[i * width + j]!;
    }
  });
  return result;
}

/** Writes the rows of a matrix as they are. */
export function copyRow({ data, cols }: Matrix): RowWriter {
  return (index, out, at) => {
    for (let j = 0; j < cols; j++) out[at + j] = data[index * cols + j]!;
  };
}

/** Multiplications of a piece: some tens of milliseconds. */
const PIECE = 2 ** 28;

/** A Bᵀ in pieces of some rows of A: `timesTransposed` for two matrices that lie in memory. */
export function* timesTransposedPieces(
  A: Matrix,
  B: Float64Array,
  outer: number,
): Pieces<Float64Array | Float32Array> {
  const { data, rows, cols } = A;
  const result = like(data, rows * outer);
  const most = BLOCK * Math.max(1, Math.floor(PIECE / (BLOCK * outer * cols)));
  for (let from = 0; from < rows; from += most) {
    const to = Math.min(rows, from + most);
    const part = new Matrix(data.subarray(from * cols, to * cols), to - from, cols);
    result.set(timesTransposed(part, copyRow(part), B, outer, cols), from * outer);
    yield;
  }
  return result;
}
