import { bytesOf, type Kernels, roundUp } from '../../kernels/kernels.ts';
import { BLOCK, type Form, padList, type Rows } from './form.ts';
import type { KernelCenters, Layout } from './layout.ts';

/** The largest number of groups of centers that bounds tell apart. */
export const MOST_LANES = 16;

/** Where `nearest` writes the bounds of the rows it evaluates: pointers, and the slot of the present iteration. */
export interface BoundsTarget {
  readonly lanes: number;
  readonly now: number;
  readonly head: number;
  readonly record: number;
}
const NO_BOUNDS: BoundsTarget = { lanes: 4, now: 0, head: 0, record: 0 };

/** The w by which distances are widened; see `Displacements`. */
export function widening(gamma: number): number {
  return gamma + 2 ** -20;
}

/**
 * Finds the nearest center of rows. What is nearest is decided by the sum of squared differences in the data's
 * precision, the lowest index winning a tie. Products x·c, which are faster, only tell which rows are in no doubt.
 *
 * With unit roundoff u and sums of m terms, a computed product is within γ‖x‖‖c‖ of the true one, and a computed
 * sum of squares within γ‖x − c‖² (Higham, *Accuracy and Stability of Numerical Algorithms*, §3.1), where
 * γ = (m + 8)u / (1 − (m + 8)u) also covers the rounding of ½‖c‖², of the differences (from the origin, and of a row
 * and a center) and of the last subtraction.
 * With R = ‖x‖ and C the largest ‖c‖, ½‖c‖² − x·c and ½‖x − c‖² err by at most γ(RC + ½C²) and ½γ(R + C)²; for masked
 * rows, with R and C the norms of [x | m] and [c | −½c²], by γRC and γ(R² + 2RC). Two such errors for each of two
 * centers stay below 3γ(R + C)²: a runner-up further off than this loses by differences too. Where the products are
 * those of a row that is off by up to βR, a score is off by βRC more, and 2βRC ≤ ½β(R + C)² joins the slack. Products
 * that underflow add at most a subnormal each; where they might overflow, a row is in doubt.
 */
export class Assigner {
  readonly layout: Layout;
  readonly form: Form;
  readonly #kernels: Kernels;
  readonly #product: number;
  readonly #slack: number;
  readonly #room: number;
  readonly #centers: number;
  readonly #label: number;
  readonly #doubtful: number;
  readonly #distance: number;
  readonly #list: number;
  readonly #tile: number;
  /** A bound of what underflow can take from a sum of squares, or add to it. */
  readonly underflow: number;
  readonly #largest: number;
  #k = 0;
  #norm = 0;

  /** @param room the largest number of centers at a time */
  constructor(kernels: Kernels, layout: Layout, form: Form, room: number) {
    const { precision, stride } = layout;
    const size = bytesOf(precision);
    this.layout = layout;
    this.form = form;
    this.#kernels = kernels;
    this.#centers = kernels.zeros(room * stride * size);
    this.#product = kernels.alloc(BLOCK * form.width * size);
    this.#slack = kernels.alloc(BLOCK * 8);
    this.#room = kernels.alloc(2 * MOST_LANES * size);
    this.#label = kernels.alloc(BLOCK * 4);
    this.#doubtful = kernels.alloc(BLOCK * 4);
    this.#distance = kernels.alloc(BLOCK * room * 8);
    this.#list = kernels.alloc(BLOCK * 4);
    this.#tile = kernels.alloc((stride + 1) * 32);
    this.#largest = precision === 'F64' ? 2 ** 500 : 2 ** 60; // beyond it a product may overflow
    this.underflow = 4 * stride * (precision === 'F64' ? 2 ** -1074 : 2 ** -149);
  }

  /** Pointer to the centers as dense rows. */
  get centers(): number {
    return this.#centers;
  }
  /** Pointer to the labels that `assign` finds. */
  get labels(): number {
    return this.#label;
  }

  put(centers: KernelCenters): void {
    this.#kernels.floats(this.layout.precision, this.#centers, centers.rows.length).set(centers.rows);
    this.#norm = this.form.put(centers);
    this.#k = centers.half.length;
  }

  /** The list [from, from + count), padded to a multiple of 4. */
  range(from: number, count: number): number {
    const list = this.#kernels.i32(this.#list, roundUp(count, 4));
    for (let i = 0; i < count; i++) list[i] = from + i;
    padList(list, count);
    return this.#list;
  }

