import { bytesOf, type Kernels, type Precision, roundUp } from '../../kernels/kernels.ts';
import type { FloatArray } from '../../matrix.ts';
import type { DensityParameters } from '../covariance/parameters.ts';
import {
  type CovarianceType,
  covarianceCount,
  factorLength,
  isDense,
  sharesMatrix,
} from '../covariance/type.ts';

/** Rows evaluated at a time: their values and responsibilities stay in the cache. */
export const BLOCK = 1024;

/** Rows whose products are summed in the kernels' precision before they are added in float64. */
export const PANEL = 128;

/**
 * Elements from one component's responsibilities to the next one's; not a power of two, which would map them all to one
 * cache set.
 */
export const RESPONSIBILITY_PITCH: number = BLOCK + 8;

/** The relative log-density at which exp underflows in float64: a cutoff that drops nothing. */
export const EXACT_CUTOFF = -746;

/** The relative log-density at which a component cannot change log p(x) or be the most probable. */
export const DENSITY_CUTOFF = -64;

/** What describes a mixture's kernels, the same for a whole fit. */
export interface MixtureShape {
  readonly nComponents: number;
  readonly nFeatures: number;
  readonly covarianceType: CovarianceType;
  readonly precision: Precision;
}

/** Writes n rows of `data` less the origin to `out`, `stride` elements each; those beyond the features stay as they are. */
export function shiftRows(
  data: FloatArray,
  from: number,
  n: number,
  origin: Float64Array,
  stride: number,
  out: FloatArray,
): void {
  const d = origin.length;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < d; j++) out[i * stride + j] = data[(from + i) * d + j]! - origin[j]!;
}

/**
 * A mixture in a thread's kernels, with the scratch of one block of rows:
 *   log p(x) = logsumexp_k( log w_k + log N(x | μ_k, Σ_k) ), in nats,
 *   log N(x | μ, Σ) = −½ ‖M (x − μ)‖² + log det M − d/2 log 2π, MᵀM = Σ⁻¹.
 * Bishop, PRML (2006), §9.2.
 */
export class Density {
  /** Elements of a row, and of the component's means. */
  readonly stride: number;
  /** Pointer to K × stride means. */
  readonly means: number;
  /** Pointer to the block's responsibilities, float64, component j's from j × RESPONSIBILITY_PITCH. */
  readonly responsibilities: number;
  /** Pointer to the block's log p(x), float64. */
  readonly logProb: number;
  /** Pointer to log w_k + log det M_k − d/2 log 2π, float64. */
  readonly constants: number;
  readonly #kernels: Kernels;
  readonly #shape: MixtureShape;
  readonly #factors: number;
  readonly #pack: number;
  readonly #whitened: number;
  readonly #offsets: number;
  readonly #zero: number;
  readonly #label: number;
  readonly #list: number;
  readonly #lists: number;
  readonly #counts: number;
  readonly #tile: number;

