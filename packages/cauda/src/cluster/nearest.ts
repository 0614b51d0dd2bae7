import { roundUp } from '../kernels/kernels.ts';
import { type FloatArray, like, type Matrix } from '../matrix.ts';

/**
 * The nearest center of one row at a time, without the kernels' block and without allocation. The sums are those of
 * `distances` in assembly/lloyd.ts, lane by lane in the precision of the centers, so that the answer, ties included,
 * is that of `predict`.
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
    const distance = row instanceof Float64Array ? distanceF64 : distanceF32;
    let best = Infinity;
    let nearest = 0;
    for (let c = 0; c < this.#k; c++) {
      const squared = distance(row as never, this.#centers as never, c * row.length);
      if (squared < best) {
        best = squared;
        nearest = c;
      }
    }
    return nearest;
  }
}

function distanceF64(x: Float64Array, centers: Float64Array, at: number): number {
  let a = 0;
  let b = 0;
  for (let j = 0; j < x.length; j += 2) {
    a += squareF64(x[j]! - centers[at + j]!);
    b += squareF64(x[j + 1]! - centers[at + j + 1]!);
  }
  return a + b;
}

function squareF64(difference: number): number {
  return Number.isNaN(difference) ? 0 : difference * difference;
}

const { fround } = Math;

function distanceF32(x: Float32Array, centers: Float32Array, at: number): number {
  let a = fround(0);
  let b = fround(0);
  let c = fround(0);
  let d = fround(0);
  for (let j = 0; j < x.length; j += 4) {
    a = fround(a + squareF32(fround(x[j]! - centers[at + j]!)));
    b = fround(b + squareF32(fround(x[j + 1]! - centers[at + j + 1]!)));
    c = fround(c + squareF32(fround(x[j + 2]! - centers[at + j + 2]!)));
    d = fround(d + squareF32(fround(x[j + 3]! - centers[at + j + 3]!)));
  }
  return fround(fround(a + b) + fround(c + d));
}

function squareF32(difference: number): number {
  return Number.isNaN(difference) ? 0 : fround(difference * difference);
}
