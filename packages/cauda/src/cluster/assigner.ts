import { bytesOf, type Kernels, roundUp } from '../kernels/kernels.ts';
import type { FloatArray } from '../matrix.ts';
import type { KernelCenters, Layout } from './layout.ts';

/** Rows handled at a time: their products with the centers stay in the cache. */
export const BLOCK = 128;

/**
 * Assigns blocks of rows to centers. What is nearest is decided by the sum of squared differences in the data's
 * precision, the lowest index winning a tie. The products x·c, which are faster, only tell which rows are in no doubt.
 *
 * With unit roundoff u and lanes of m terms, a computed product is within γ‖x‖‖c‖ of the true one, and a computed
 * sum of squares within γ‖x − c‖² (Higham, *Accuracy and Stability of Numerical Algorithms*, §3.1), where
 * γ = (m + 6)u / (1 − (m + 6)u) also covers the rounding of ½‖c‖², of the differences and of the last subtraction.
 * With R = ‖x‖ and C the largest ‖c‖, ½‖c‖² − x·c and ½‖x − c‖² err by at most γ(RC + ½C²) and ½γ(R + C)²; for masked
 * rows, with R and C the norms of [x | m] and [c | −½c²], by γRC and γ(R² + 2RC). Two such errors for each of two
 * centers stay below 3γ(R + C)²: a runner-up further off than this loses by differences too. Products that underflow
 * add at most a subnormal each; where they overflow, a row is in doubt.
 */
export class Assigner {
  readonly layout: Layout;
  readonly #kernels: Kernels;
  readonly #k: number;
  readonly #padded: number;
  readonly #centers: number;
  readonly #half: number;
  readonly #product: number;
  readonly #slack: number;
  readonly #label: number;
  readonly #score: number;
  readonly #doubtful: number;
  readonly #distance: number;
  readonly #gamma: number;
  readonly #underflow: number;
  #norm = 0;

  /** @param k centers that rows are assigned to; there is room for `room` ≥ k in `distances` */
  constructor(kernels: Kernels, k: number, room: number, layout: Layout) {
    const { precision, stride } = layout;
    const size = bytesOf(precision);
    this.layout = layout;
    this.#kernels = kernels;
    this.#k = k;
    this.#padded = roundUp(k, 2);
    this.#centers = kernels.zeros(roundUp(room, 2) * stride * size);
    this.#half = kernels.zeros(room * size);
    this.#product = kernels.alloc(BLOCK * this.#padded * size);
    this.#slack = kernels.alloc(BLOCK * 8);
    this.#label = kernels.alloc(BLOCK * 4);
    this.#score = kernels.alloc(BLOCK * size);
    this.#doubtful = kernels.alloc(BLOCK * 4);
    this.#distance = kernels.alloc(BLOCK * room * 8);
    const u = precision === 'F64' ? 2 ** -53 : 2 ** -24;
    const terms = (stride * size) / 16 + 6;
    this.#underflow = 4 * stride * (precision === 'F64' ? 2 ** -1074 : 2 ** -149);
    this.#gamma = (1.01 * terms * u) / (1 - terms * u); // 1 % for the rounding of the norms themselves
  }

  /** Takes centers: at most `room` of them. */
  put({ rows, half, norm }: KernelCenters): void {
    const { precision } = this.layout;
    this.#kernels.floats(precision, this.#centers, rows.length).set(rows);
    this.#kernels.floats(precision, this.#half, half.length).set(half);
    this.#norm = norm;
  }

  /** ‖row‖ of n rows at `x`, as `assign` wants them. */
  norms(x: number, n: number): Float64Array {
    const { precision, stride } = this.layout;
    const { run } = this.#kernels;
    this.#kernels.floats(precision, this.#centers, stride).fill(0);
    const kernel = precision === 'F64' ? run.distancesF64 : run.distancesF32;
    const norms = new Float64Array(n);
    for (let from = 0; from < n; from += BLOCK) {
      const count = Math.min(BLOCK, n - from);
      kernel(
        x + from * stride * bytesOf(precision),
        count,
        stride,
        stride,
        0,
        this.#centers,
        1,
        this.#distance,
      );
      norms.set(this.#kernels.f64(this.#distance, count), from);
    }
    return norms.map(Math.sqrt);
  }

  /**
   * The nearest of the k centers for n ≤ BLOCK rows at `x`, and half[j] − x·c of each. Rows beyond n up to a multiple
   * of 4 are read too. The views are overwritten by the next call.
   */
  assign(x: number, n: number, norms: Float64Array): { labels: Int32Array; scores: FloatArray } {
    const { precision, stride } = this.layout;
    const { run } = this.#kernels;
    const slack = this.#kernels.f64(this.#slack, n);
    for (let i = 0; i < n; i++) {
      const reach = norms[i]! + this.#norm;
      slack[i] = 3 * this.#gamma * reach * reach + this.#underflow;
    }
    const [dots, nearest] =
      precision === 'F64' ? [run.dotsF64, run.nearestF64] : [run.dotsF32, run.nearestF32];
    dots(x, roundUp(n, 4), stride, this.#centers, this.#padded, this.#product);
    const count = nearest(
      this.#product,
      n,
      this.#padded,
      this.#half,
      this.#k,
      this.#slack,
      this.#label,
      this.#score,
      this.#doubtful,
    );
    const labels = this.#kernels.i32(this.#label, n);
    if (this.#k > 1)
      for (const i of this.#kernels.i32(this.#doubtful, count))
        labels[i] = leastIndex(this.distances(x + i * stride * bytesOf(precision), 1, this.#k));
    return { labels, scores: this.#kernels.floats(precision, this.#score, n) };
  }

  /** Squared distances of n ≤ BLOCK rows at `x` to the first `k` centers: n × k, a view. */
  distances(x: number, n: number, k: number): Float64Array {
    const { precision, stride, width, masked } = this.layout;
    const { run } = this.#kernels;
    const kernel = precision === 'F64' ? run.distancesF64 : run.distancesF32;
    kernel(x, n, stride, width, +masked, this.#centers, k, this.#distance);
    return this.#kernels.f64(this.#distance, n * k);
  }

  /** Squared distance of each of n ≤ BLOCK rows at `x` to the center of its label: n, a view. */
  ownDistances(x: number, labels: Int32Array): Float64Array {
    const { precision, stride, width, masked } = this.layout;
    const { run } = this.#kernels;
    this.#kernels.i32(this.#label, labels.length).set(labels);
    const kernel = precision === 'F64' ? run.ownDistancesF64 : run.ownDistancesF32;
    kernel(x, labels.length, stride, width, +masked, this.#centers, this.#label, this.#distance);
    return this.#kernels.f64(this.#distance, labels.length);
  }
}

function leastIndex(values: Float64Array): number {
  let at = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! < values[at]!) at = i;
  return at;
}
