import { bytesOf, type Kernels, roundUp } from '../../kernels/kernels.ts';
import type { FloatArray } from '../../matrix.ts';
import { addColumnMoments, type Form, gammaOf, ROW_TILE, type Rows, roots } from './form.ts';
import { type Csr, type KernelCenters, type Layout, layEntries, layRows } from './layout.ts';

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

  /**
   * @param room the largest number of centers at a time
   * @param origin what sums are taken from, d values (0 for masked rows)
   */
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
      addMoments: (shift, sums, weights) =>
        masked || weights
          ? addWeightedMoments(kernels.floats(precision, x, n * stride), layout, shift, weights, sums)
          : addColumnMoments(kernels, layout, n, sums, (sum, square) => {
              const center = kernels.zeros(stride * size);
              kernels.floats(precision, center, d).set(shift);
              const moments = precision === 'F64' ? run.columnMomentsF64 : run.columnMomentsF32;
              moments(x, n, stride, center, sum, square);
            }),
    };
  }
}

function addWeightedMoments(
  rows: FloatArray,
  { d, width, stride, masked }: Layout,
  shift: FloatArray,
  weights: Float64Array | undefined,
  sums: Float64Array,
): void {
  for (let i = 0, at = 0; at < rows.length; i++, at += stride) {
    const weight = weights ? weights[i]! : 1;
    if (weight === 0) continue;
    for (let j = 0; j < d; j++) {
      if (masked && rows[at + width + j] === 0) continue;
      const shifted = rows[at + j]! - shift[j]!;
      sums[j]! += weight * shifted;
      sums[d + j]! += weight * shifted * shifted;
      sums[2 * d + j]! += weight;
    }
  }
}
