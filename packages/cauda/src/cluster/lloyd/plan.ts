import { CsrMatrix } from '../../csr.ts';
import { type FloatArray, like, type Matrix } from '../../matrix.ts';
import type { Data } from '../../rows.ts';
import { Source } from '../../source.ts';
import { countedRows } from '../weights.ts';
import type { Layout } from './layout.ts';

/** How K-means keeps its rows. The result does not depend on it, only the time and memory do. */
export interface Plan {
  /** Whether to keep only the entries that differ from the origin. */
  readonly sparse: boolean;
  /** What sums and products are taken from, d values: the most frequent one of each column, or 0 in the dense form. */
  readonly origin: FloatArray;
  /** What variances are computed from: about the mean of each column, or the origin in the sparse form. */
  readonly shift: FloatArray;
  /**
   * How rows find the nearest center: by bounds that they remember; or anew in every iteration, by products where the rows
   * do not stay in memory, and by differences where rows are dense and complete and features and centers few.
   */
  readonly search: 'bounds' | 'products' | 'differences';
}

const SAMPLE_ROWS = 128;
/** An entry costs more than a value of a dense row: below this share of entries the sparse form is the faster one. */
const SPARSE_BELOW = 0.4;
/** Up to so many differences for a row (features × centers), taking them all is as fast as its bounds. */
const FEW_DIFFERENCES = 128;

/**
 * The plan for rows in memory, or for those of a source, of which none remembers bounds.
 * @param weights one a row; rows of weight 0 are not looked at
 */
export async function planOf(
  X: Data,
  layout: Layout,
  nClusters: number,
  weights: Float64Array | undefined,
): Promise<Plan> {
  if (!(X instanceof Source)) return planFor(X, layout, nClusters, weights);
  const plan = planFor(await X.take(sampled(X.rows, weights)), layout, nClusters);
  return plan.search === 'bounds' ? { ...plan, search: 'products' } : plan;
}

/** The rows that a plan looks at. */
function sampled(rows: number, weights: Float64Array | undefined): number[] {
  const counted = countedRows(weights);
  const n = counted?.length ?? rows;
  const count = Math.min(n, SAMPLE_ROWS);
  return Array.from({ length: count }, (_, i) => {
    const at = Math.floor((i * n) / count);
    return counted ? counted[at]! : at;
  });
}

/** The plan after a look at some rows: where most values of a column repeat (the background of images), few are entries. */
export function planFor(
  X: Matrix | CsrMatrix,
  { masked }: Layout,
  nClusters: number,
  weights?: Float64Array,
): Plan {
  const few = !masked && X.cols * nClusters <= FEW_DIFFERENCES;
  const densePlan = {
    sparse: false,
    origin: like(X.data, X.cols),
    search: few ? 'differences' : 'bounds',
  } as const;
  if (X instanceof CsrMatrix) return planForSparse(X, densePlan, weights);
  const sample = sampled(X.rows, weights);
  const rows = sample.length;
  const origin = like(X.data, X.cols);
  const mean = like(X.data, X.cols);
  const column = like(X.data, rows);
  let different = 0;
  let complete = true;
  for (let j = 0; j < X.cols; j++) {
    let sum = 0;
    let observed = 0;
    for (let i = 0; i < rows; i++) {
      column[i] = X.data[sample[i]! * X.cols + j]!;
      if (Number.isNaN(column[i])) complete = false;
      else {
        sum += column[i]!;
        observed++;
      }
    }
    mean[j] = observed ? sum / observed : 0;
    const { value, count } = mostFrequent(column.sort());
    origin[j] = value;
    different += rows - count;
  }
  const sparse = complete && different < SPARSE_BELOW * rows * X.cols;
  return sparse ? { sparse, origin, shift: origin, search: 'bounds' } : { ...densePlan, shift: mean };
}

/** The plan for sparse rows, whose origin is 0; they stay sparse where that pays. */
function planForSparse(
  { data, indices, indptr, rows, cols }: CsrMatrix,
  densePlan: Omit<Plan, 'shift'>,
  weights: Float64Array | undefined,
): Plan {
  const { origin } = densePlan;
  if (data.length < SPARSE_BELOW * rows * cols)
    return { sparse: true, origin, shift: origin, search: 'bounds' };
  const mean = new Float64Array(cols);
  const n = countedRows(weights)?.length ?? rows;
  for (let i = 0; i < rows; i++) {
    if (weights?.[i] === 0) continue;
    for (let p = indptr[i]!; p < indptr[i + 1]!; p++) mean[indices[p]!]! += data[p]! / n;
  }
  const shift = like(data, cols);
  shift.set(mean);
  return { ...densePlan, shift };
}

/** The value that repeats most; where none repeats 0, from which differences are exact. */
function mostFrequent(sorted: FloatArray): { value: number; count: number } {
  let value = 0;
  let count = 1;
  for (let from = 0; from < sorted.length; ) {
    let to = from + 1;
    while (to < sorted.length && sorted[to] === sorted[from]) to++;
    if (to - from > count) {
      value = sorted[from]!;
      count = to - from;
    }
    from = to;
  }
  return { value, count };
}
