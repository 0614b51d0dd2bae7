import { CsrMatrix } from '../../csr.ts';
import { type FloatArray, Matrix } from '../../matrix.ts';
import { type Part, partStart } from '../../parallel/parts.ts';
import type { Program, ShardRows } from '../../parallel/program.ts';
import { leavesOf } from '../bisecting/leaves.ts';
import type { Metric, Missing } from '../options.ts';
import { distancesAt, labelsAt, squaresAt } from './answers.ts';
import { CenterBlocks } from './blocks.ts';

/** A fitted model as its threads know it. */
export interface CentersConfig {
  /** The centers, K × cols. */
  readonly centers: FloatArray;
  readonly cols: number;
  readonly metric: Metric;
  readonly missing: Missing | undefined;
  /** The tree of a bisecting model: two centers a split, and what follows from each. */
  readonly splits?: { readonly centers: FloatArray; readonly next: Int32Array } | undefined;
}

/** What is answered, a part at a time. */
export type CentersSteps = {
  /** The nearest center of each row. */
  labels: { params: Part; result: Int32Array };
  /** The distance of each row to each center. */
  distances: { params: Part; result: Float64Array };
  /** The squared distance of each row to its nearest center. */
  squares: { params: Part; result: Float64Array };
  /** The cluster that each row comes to down the tree of splits. */
  leaves: { params: Part; result: Int32Array };
};

/** Measures rows at the centers of a fitted model. */
export const centersProgram: Program<CentersConfig, Matrix | CsrMatrix, CentersSteps> = {
  name: 'centers',
  open(kernels, { centers, cols, metric, missing, splits }) {
    const blocks = new CenterBlocks(kernels, matrixOf(centers, cols), missing);
    const tree = splits && { centers: matrixOf(splits.centers, cols), next: splits.next };
    return {
      load: kept,
      steps: {
        labels: (part) => (rows) => labelsAt(blocks, partOf(rows, part)),
        distances: (part) => (rows) => distancesAt(blocks, partOf(rows, part), metric),
        squares: (part) => (rows) => squaresAt(blocks, partOf(rows, part)),
        leaves: (part) => (rows) => leavesOf(kernels, tree!, partOf(rows, part)),
      },
    };
  },
};

function matrixOf(values: FloatArray, cols: number): Matrix {
  return new Matrix(values, values.length / cols, cols);
}

/** A copy of the rows of a shard. */
function kept({ data, csr, n, d }: ShardRows): Matrix | CsrMatrix {
  return csr
    ? new CsrMatrix(data.slice(), csr.indices.slice(), csr.indptr.slice(), d)
    : new Matrix(data.slice(), n, d);
}

function partOf(X: Matrix | CsrMatrix, { part, parts }: Part): Matrix | CsrMatrix {
  const from = partStart(X.rows, { part, parts });
  const to = partStart(X.rows, { part: part + 1, parts });
  if (X instanceof CsrMatrix) return X.slice(from, to);
  return new Matrix(X.data.subarray(from * X.cols, to * X.cols), to - from, X.cols);
}
