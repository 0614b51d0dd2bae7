import { bytesOf, type Kernels, roundUp } from '../../kernels/kernels.ts';
import type { FloatArray } from '../../matrix.ts';
import { type Csr, type KernelCenters, type Layout, layEntries, layRows } from './layout.ts';

/** Rows handled at a time: their products with the centers stay in the cache. */
export const BLOCK = 128;

/**
 * The rows of one shard in the kernels' memory, as dense rows or as the entries that differ from an origin. Products
 * are taken with what `form` made of the centers; everything else is the same to the bit in either form.
 */
export interface Rows {
  readonly n: number;
  /** Pointer to the square of each row (f64) from which the products' distances are reckoned: from the origin in the
   * sparse form, from 0 in the dense one. */
  readonly squares: number;
  /** Pointer to what each row (f64) contributes to the rounding of its products: ‖x − origin‖, or ‖[x | m]‖. */
  readonly norms: number;
  /** Products of `count` listed rows with the centers: count × the form's width. The list is padded to 4. */
  products(list: number, count: number, out: number): void;
  /** The same of rows within the form's `blur`, if that is faster. */
  quickProducts(list: number, count: number, out: number): void;
  /** Pointer to a dense row; in the sparse form it is good until the next call. */
  row(index: number): number;
  /** Pointer to `count` dense rows, likewise. */
  block(from: number, count: number): number;
  /**
   * Gives `count` listed rows the labels in `fresh`, which takes x − origin, or [x | m] of a masked row, from the sums of
   * one cluster to another's; see assembly/cluster/clusterSums.ts for the pointers. The number of labels that change.
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
   * Adds Σ (x − shift), Σ (x − shift)² and the observed entries of each column to `sums`, the first 3d of it; in the
   * sparse form the shift must be the origin.
   */
  addMoments(shift: FloatArray, sums: Float64Array): void;
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
  /** The rows that enter quick products are off by at most this part of their norm. */
  readonly blur: number;
  /** Takes centers, and gives the largest norm that enters the rounding. */
  put(centers: KernelCenters): number;
  /** Takes n rows: dense ones, or with `csr` sparse ones, whose origin must be 0. */
  load(data: FloatArray, n: number, csr?: Csr): Rows;
}

const unitRoundoff = ({ precision }: Layout): number => (precision === 'F64' ? 2 ** -53 : 2 ** -24);

/** γ for sums of `terms` products and some further roundings; 1 % for the rounding of the norms themselves. */
function gammaOf(terms: number, layout: Layout): number {
  const u = unitRoundoff(layout);
  return (1.01 * (terms + 8) * u) / (1 - (terms + 8) * u);
}

/** Rows that `changedRows` reads at a time. */
export const ROW_TILE = 8;
/** Elements summed at a time by panelDots. */
const CHUNK = 64;

/** Rows as they are, padded to whole vectors, masked or not. */
export class DenseForm implements Form {
  readonly width: number;
  readonly half: number;
  readonly gamma: number;
  readonly gammaOfFull: number;
  readonly blur = 0;
  readonly #kernels: Kernels;
  readonly #layout: Layout;
  readonly #centers: number;
  readonly #origin: number;

