import type { Kernels } from '../../kernels/kernels.ts';
import type { FloatArray } from '../../matrix.ts';
import type { Csr, KernelCenters, Layout } from './layout.ts';

/** Rows handled at a time: their products with the centers stay in the cache. */
export const BLOCK = 128;
/** Rows that `changedRows` reads at a time. */
export const ROW_TILE = 8;

/**
 * The rows of one shard in the kernels' memory, as dense rows or as the entries that differ from an origin. Products
 * are taken with what `form` made of the centers; everything else is the same to the bit in either form.
 */
export interface Rows {
  readonly n: number;
  /**
   * Pointer to the squared length of each row (f64), which turns products into distances: its distance from the origin
   * in the sparse form, and from 0 in the dense one.
   */
  readonly squares: number;
  /** Pointer to what each row (f64) contributes to the rounding of its products: ‖x − origin‖, or ‖[x | m]‖. */
  readonly norms: number;
  /** Writes the products of `count` listed rows with the centers, count × the form's width. The list is padded to 4. */
  products(list: number, count: number, out: number): void;
  /** The same with rows that are off by up to the form's `blur`, where that is faster. */
  quickProducts(list: number, count: number, out: number): void;
  /** Pointer to a dense row; in the sparse form it is good until the next call. */
  row(index: number): number;
  /** Pointer to `count` dense rows; in the sparse form they are good until the next call. */
  block(from: number, count: number): number;
  /**
   * Moves `count` listed rows to the clusters in `fresh`: x − origin, or [x | m] of a masked row, leaves the old
   * cluster's sums and joins the new one's. See assembly/cluster/clusterSums.ts for the pointers.
   * @returns how many labels changed
   */
  move(
    list: number,
    count: number,
    fresh: number,
    label: number,
    weight: number,
    k: number,
    stats: number,
  ): number;
  /**
   * Adds Σ w (x − shift), Σ w (x − shift)² and Σ w of the observed entries of each column to `sums`, the first 3d of it; in
   * the sparse form the shift must be the origin.
   * @param weights one a row, or undefined where all are 1
   */
  addMoments(shift: FloatArray, sums: Float64Array, weights: Float64Array | undefined): void;
}

/** Rows that are at hand: all of a shard in memory, or some that a source has just given. */
export interface Window {
  readonly rows: Rows;
  /** Index of the first one in the shard. */
  readonly from: number;
}

/** How centers are laid out for the products, and how exact those are; shared by the shards of a thread. */
export interface Form {
  /** Columns of a product, a whole number of vectors. */
  readonly width: number;
  /** Pointer to half[j], infinite where there is no center: ½‖x − c‖² is ½ square + half[j] − product[j]. */
  readonly half: number;
  /** Bound of the relative rounding error of a product or a distance, γ; see `Assigner`. */
  readonly gamma: number;
  /** The same for rows with an entry in every column: it does not depend on what rows a thread has seen. */
  readonly gammaOfFull: number;
  /** Rows that enter quick products are off by at most this part of their norm. */
  readonly blur: number;
  /**
   * Takes centers.
   * @returns the largest norm that enters the rounding
   */
  put(centers: KernelCenters): number;
  /** Takes n rows into the kernels' memory: dense ones, or with `csr` sparse ones, whose origin must be 0. */
  load(data: FloatArray, n: number, csr?: Csr): Rows;
}

/** γ for sums of `terms` products and some further roundings, and 1 % for the rounding of the norms themselves. */
export function gammaOf(terms: number, layout: Layout): number {
  const u = unitRoundoff(layout);
  return (1.01 * (terms + 8) * u) / (1 - (terms + 8) * u);
}

function unitRoundoff({ precision }: Layout): number {
  return precision === 'F64' ? 2 ** -53 : 2 ** -24;
}

/** Visits the rows of a window, `BLOCK` of them at a time. */
export function eachBlock({ rows }: Window, visit: (from: number, count: number) => void): void {
  for (let from = 0; from < rows.n; from += BLOCK) visit(from, Math.min(BLOCK, rows.n - from));
}

/**
 * Repeats the last of `count` listed rows until their number is a multiple of 4: the kernels take rows by fours.
 * @param list with room for up to three more
 */
export function padList(list: Int32Array, count: number): void {
  for (let i = count; i % 4 !== 0; i++) list[i] = list[count - 1]!;
}

/** Writes the roots of n squares to `out`. */
export function roots(kernels: Kernels, squares: number, n: number, out: number): void {
  const values = kernels.f64(squares, n);
  const result = kernels.f64(out, n);
  for (let i = 0; i < n; i++) result[i] = Math.sqrt(values[i]!);
}

/** Lets `body` add to the first two of the sums, and adds n complete rows to the third. */
export function addColumnMoments(
  kernels: Kernels,
  { stride, d }: Layout,
  n: number,
  sums: Float64Array,
  body: (sum: number, square: number) => void,
): void {
  const mark = kernels.mark();
  const sum = kernels.zeros(stride * 8);
  const square = kernels.zeros(stride * 8);
  kernels.f64(sum, d).set(sums.subarray(0, d));
  kernels.f64(square, d).set(sums.subarray(d, 2 * d));
  body(sum, square);
  sums.set(kernels.f64(sum, d));
  sums.set(kernels.f64(square, d), d);
  for (let j = 2 * d; j < 3 * d; j++) sums[j]! += n;
  kernels.release(mark);
}
