import { bytesOf, type Kernels, roundUp } from '../../kernels/kernels.ts';
import { covarianceCount, covarianceOf, isDense, secondLength } from '../covariance/type.ts';
import { BLOCK, type Density, type MixtureShape, PANEL, RESPONSIBILITY_PITCH } from './density.ts';
import type { SettledMoments, SettledShard } from './settled.ts';

/** Sums of weighted moments over the blocks of one shard, in float64. */
export class MomentSums {
  readonly #kernels: Kernels;
  readonly #shape: MixtureShape;
  readonly #density: Density;
  /** Elements of a panel's row: whole tiles of the kernel `gram`. */
  readonly #wide: number;
  readonly #list: number;
  readonly #kept: number;
  readonly #panel: number;
  readonly #sum: number;
  /** Pointers to float64 results: Σ r, K × stride first moments, wide × wide (or wide) second moments. */
  readonly #total: number;
  readonly #first: number;
  readonly #second: number;
  readonly #secondSize: number;
  readonly #packed: number;

  constructor(kernels: Kernels, shape: MixtureShape, density: Density) {
    const { nComponents: k, nFeatures: d, covarianceType: type, precision } = shape;
    const bytes = bytesOf(precision);
    const { stride } = density;
    this.#kernels = kernels;
    this.#shape = shape;
    this.#density = density;
    this.#wide = roundUp(stride, 32 / bytes);
    this.#secondSize = isDense(type) ? this.#wide * this.#wide : this.#wide;
    this.#list = kernels.alloc(BLOCK * 4);
    this.#kept = kernels.alloc(BLOCK * 8);
    this.#panel = kernels.zeros(PANEL * this.#wide * bytes);
    this.#sum = kernels.alloc(stride * bytes);
    this.#total = kernels.alloc(k * 8);
    this.#first = kernels.alloc(k * stride * 8);
    this.#second = kernels.alloc(covarianceCount(type, k) * this.#secondSize * 8);
    this.#packed = kernels.alloc(secondLength(type, k, d) * 8);
  }

  clear(): void {
    const { nComponents: k, covarianceType: type } = this.#shape;
    this.#kernels.f64(this.#total, k).fill(0);
    this.#kernels.f64(this.#first, k * this.#density.stride).fill(0);
    this.#kernels.f64(this.#second, covarianceCount(type, k) * this.#secondSize).fill(0);
  }

  /**
   * Adds a block's rows with the density's responsibilities times the weights, around the density's means.
   * @param seconds whether second moments are wanted
   */
  add(x: number, weights: number, n: number, seconds: boolean): void {
    const { nComponents: k, precision } = this.#shape;
    const { run } = this.#kernels;
    const { stride, means, responsibilities } = this.#density;
    for (let c = 0; c < k; c++) {
      const r = responsibilities + c * RESPONSIBILITY_PITCH * 8;
      const count = run.selectRows(r, weights, n, this.#list, this.#kept, this.#total + c * 8);
      const mean = means + c * stride * bytesOf(precision);
      for (let from = 0; from < count; from += PANEL)
        this.#addPanel(c, x, mean, from, Math.min(PANEL, count - from), seconds);
    }
  }

  /** Adds listed rows to component c. */
  #addPanel(c: number, x: number, mean: number, from: number, n: number, seconds: boolean): void {
    const { covarianceType: type, precision } = this.#shape;
    const { run } = this.#kernels;
    const { stride } = this.#density;
    const list = this.#list + from * 4;
    const kept = this.#kept + from * 8;
    const first = this.#first + c * stride * 8;
    const second = this.#second + covarianceOf(type, c) * this.#secondSize * 8;
    if (!seconds) run[`firstMoments${precision}`](x, stride, list, kept, n, mean, first);
    else if (!isDense(type))
      run[`diagMoments${precision}`](x, stride, list, kept, n, mean, this.#panel, first, second);
    else {
      this.#kernels.u8(this.#sum, stride * bytesOf(precision)).fill(0);
      run[`weightedRows${precision}`](x, stride, list, kept, n, mean, this.#panel, this.#wide, this.#sum);
      run[`addRow${precision}`](first, this.#sum, stride, 1);
      run[`gram${precision}`](this.#panel, n, this.#wide, second);
    }
  }

  /** A step's result, those of the settled rows included; the second moments as `Moments` has them, 0 if not summed. */
  result(
    logLikelihood: number,
    weight: number,
    settled?: { moments: SettledMoments; shard: SettledShard },
  ): Float64Array {
    const { nComponents: k, nFeatures: d, covarianceType: type } = this.#shape;
    const { stride } = this.#density;
    const wide = this.#wide;
    const { run } = this.#kernels;
    const count = covarianceCount(type, k);
    const length = secondLength(type, k, d);
    const packed = this.#kernels.f64(this.#packed, length);
    if (isDense(type)) {
      packed.fill(0);
      for (let c = 0; c < count; c++)
        run.addUpper(
          this.#second + c * this.#secondSize * 8,
          wide,
          d,
          this.#packed + c * (length / count) * 8,
        );
    } else {
      const second = this.#kernels.f64(this.#second, k * wide);
      for (let c = 0; c < k; c++) packed.set(second.subarray(c * wide, c * wide + d), c * d);
    }
    settled?.moments.addTo(settled.shard, this.#total, this.#first, this.#packed);
    const out = new Float64Array(2 + k + k * d + length);
    out[0] = logLikelihood;
    out[1] = weight;
    out.set(this.#kernels.f64(this.#total, k), 2);
    const first = this.#kernels.f64(this.#first, k * stride);
    for (let c = 0; c < k; c++) out.set(first.subarray(c * stride, c * stride + d), 2 + k + c * d);
    out.set(this.#kernels.f64(this.#packed, length), 2 + k + k * d);
    return out;
  }
}
