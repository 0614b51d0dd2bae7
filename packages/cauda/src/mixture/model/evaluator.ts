import type { Matrix } from '../../matrix.ts';

/** Rows to be evaluated, row-major. */
export type Rows = Pick<Matrix, 'data' | 'rows' | 'cols'>;

/** What a mixture says of rows. */
export interface Evaluator {
  /** log p(x) of each row. */
  scores(X: Rows): Float64Array;
  /** The most probable component of each row, the lowest index winning a tie. */
  labels(X: Rows): Int32Array;
  /** The probability of each component given each row, rows × nComponents. */
  probabilities(X: Rows): Float64Array;
}
