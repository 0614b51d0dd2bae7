import { bytesOf, type Kernels, roundUp } from '../../kernels/kernels.ts';
import type { FloatArray } from '../../matrix.ts';
import { addColumnMoments, BLOCK, type Form, gammaOf, type Rows, roots } from './form.ts';
import { type Csr, type KernelCenters, type Layout, layRows } from './layout.ts';

/** The largest number of bits of a packed entry that name its column; with more, its value would be too far off. */
const MOST_COLUMN_BITS = 12;
/** How many entries are packed in one call: the engine may swap in faster code for a kernel between two calls. */
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
  /** Pointer to room for a block of dense rows. */
  readonly #scratch: number;
  /** How many bits of a packed entry name its column; 0 where entries are not packed. */
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
    this.#scratch = kernels.zeros(BLOCK * stride * size);
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
    const scratch = this.#scratch;
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
        expand(index, start, entry, origin, stride, scratch);
        return scratch;
      },
      block: (from, rows) => {
        for (let i = 0; i < rows; i++)
          expand(from + i, start, entry, origin, stride, scratch + i * stride * size);
        return scratch;
      },
      move: (list, listed, fresh, label, weight, k, stats) => {
        const move = f64 ? run.moveEntriesF64 : run.moveEntriesF32;
        return move(list, listed, fresh, label, weight, start, entry, origin, stride, k, stats);
      },
      addMoments: (shift, sums, weights) => {
        if (weights) this.#addWeightedMoments(n, start, entry, shift, weights, sums);
        else
          addColumnMoments(kernels, layout, n, sums, (sum, square) => {
            (f64 ? run.entryMomentsF64 : run.entryMomentsF32)(count, entry, origin, sum, square);
          });
      },
    };
  }

  #addWeightedMoments(
    n: number,
    start: number,
    entry: number,
    origin: FloatArray,
    weights: Float64Array,
    sums: Float64Array,
  ): void {
    const kernels = this.#kernels;
    const { precision, d } = this.#layout;
    const starts = kernels.i32(start, n + 1);
    const words = (2 * bytesOf(precision)) / 4; // of an entry, which is a column and a value
    const columns = kernels.i32(entry, starts[n]! * words);
    const values = kernels.floats(precision, entry, starts[n]! * 2);
    let total = 0;
    for (let i = 0; i < n; i++) {
      const weight = weights[i]!;
      if (weight === 0) continue;
      total += weight;
      for (let p = starts[i]!; p < starts[i + 1]!; p++) {
        const j = columns[p * words]!;
        const shifted = values[2 * p + 1]! - origin[j]!;
        sums[j]! += weight * shifted;
        sums[d + j]! += weight * shifted * shifted;
      }
    }
    for (let j = 2 * d; j < 3 * d; j++) sums[j]! += total;
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

  /**
   * Writes the entries of dense rows that differ from the origin, and where each row begins.
   * @returns how many entries were written
   */
  #compress(data: FloatArray, n: number, start: number, entry: number): number {
    const kernels = this.#kernels;
    const layout = this.#layout;
    const { precision, stride, d } = layout;
    const { run } = kernels;
    const size = bytesOf(precision);
    const scratch = this.#scratch;
    const compress = precision === 'F64' ? run.entriesF64 : run.entriesF32;
    let count = 0;
    for (let from = 0; from < n; from += BLOCK) {
      const rows = Math.min(BLOCK, n - from);
      layRows(data, from, from + rows, layout, kernels.floats(precision, scratch, BLOCK * stride));
      kernels.release(entry);
      kernels.alloc((count + rows * d) * 2 * size); // room for the worst case, at the same place
      count = compress(scratch, rows, stride, this.#origin, count, start + from * 4, entry);
    }
    kernels.release(entry);
    kernels.alloc(count * 2 * size);
    return count;
  }

  /**
   * Copies the entries of sparse rows, and where each row begins.
   * @returns how many entries were copied
   */
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