  /**
   * Finds the nearest center of each of `count` ≤ BLOCK listed rows. `bounds` take what the rows' distances say; each
   * squared one is within the slack 3γ(R + C)².
   * @returns the labels, in a view that the next call overwrites
   */
  assign(rows: Rows, list: number, count: number, bounds: BoundsTarget = NO_BOUNDS): Int32Array {
    const { run } = this.#kernels;
    const { width, half, gamma } = this.form;
    this.#slacks(rows, list, count, 3 * gamma + 0.5 * this.form.blur);
    rows.quickProducts(list, count, this.#product);
    const nearest = this.layout.precision === 'F64' ? run.nearestF64 : run.nearestF32;
    const doubts = nearest(
      this.#product,
      count,
      width,
      half,
      list,
      this.#slack,
      rows.squares,
      widening(gamma),
      bounds.lanes,
      bounds.now,
      bounds.head,
      bounds.record,
      this.#room,
      this.#label,
      this.#doubtful,
    );
    const labels = this.#kernels.i32(this.#label, count);
    const indices = this.#kernels.i32(list, count);
    if (this.#k > 1)
      for (const i of this.#kernels.i32(this.#doubtful, doubts))
        labels[i] = leastIndex(this.#differences(rows.row(indices[i]!), 1, this.#k));
    return labels;
  }

  #slacks(rows: Rows, list: number, count: number, factor: number): void {
    const { run } = this.#kernels;
    run.slacks(list, count, rows.norms, this.#norm, factor, this.underflow, this.#largest, this.#slack);
  }

  /**
   * Finds those of the dense and complete rows [from, from + count) whose nearest center by differences is not that of
   * `label`. Their indices, counted from `from`, go to `list`, and their centers to `fresh`.
   * @param label pointer to the rows' labels, with room for whole tiles
   * @returns how many they are
   */
  changed(rows: Rows, from: number, count: number, label: number, list: number, fresh: number): number {
    const { precision, stride, d } = this.layout;
    const { run } = this.#kernels;
    const kernel = precision === 'F64' ? run.changedRowsF64 : run.changedRowsF32;
    const x = rows.block(from, count);
    return kernel(x, count, stride, d, this.#centers, this.#k, label, this.#tile, list, fresh);
  }

  /**
   * Squared distances of rows [from, from + count) to the centers, by differences.
   * @returns count × k, in a view that the next call overwrites
   */
  distances(rows: Rows, from: number, count: number): Float64Array {
    return this.#differences(rows.block(from, count), count, this.#k);
  }

  /**
   * The same for the seeding, by products where they say enough: a row with a distance within its error of 0 is measured
   * again by differences.
   * @returns count × k
   */
  quickDistances(rows: Rows, from: number, count: number): Float64Array {
    const { precision } = this.layout;
    const { width, half } = this.form;
    const k = this.#k;
    const list = this.range(from, count);
    this.#slacks(rows, list, count, 3 * this.form.gammaOfFull);
    rows.products(list, count, this.#product);
    const products = this.#kernels.floats(precision, this.#product, count * width);
    const halves = this.#kernels.floats(precision, half, k);
    const squares = this.#kernels.f64(rows.squares + from * 8, count);
    const slack = this.#kernels.f64(this.#slack, count);
    const result = new Float64Array(count * k);
    for (let i = 0; i < count; i++) {
      let near = false;
      for (let c = 0; c < k; c++) {
        const squared = squares[i]! + 2 * (halves[c]! - products[i * width + c]!);
        result[i * k + c] = squared;
        if (!(squared > 64 * slack[i]!)) near = true;
      }
      if (near) result.set(this.#differences(rows.row(from + i), 1, k), i * k);
    }
    return result;
  }

  /**
   * Squared distances of rows [from, from + labels.length) to the centers of their labels.
   * @returns one a row, in a view that the next call overwrites
   */
  ownDistances(rows: Rows, from: number, labels: Int32Array): Float64Array {
    const { precision, stride, width, masked } = this.layout;
    const { run } = this.#kernels;
    this.#kernels.i32(this.#label, labels.length).set(labels);
    const kernel = precision === 'F64' ? run.ownDistancesF64 : run.ownDistancesF32;
    const x = rows.block(from, labels.length);
    kernel(x, labels.length, stride, width, +masked, this.#centers, this.#label, this.#distance);
    return this.#kernels.f64(this.#distance, labels.length);
  }

  #differences(x: number, n: number, k: number): Float64Array {
    const { precision, stride, width, masked } = this.layout;
    const { run } = this.#kernels;
    const kernel = precision === 'F64' ? run.distancesF64 : run.distancesF32;
    kernel(x, n, stride, width, +masked, this.#centers, k, this.#distance);
    return this.#kernels.f64(this.#distance, n * k);
  }
}

function leastIndex(values: Float64Array): number {
  let at = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! < values[at]!) at = i;
  return at;
}
