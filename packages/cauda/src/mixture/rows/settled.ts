import type { Kernels } from '../../kernels/kernels.ts';
import { BLOCK, type Density, type MixtureShape, PANEL, RESPONSIBILITY_PITCH } from './density.ts';

/** The settled rows of a shard. */
export interface SettledShard {
  readonly n: number;
  /** Pointer to the component each row is settled in, or −1; i32. */
  readonly home: number;
  /** Pointers to float64 sums over the settled rows around the reference: weights, first and second moments. */
  readonly total: number;
  readonly first: number;
  readonly second: number;
  /** Settled rows of each component. */
  readonly rows: Int32Array;
  /** For each sum of second moments, the trace of all rows removed since it was last rebuilt. */
  readonly gone: Float64Array;
}

/**
 * For full covariances, the moments of the rows that belong to one component alone, all other responsibilities being 0.
 * While a row stays in its component, so does its contribution: the sums, float64 whatever the rows are, change only by
 * rows that join or leave. They are kept around a reference of their own and shifted to the present mean when they are
 * used:
 *   Σ (x − μ)(x − μ)ᵀ = S − s δᵀ − δ sᵀ + n δ δᵀ, δ = μ − reference,
 * with the moments n, s and S around the reference. No digits are lost: a sum begins anew, from all its rows, once
 * the mean is a standard deviation from the reference, or when what has left outweighs what is left by `MOST_GONE`.
 */
export class SettledMoments {
  readonly #kernels: Kernels;
  readonly #shape: MixtureShape;
  readonly #density: Density;
  readonly #reference: number;
  readonly #delta: number;
  readonly #lists: { join: number; joined: number; leave: number; left: number };
  readonly #kept: number;
  readonly #panel: number;
  #renew: Uint8Array = new Uint8Array();

  constructor(kernels: Kernels, shape: MixtureShape, density: Density) {
    const { nComponents: k } = shape;
    const { stride } = density;
    this.#kernels = kernels;
    this.#shape = shape;
    this.#density = density;
    this.#reference = kernels.zeros(k * stride * 8);
    this.#delta = kernels.alloc(stride * 8);
    const lists = () => kernels.alloc(k * RESPONSIBILITY_PITCH * 4);
    const counts = () => kernels.alloc(k * 4);
    this.#lists = { join: lists(), joined: counts(), leave: lists(), left: counts() };
    this.#kept = kernels.alloc(BLOCK * 8);
    this.#panel = kernels.alloc(PANEL * stride * 8);
  }

  /** Room for n rows, none of them settled. */
  open(n: number): SettledShard {
    const { nComponents: k } = this.#shape;
    const { stride } = this.#density;
    const home = this.#kernels.alloc(n * 4);
    this.#kernels.i32(home, n).fill(-1);
    return {
      n,
      home,
      total: this.#kernels.zeros(k * 8),
      first: this.#kernels.zeros(k * stride * 8),
      second: this.#kernels.zeros(k * stride * stride * 8),
      rows: new Int32Array(k),
      gone: new Float64Array(k),
    };
  }

  /** Takes the means as references where `renew` is 1; every shard then begins those sums anew. */
  set(renew: Uint8Array): void {
    const { nComponents: k, precision } = this.#shape;
    const { stride, means } = this.#density;
    this.#renew = renew;
    const present = this.#kernels.floats(precision, means, k * stride);
    const reference = this.#kernels.f64(this.#reference, k * stride);
    for (let c = 0; c < k; c++)
      if (renew[c]) reference.set(present.subarray(c * stride, (c + 1) * stride), c * stride);
  }

  /** Begins the shard's iteration: forgets the sums that must begin anew. */
  begin(shard: SettledShard): void {
    const { nComponents: k, nFeatures: d } = this.#shape;
    const { stride } = this.#density;
    const drop = this.#renew.slice();
    const second = this.#kernels.f64(shard.second, k * stride * stride);
    for (let c = 0; c < k; c++) if (shard.gone[c]! > MOST_GONE * trace(second, c, stride, d)) drop[c] = 1;
    if (!drop.includes(1)) return;
    const home = this.#kernels.i32(shard.home, shard.n);
    for (let i = 0; i < home.length; i++) if (home[i]! >= 0 && drop[home[i]!]) home[i] = -1;
    for (let c = 0; c < k; c++) if (drop[c]) this.#empty(shard, c);
  }