  /** @param room most centers at a time; @param origin what sums are taken from, d values (0 for masked rows) */
  constructor(kernels: Kernels, layout: Layout, room: number, origin: FloatArray) {
    const { precision, stride, d } = layout;
    this.#kernels = kernels;
    this.#layout = layout;
    this.width = roundUp(room, 16 / bytesOf(precision));
    this.#centers = kernels.zeros(this.width * stride * bytesOf(precision));
    this.half = kernels.zeros(this.width * bytesOf(precision));
    this.#origin = kernels.zeros(stride * bytesOf(precision));
    kernels.floats(precision, this.#origin, d).set(origin);
    const products = Math.min(stride, CHUNK) + Math.ceil(stride / CHUNK);
    this.gamma = gammaOf(Math.max(products, (stride * bytesOf(precision)) / 16), layout);
    this.gammaOfFull = this.gamma;
  }

  put({ rows, half, norm }: KernelCenters): number {
    const { precision, stride } = this.#layout;
    const { width } = this;
    const panel = 32 / bytesOf(precision);
    const panels = this.#kernels.floats(precision, this.#centers, width * stride);
    for (let c = 0; c < half.length; c++) {
      const first = c - (c % panel);
      const pitch = Math.min(panel, width - first);
      for (let j = 0; j < stride; j++)
        panels[first * stride + j * pitch + (c - first)] = rows[c * stride + j]!;
    }
    const halves = this.#kernels.floats(precision, this.half, width).fill(Infinity);
    halves.set(half);
    return norm;
  }

  load(data: FloatArray, n: number, csr?: Csr): Rows {
    const kernels = this.#kernels;
    const layout = this.#layout;
    const { precision, stride, width, masked, d } = layout;
    const { run } = kernels;
    const size = bytesOf(precision);
    const x = kernels.alloc(roundUp(n, ROW_TILE) * stride * size);
    const view = kernels.floats(precision, x, roundUp(n, ROW_TILE) * stride);
    if (stride !== d || csr) view.fill(0);
    if (csr) layEntries(data, csr, n, layout, view);
    else layRows(data, 0, n, layout, view);
    const squares = kernels.alloc(n * 8);
    const zero = kernels.zeros(stride * size);
    const distances = precision === 'F64' ? run.distancesF64 : run.distancesF32;
    distances(x, n, stride, stride, 0, zero, 1, squares);
    const norms = kernels.alloc(n * 8);
    roots(kernels, squares, n, norms);
    if (masked) distances(x, n, stride, width, 0, zero, 1, squares);
    const dots = precision === 'F64' ? run.panelDotsF64 : run.panelDotsF32;
    const products: Rows['products'] = (list, count, out) => {
      dots(x, stride, list, roundUp(count, 4), this.#centers, this.width, out);
    };
    return {
      n,
      squares,
      norms,
      products,
      quickProducts: products,
      row: (index) => x + index * stride * size,
      block: (from) => x + from * stride * size,
      move: (list, count, fresh, label, weight, k, stats) => {
        const move = precision === 'F64' ? run.moveRowsF64 : run.moveRowsF32;
        return move(list, count, fresh, label, weight, x, this.#origin, stride, k, stats);
      },
      addMoments: (shift, sums) =>
        masked
          ? addMaskedMoments(kernels.floats(precision, x, n * stride), layout, shift, sums)
          : addColumnMoments(kernels, layout, n, sums, (sum, square) => {
              const center = kernels.zeros(stride * size);
              kernels.floats(precision, center, d).set(shift);
              const moments = precision === 'F64' ? run.columnMomentsF64 : run.columnMomentsF32;
              moments(x, n, stride, center, sum, square);
            }),
    };
  }
}

/** Most bits of a packed entry that name its column: with more, its value would be too far off. */
const MOST_COLUMN_BITS = 12;
/** Entries packed in one call: a first fit's kernels become fast between calls. */
const PACK = 4096;

/**
 * Rows as the entries that differ from the origin: for data of which most values repeat in their column. Entries of
 * float32 are kept a second time, packed, for quick products.
 */
export class SparseForm implements Form {
  readonly width: number;
  readonly half: number;
  readonly blur: number;
  readonly #kernels: Kernels;
  readonly #layout: Layout;
  readonly #origin: number;
  readonly #columns: number;
  readonly #dense: number;
  /** Bits that name a column in a packed entry, 0 where entries are not packed. */
  readonly #bits: number;
  #longest = 0;

  /** @param packed whether rows stay long enough for packed entries to pay */
  constructor(kernels: Kernels, layout: Layout, room: number, origin: FloatArray, packed: boolean) {
    const { precision, stride, d } = layout;
    const size = bytesOf(precision);
    this.#kernels = kernels;
    this.#layout = layout;
    this.width = roundUp(room, 16 / size);
    this.#origin = kernels.zeros(stride * size);
    kernels.floats(precision, this.#origin, d).set(origin);
    this.#columns = kernels.zeros(d * this.width * size);
    this.half = kernels.zeros(this.width * size);
    this.#dense = kernels.zeros(BLOCK * stride * size);
    const bits = Math.max(1, 32 - Math.clz32(d - 1));
    this.#bits = packed && precision === 'F32' && bits <= MOST_COLUMN_BITS ? bits : 0;
    this.blur = this.#bits && 2 ** (bits - 24);
  }

  get gamma(): number {
    return this.#gamma(this.#longest);
  }
  get gammaOfFull(): number {
    return this.#gamma(this.#layout.d);
  }

  #gamma(longest: number): number {
    const { precision, stride } = this.#layout;
    return gammaOf(Math.max((stride * bytesOf(precision)) / 16, longest / 2), this.#layout);
  }

  /** The centers measured from the origin, by column. */
  put({ rows }: KernelCenters): number {
    const { precision, stride, d } = this.#layout;
    const { width } = this;
    const k = rows.length / stride;
    const columns = this.#kernels.floats(precision, this.#columns, d * width);
    const half = this.#kernels.floats(precision, this.half, width).fill(Infinity);
    const origin = this.#kernels.floats(precision, this.#origin, d);
    let norm = 0;
    for (let c = 0; c < k; c++) {
      let sum = 0;
      for (let j = 0; j < d; j++) {
        const at = j * width + c;
        columns[at] = rows[c * stride + j]! - origin[j]!;
        sum += columns[at]! * columns[at]!;
      }
      half[c] = 0.5 * sum;
      norm = Math.max(norm, sum);
    }
    return Math.sqrt(norm);
  }

  load(data: FloatArray, n: number, csr?: Csr): Rows {
    const kernels = this.#kernels;
    const layout = this.#layout;
    const { precision, stride } = layout;
    const { run } = kernels;
    const size = bytesOf(precision);
    const f64 = precision === 'F64';
    const dense = this.#dense;
    const origin = this.#origin;
    const start = kernels.zeros((n + 1) * 4);
    const squares = kernels.alloc(n * 8);
    const norms = kernels.alloc(n * 8);
    const entry = kernels.alloc(0);
    const count = csr ? this.#copy(data, csr, start, entry) : this.#compress(data, n, start, entry);
    const starts = kernels.i32(start, n + 1);
    for (let i = 0; i < n; i++) this.#longest = Math.max(this.#longest, starts[i + 1]! - starts[i]!);
    (f64 ? run.sparseSquaresF64 : run.sparseSquaresF32)(n, start, entry, origin, squares);
    roots(kernels, squares, n, norms);
    const expand = f64 ? run.expandRowF64 : run.expandRowF32;
    const dots = f64 ? run.sparseDotsF64 : run.sparseDotsF32;
    const products: Rows['products'] = (list, listed, out) => {
      dots(list, listed, start, entry, origin, this.#columns, this.width, out);
    };
    return {
      n,
      squares,
      norms,
      products,
      quickProducts: this.#bits ? this.#packed(count, start, entry) : products,
      row: (index) => {
        expand(index, start, entry, origin, stride, dense);
        return dense;
      },
      block: (from, rows) => {
        for (let i = 0; i < rows; i++)
          expand(from + i, start, entry, origin, stride, dense + i * stride * size);
        return dense;
      },
      move: (list, listed, fresh, label, weight, k, stats) => {
        const move = f64 ? run.moveEntriesF64 : run.moveEntriesF32;
        return move(list, listed, fresh, label, weight, start, entry, origin, stride, k, stats);
      },
      addMoments: (_, sums) =>
        addColumnMoments(kernels, layout, n, sums, (sum, square) => {
          (f64 ? run.entryMomentsF64 : run.entryMomentsF32)(count, entry, origin, sum, square);
        }),
    };
  }

  #packed(count: number, start: number, entry: number): Rows['products'] {
    const kernels = this.#kernels;
    const { packEntries, packedDots } = kernels.run;
    const packed = kernels.alloc(count * 4);
    for (let from = 0; from < count; from += PACK)
      packEntries(
        Math.min(PACK, count - from),
        entry + from * 8,
        this.#origin,
        this.#bits,
        packed + from * 4,
      );
    return (list, listed, out) => {
      packedDots(list, listed, start, packed, this.#bits, this.#columns, this.width, out);
    };
  }

  /** Writes the entries of dense rows that differ from the origin, and where each row begins; their number. */
  #compress(data: FloatArray, n: number, start: number, entry: number): number {
    const kernels = this.#kernels;
    const layout = this.#layout;
    const { precision, stride, d } = layout;
    const { run } = kernels;
    const size = bytesOf(precision);
    const dense = this.#dense;
    const compress = precision === 'F64' ? run.entriesF64 : run.entriesF32;
    let count = 0;
    for (let from = 0; from < n; from += BLOCK) {
      const rows = Math.min(BLOCK, n - from);
      layRows(data, from, from + rows, layout, kernels.floats(precision, dense, BLOCK * stride));
      kernels.release(entry);
      kernels.alloc((count + rows * d) * 2 * size); // room for the worst case, at the same place
      count = compress(dense, rows, stride, this.#origin, count, start + from * 4, entry);
    }
    kernels.release(entry);
    kernels.alloc(count * 2 * size);
    return count;
  }

  /** The same for sparse rows, which have only such entries. */
  #copy(data: FloatArray, { indices, indptr }: Csr, start: number, entry: number): number {
    const kernels = this.#kernels;
    const { precision } = this.#layout;
    const size = bytesOf(precision);
    const count = data.length;
    kernels.alloc(count * 2 * size);
    kernels.i32(start, indptr.length).set(indptr);
    const columns = kernels.i32(entry, (count * 2 * size) / 4);
    const values = kernels.floats(precision, entry, count * 2);
    for (let p = 0; p < count; p++) {
      columns[(p * 2 * size) / 4] = indices[p]!;
      values[p * 2 + 1] = data[p]!;
    }
    return count;
  }
}

function roots(kernels: Kernels, squares: number, n: number, out: number): void {
  const values = kernels.f64(squares, n);
  const result = kernels.f64(out, n);
  for (let i = 0; i < n; i++) result[i] = Math.sqrt(values[i]!);
}

/** Has `body` add to the first two of the sums, and counts n complete rows. */
function addColumnMoments(
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

function addMaskedMoments(
  rows: FloatArray,
  { d, width, stride }: Layout,
  shift: FloatArray,
  sums: Float64Array,
): void {
  for (let at = 0; at < rows.length; at += stride)
    for (let j = 0; j < d; j++) {
      if (rows[at + width + j] === 0) continue;
      const moved = rows[at + j]! - shift[j]!;
      sums[j]! += moved;
      sums[d + j]! += moved * moved;
      sums[2 * d + j]!++;
    }
}
