import { roundUp } from '../../kernels/kernels.ts';
import { type FloatArray, like, type Matrix } from '../../matrix.ts';

/**
 * The nearest center of one row at a time, without the kernels' block and without allocation. The sums are those of
 * `distances` in assembly/cluster/distances.ts, lane by lane in the precision of the centers, so that the answer, ties
 * included, is that of `predict`.
 */
export class NearestCenter {
  /** The row to look up, in the precision of the centers; the caller writes its d values, NaN where one is missing. */
  readonly row: FloatArray;
  readonly #centers: FloatArray;
  readonly #k: number;

  constructor({ data, rows, cols }: Matrix) {
    const width = roundUp(cols, 4);
    this.row = like(data, width);
    this.#centers = like(data, rows * width);
    this.#k = rows;
    for (let c = 0; c < rows; c++) this.#centers.set(data.subarray(c * cols, (c + 1) * cols), c * width);
  }

  /** The index of the center nearest to `row`, the lowest winning a tie. NaN adds nothing to a distance. */
  find(): number {
    const { row } = this;
    return row instanceof Float64Array
      ? nearestF64(row, this.#centers as Float64Array, this.#k)
      : nearestF32(row, this.#centers as Float32Array, this.#k);
  }
}

// The loops are written out: a sum that a function returned would be a number on the heap.

function nearestF64(x: Float64Array, centers: Float64Array, k: number): number {
  let best = Infinity;
  let nearest = 0;
  for (let c = 0, at = 0; c < k; c++) {
    let even = 0;
    let odd = 0;
    for (let j = 0; j < x.length; j += 2, at += 2) {
      const p = x[j]! - centers[at]!;
      const q = x[j + 1]! - centers[at + 1]!;
      if (!Number.isNaN(p)) even += p * p;
      if (!Number.isNaN(q)) odd += q * q;
    }
    if (even + odd < best) {
      best = even + odd;
      nearest = c;
    }
  }
  return nearest;
}

const { fround } = Math;

function nearestF32(x: Float32Array, centers: Float32Array, k: number): number {
  let best = Infinity;
  let nearest = 0;
  for (let c = 0, at = 0; c < k; c++) {
    let [s, t, u, v] = [fround(0), fround(0), fround(0), fround(0)];
    for (let j = 0; j < x.length; j += 4, at += 4) {
      const p = fround(x[j]! - centers[at]!);
      const q = fround(x[j + 1]! - centers[at + 1]!);
      const r = fround(x[j + 2]! - centers[at + 2]!);
      const o = fround(x[j + 3]! - centers[at + 3]!);
      if (!Number.isNaN(p)) s = fround(s + fround(p * p));
      if (!Number.isNaN(q)) t = fround(t + fround(q * q));
      if (!Number.isNaN(r)) u = fround(u + fround(r * r));
      if (!Number.isNaN(o)) v = fround(v + fround(o * o));
    }
    const squared = fround(fround(s + t) + fround(u + v));
    if (squared < best) {
      best = squared;
      nearest = c;
    }
  }
  return nearest;
}