  /** Takes the settled rows of a block out of the density's responsibilities, and those that changed into account. */
  add(shard: SettledShard, label: number, x: number, weights: number, from: number, n: number): void {
    const { nComponents: k } = this.#shape;
    const { join, joined, leave, left } = this.#lists;
    const r = this.#density.responsibilities;
    this.#kernels.run.settleRows(
      r,
      n,
      RESPONSIBILITY_PITCH,
      k,
      label,
      shard.home + from * 4,
      join,
      joined,
      leave,
      left,
    );
    const came = this.#kernels.i32(joined, k).slice();
    const went = this.#kernels.i32(left, k).slice();
    for (let c = 0; c < k; c++) {
      if (went[c]! > 0) this.#leave(shard, c, x, weights, leave + c * RESPONSIBILITY_PITCH * 4, went[c]!);
      if (came[c]! > 0) this.#move(shard, c, x, weights, join + c * RESPONSIBILITY_PITCH * 4, came[c]!, 1);
    }
  }

  /** Adds the shard's moments around the density's means to float64 sums, second moments packed. */
  addTo(shard: SettledShard, total: number, first: number, packed: number): void {
    const { nComponents: k, nFeatures: d, precision } = this.#shape;
    const { stride, means } = this.#density;
    const { run } = this.#kernels;
    const packedBytes = d * (d + 1) * 4;
    for (let c = 0; c < k; c++)
      run.addUpper(shard.second + c * stride * stride * 8, stride, d, packed + c * packedBytes);
    const weights = this.#kernels.f64(shard.total, k);
    const totals = this.#kernels.f64(total, k);
    const mine = this.#kernels.f64(shard.first, k * stride);
    const sums = this.#kernels.f64(first, k * stride);
    const present = this.#kernels.floats(precision, means, k * stride);
    const reference = this.#kernels.f64(this.#reference, k * stride);
    const delta = this.#kernels.f64(this.#delta, stride);
    for (let c = 0; c < k; c++) {
      const n = weights[c]!;
      totals[c]! += n;
      for (let i = 0; i < stride; i++) {
        delta[i] = present[c * stride + i]! - reference[c * stride + i]!;
        sums[c * stride + i]! += mine[c * stride + i]! - n * delta[i]!;
      }
      run.shiftUpper(shard.first + c * stride * 8, this.#delta, n, d, packed + c * packedBytes);
    }
  }

  #leave(shard: SettledShard, c: number, x: number, weights: number, list: number, count: number): void {
    const { nComponents: k, nFeatures: d } = this.#shape;
    const { stride } = this.#density;
    const sums = k * stride * stride;
    const before = trace(this.#kernels.f64(shard.second, sums), c, stride, d);
    this.#move(shard, c, x, weights, list, count, -1);
    shard.gone[c]! += before - trace(this.#kernels.f64(shard.second, sums), c, stride, d);
    if (shard.rows[c] === 0) this.#empty(shard, c); // drop what rounding would leave behind
  }

  /** Adds or takes away listed rows. */
  #move(
    shard: SettledShard,
    c: number,
    x: number,
    weights: number,
    rows: number,
    count: number,
    sign: 1 | -1,
  ): void {
    const { precision } = this.#shape;
    const { run } = this.#kernels;
    const { stride } = this.#density;
    const second = shard.second + c * stride * stride * 8;
    const weightedRows = precision === 'F32' ? run.weightedRowsWide : run.weightedRowsF64;
    const gram = sign > 0 ? run.gramF64 : run.gramAwayF64;
    shard.rows[c]! += sign * count;
    for (let from = 0; from < count; from += PANEL) {
      const some = Math.min(PANEL, count - from);
      const list = rows + from * 4;
      const weight = run.takeF64(weights, list, some, this.#kept);
      this.#kernels.f64(shard.total, c + 1)[c]! += sign * weight;
      this.#kernels.f64(this.#delta, stride).fill(0);
      const reference = this.#reference + c * stride * 8;
      weightedRows(x, stride, list, this.#kept, some, reference, this.#panel, stride, this.#delta);
      run.addRowF64(shard.first + c * stride * 8, this.#delta, stride, sign);
      gram(this.#panel, some, stride, second);
    }
  }

  #empty(shard: SettledShard, c: number): void {
    const { stride } = this.#density;
    shard.rows[c] = 0;
    this.#kernels.f64(shard.total, c + 1)[c] = 0;
    this.#kernels.f64(shard.first + c * stride * 8, stride).fill(0);
    this.#kernels.f64(shard.second + c * stride * stride * 8, stride * stride).fill(0);
    shard.gone[c] = 0;
  }
}

/**
 * The largest ratio of what was removed to what is left. Removed products leave rounding errors of 2⁻⁵³ of them behind,
 * hence no more than 2⁻⁴³ of the sum.
 */
const MOST_GONE = 2 ** 10;

/** The trace of component c's sum of second moments. */
function trace(second: Float64Array, c: number, stride: number, d: number): number {
  let sum = 0;
  for (let i = 0; i < d; i++) sum += second[(c * stride + i) * stride + i]!;
  return sum;
}