  constructor(kernels: Kernels, shape: MixtureShape) {
    const { nComponents: k, nFeatures: d, covarianceType: type, precision } = shape;
    const bytes = bytesOf(precision);
    const tied = sharesMatrix(type);
    const fours = roundUp(k, 4);
    this.#kernels = kernels;
    this.#shape = shape;
    this.stride = roundUp(d, 4);
    this.means = kernels.alloc(k * this.stride * bytes);
    this.#factors = kernels.alloc(
      isDense(type) ? covarianceCount(type, k) * factorLength(type, d) * bytes : 0,
    );
    this.#pack = kernels.zeros(isDense(type) ? 0 : 2 * fours * this.stride * bytes);
    this.constants = kernels.alloc(k * 8);
    this.responsibilities = kernels.alloc(k * RESPONSIBILITY_PITCH * 8);
    this.logProb = kernels.alloc(BLOCK * 8);
    this.#whitened = kernels.alloc(tied ? k * this.stride * 8 : 0);
    this.#offsets = kernels.zeros(tied ? fours * this.stride * bytes : 0);
    this.#zero = kernels.zeros(this.stride * bytes);
    this.#label = kernels.alloc(BLOCK * 4);
    this.#list = kernels.put(Int32Array.from({ length: RESPONSIBILITY_PITCH }, (_, i) => i));
    this.#lists = kernels.alloc(k * RESPONSIBILITY_PITCH * 4);
    this.#counts = kernels.alloc(k * 4);
    this.#tile = kernels.alloc(this.stride * 64 + 256);
  }

  /** Rounds the means to the kernels' precision. */
  setMeans(means: Float64Array): void {
    this.#kernels.floats(this.#shape.precision, this.means, means.length).set(means);
  }

  set({ means, factors, constants, whitened }: DensityParameters): void {
    const { nComponents: k, covarianceType: type, precision } = this.#shape;
    this.setMeans(means);
    if (isDense(type)) this.#kernels.floats(precision, this.#factors, factors.length).set(factors);
    else {
      const pack = this.#kernels.floats(precision, this.#pack, 2 * roundUp(k, 4) * this.stride);
      for (let c = 0; c < k; c++)
        for (let i = 0; i < this.stride; i++) {
          const at = ((c >> 2) * this.stride + i) * 8 + (c & 3);
          pack[at] = means[c * this.stride + i]!;
          pack[at + 4] = factors[c * this.stride + i]!;
        }
    }
    this.#kernels.f64(this.constants, constants.length).set(constants);
    this.#kernels.f64(this.#whitened, whitened.length).set(whitened);
  }

  /**
   * The E-step for n ≤ BLOCK rows at pointer x; rows up to the next multiple of 8 are read too.
   * @param cutoff components whose log-density is further below the best get responsibility 0
   * @param label pointer to a guess of each row's most probable component, i32, with room for an even number: replaced
   * by what it is
   */
  evaluate(x: number, n: number, cutoff: number, label?: number): void {
    const { covarianceType: type } = this.#shape;
    switch (type) {
      case 'full':
        this.#full(x, n, cutoff);
        break;
      case 'tied':
        this.#tied(x, n, label ?? this.#guess(x, n, cutoff));
        break;
      case 'diag':
      case 'spherical':
        this.#diagonal(x, n);
        break;
      default:
        throw type satisfies never;
    }
    this.finish(n, cutoff, label);
  }

  /** From squared distances to responsibilities, log-densities and, if wanted, each row's most probable component. */
  finish(n: number, cutoff: number, label = 0): void {
    const { nComponents: k } = this.#shape;
    const { responsibilities: r, constants, logProb } = this;
    this.#kernels.run.responsibilities(r, n, RESPONSIBILITY_PITCH, constants, k, cutoff, logProb, label);
  }

  /**
   * The squared distances of n listed rows to component c (full): to `out`, float64, n rounded up to 8 of them.
   * @param limits pointer to what the squares need not exceed by far, float64, if not 0
   */
  distances(c: number, x: number, list: number, n: number, out: number, limits = 0): void {
    const { nFeatures: d, covarianceType: type, precision } = this.#shape;
    const bytes = bytesOf(precision);
    const factor = this.#factors + c * factorLength(type, d) * bytes;
    const mean = this.means + c * this.stride * bytes;
    const kernel = this.#kernels.run[`mahalanobis${precision}`];
    kernel(x, this.stride, list, n, mean, factor, this.#tile, out, limits);
  }

  #full(x: number, n: number, cutoff: number): void {
    const { nComponents: k, nFeatures: d, covarianceType: type, precision } = this.#shape;
    const r = this.responsibilities;
    if (n > 1)
      for (let c = 0; c < k; c++) this.distances(c, x, this.#list, n, r + c * RESPONSIBILITY_PITCH * 8);
    else {
      const bytes = factorLength(type, d) * bytesOf(precision);
      const kernel = this.#kernels.run[`mahalanobisRow${precision}`];
      const { stride, means, constants } = this;
      kernel(
        x,
        stride,
        means,
        this.#factors,
        bytes,
        k,
        this.#tile,
        r,
        RESPONSIBILITY_PITCH,
        constants,
        cutoff,
      );
    }
  }

  #diagonal(x: number, n: number): void {
    const { nComponents: k, precision } = this.#shape;
    const kernel = this.#kernels.run[`mahalanobisDiag${precision}`];
    const { stride, responsibilities: r } = this;
    kernel(x, stride, this.#list, n, this.#pack, k, this.#zero, this.#tile, r, RESPONSIBILITY_PITCH);
  }

  /**
   * One triangular product a row, from its component's mean: z = M (x − μ_l), then ‖z − M (μ_k − μ_l)‖² for all k. The
   * labeled component's distance is as exact as if it were computed alone.
   */
  #tied(x: number, n: number, label: number): void {
    const { nComponents: k, precision } = this.#shape;
    const { run } = this.#kernels;
    const { stride, responsibilities: r } = this;
    run.groupRows(label, n, k, this.#lists, RESPONSIBILITY_PITCH, this.#counts);
    const counts = this.#kernels.i32(this.#counts, k).slice();
    for (let c = 0; c < k; c++) {
      const count = counts[c]!;
      if (count === 0) continue;
      const list = this.#lists + c * RESPONSIBILITY_PITCH * 4;
      padList(this.#kernels.i32(list, count + 8), count);
      run[`offsets${precision}`](this.#whitened, stride, k, c, this.#offsets);
      const mean = this.means + c * stride * bytesOf(precision);
      run[`mahalanobisTied${precision}`](
        x,
        stride,
        list,
        count,
        mean,
        this.#factors,
        this.#offsets,
        k,
        this.#tile,
        r,
        RESPONSIBILITY_PITCH,
      );
    }
  }

  /** Each row's most probable component, as seen from the first one's mean. */
  #guess(x: number, n: number, cutoff: number): number {
    const { nComponents: k } = this.#shape;
    this.#kernels.i32(this.#label, n).fill(0);
    if (k > 1) {
      this.#tied(x, n, this.#label);
      this.finish(n, cutoff, this.#label);
    }
    return this.#label;
  }
}

/** Kernels take listed rows by eights: the last one is repeated into the room behind it. */
export function padList(list: Int32Array | Float64Array, count: number): void {
  for (let i = count; i % 8 !== 0; i++) list[i] = list[count - 1]!;
}
