import { CsrMatrix } from '../../csr.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import type { FloatArray, Matrix } from '../../matrix.ts';
import { Assigner } from '../lloyd/assigner.ts';
import { DenseForm } from '../lloyd/denseForm.ts';
import { BLOCK, type Rows } from '../lloyd/form.ts';
import { kernelCenters, layoutOf } from '../lloyd/layout.ts';
import type { Missing } from '../options.ts';

/** A block of rows beside centers. */
export interface Block {
  readonly assigner: Assigner;
  readonly rows: Rows;
  /** Index of the first row. */
  readonly from: number;
  /** With a prior, what each row's missing entries add to its squared distances. */
  readonly expected: Float64Array | undefined;
}

/** Lays rows beside centers into the kernels' memory, block after block and in the precision of the centers. */
export class CenterBlocks {
  readonly k: number;
  readonly #kernels: Kernels;
  readonly #missing: Missing | undefined;
  readonly #form: DenseForm;
  readonly #assigner: Assigner;

  /** @param missing how NaN is treated, as in the options */
  constructor(kernels: Kernels, centers: Matrix, missing: Missing | undefined) {
    const layout = layoutOf(centers, missing === 'observed');
    this.k = centers.rows;
    this.#kernels = kernels;
    this.#missing = missing;
    this.#form = new DenseForm(kernels, layout, this.k, new Float64Array(layout.d));
    this.#assigner = new Assigner(kernels, layout, this.#form, this.k);
    this.#assigner.put(kernelCenters(centers.data, layout));
  }

  /** Visits all rows of X, in order. */
  each(X: Matrix | CsrMatrix, visit: (block: Block) => void): void {
    const { rows, cols: d } = X;
    const missing = this.#missing;
    for (let from = 0; from < rows; from += BLOCK) {
      const n = Math.min(BLOCK, rows - from);
      let data =
        X instanceof CsrMatrix ? X.dense(from, from + n).data : X.data.subarray(from * d, (from + n) * d);
      let expected: Float64Array | undefined;
      if (typeof missing === 'object') ({ data, expected } = zeroFilled(data, d, missing.variance));
      const mark = this.#kernels.mark();
      visit({ assigner: this.#assigner, rows: this.#form.load(data, n), from, expected });
      this.#kernels.release(mark);
    }
  }
}

/**
 * Fills missing entries with 0.
 * @returns the filled rows, and for each row the variance of the entries that were missing
 */
export function zeroFilled(
  rows: FloatArray,
  d: number,
  variance: number,
): { data: FloatArray; expected: Float64Array } {
  const expected = new Float64Array(rows.length / d);
  const data = rows.slice();
  for (let i = 0; i < data.length; i++) {
    if (!Number.isNaN(data[i])) continue;
    expected[Math.floor(i / d)]! += variance;
    data[i] = 0;
  }
  return { data, expected };
}
