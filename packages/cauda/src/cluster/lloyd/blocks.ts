import { CsrMatrix } from '../../csr.ts';
import { precisionOf } from '../../kernels/kernels.ts';
import { withKernels } from '../../kernels/module.ts';
import type { FloatArray, Matrix } from '../../matrix.ts';
import type { Missing } from '../options.ts';
import { Assigner } from './assigner.ts';
import { DenseForm } from './denseForm.ts';
import { BLOCK, type Rows } from './form.ts';
import { kernelCenters, type Layout, layoutOf } from './layout.ts';

/** A block of rows beside centers, in the calling thread's kernels. */
export interface Block {
  readonly assigner: Assigner;
  readonly rows: Rows;
  /** Index of the first row. */
  readonly from: number;
  /** With a prior, what each row's missing entries add to its squared distances. */
  readonly expected: Float64Array | undefined;
}

/** Lays block after block of X into the kernels' memory, in the precision of the centers. */
export function layBlocks(
  centers: Matrix,
  missing: Missing | undefined,
  X: Matrix | CsrMatrix,
  visit: (block: Block) => void,
): void {
  const layout: Layout = {
    ...layoutOf(X, missing === 'observed'),
    precision: precisionOf(centers.data),
  };
  const { d } = layout;
  const k = centers.rows;
  withKernels((kernels) => {
    const form = new DenseForm(kernels, layout, k, new Float64Array(d));
    const assigner = new Assigner(kernels, layout, form, k);
    assigner.put(kernelCenters(centers.data, layout));
    for (let from = 0; from < X.rows; from += BLOCK) {
      const n = Math.min(BLOCK, X.rows - from);
      let data =
        X instanceof CsrMatrix ? X.dense(from, from + n).data : X.data.subarray(from * d, (from + n) * d);
      let expected: Float64Array | undefined;
      if (typeof missing === 'object') ({ data, expected } = zeroFilled(data, d, missing.variance));
      const mark = kernels.mark();
      visit({ assigner, rows: form.load(data, n), from, expected });
      kernels.release(mark);
    }
  });
}

/** The rows with 0 for NaN, and the variance that this leaves out of each. */
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
