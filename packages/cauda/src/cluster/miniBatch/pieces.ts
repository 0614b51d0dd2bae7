import { Matrix } from '../../matrix.ts';
import { BLOCK } from '../lloyd/form.ts';

/** Multiplications between two breaths: some 20 milliseconds. */
const A_PIECE = 2e7;

/** The rows of a batch in views of whole blocks, each of which K centers take a moment to measure. */
export function* piecesOf(
  { data, rows, cols }: Matrix,
  k: number,
): Generator<{ rows: Matrix; from: number }, void, void> {
  const most = BLOCK * Math.max(1, Math.floor(A_PIECE / (BLOCK * k * cols)));
  for (let from = 0; from < rows; from += most) {
    const to = Math.min(rows, from + most);
    yield { rows: new Matrix(data.subarray(from * cols, to * cols), to - from, cols), from };
  }
}
