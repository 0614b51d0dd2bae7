import { Matrix } from '../../matrix.ts';
import { BLOCK } from '../lloyd/form.ts';

/** How many multiplications are done between two breaths: they take some 20 milliseconds. */
const A_PIECE = 2e7;

/** The rows of a batch in views of whole blocks, small enough to be compared with K centers in a moment. */
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
