import { bytesOf, type Kernels, type Precision, roundUp } from '../kernels/kernels.ts';
import type { FloatArray } from '../matrix.ts';
import type { CovarianceType } from './options.ts';
import { distinct, factorLength, isDense } from './shape.ts';

/** Rows evaluated at a time: their values and responsibilities stay in the cache. */
export const BLOCK = 256;

/** Distance of two components' responsibilities; not a power of two, which would map them all to one cache set. */
export const WIDTH: number = BLOCK + 8;

/** Log-densities within this of the best count in full: below it exp is 0 in float64. */
export const ALL = -746;

/** What describes a mixture's kernels, the same for a whole fit. */
export interface MixtureShape {
  readonly nComponents: number;
  readonly nFeatures: number;
  readonly covarianceType: CovarianceType;
  readonly precision: Precision;
}

/** A mixture as the kernels take it; plain arrays, so that they may travel to workers. */
export interface DensityParameters {
  /** K × stride, padded with zeros, measured from the same origin as the rows. */
  readonly means: Float64Array;
  /** M = L⁻¹ for each Σ = L Lᵀ: lower triangles in the tiles of the kernel `mahalanobis`, or padded diagonals. */
  readonly factors: Float64Array;
  /** log w_k + log det M_k − d/2 log 2π, length K. */
  readonly constants: Float64Array;
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
  /** Pointer to the block's responsibilities, float64, component j's from j × WIDTH. */
  readonly responsibilities: number;
  /** Pointer to the block's log p(x), float64. */
  readonly logProb: number;
  readonly #kernels: Kernels;
  readonly #shape: MixtureShape;
  readonly #factors: number;
  readonly #constants: number;
  readonly #list: number;
  readonly #tile: number;

  constructor(kernels: Kernels, shape: MixtureShape) {
    const { nComponents: k, nFeatures: d, covarianceType: type, precision } = shape;
    const bytes = bytesOf(precision);
    this.#kernels = kernels;
    this.#shape = shape;
    this.stride = roundUp(d, 4);
    this.means = kernels.alloc(k * this.stride * bytes);
    this.#factors = kernels.alloc(distinct(type, k) * factorLength(type, d) * bytes);
    this.#constants = kernels.alloc(k * 8);
    this.responsibilities = kernels.alloc(k * WIDTH * 8);
    this.logProb = kernels.alloc(BLOCK * 8);
    this.#list = kernels.put(Int32Array.from({ length: BLOCK }, (_, i) => i));
    this.#tile = kernels.alloc(this.stride * 32);
  }

  /** Rounds the means to the kernels' precision. */
  setMeans(means: Float64Array): void {
    this.#kernels.floats(this.#shape.precision, this.means, means.length).set(means);
  }

  set({ means, factors, constants }: DensityParameters): void {
    this.setMeans(means);
    this.#kernels.floats(this.#shape.precision, this.#factors, factors.length).set(factors);
    this.#kernels.f64(this.#constants, constants.length).set(constants);
  }

  /**
   * The E-step for n ≤ BLOCK rows at pointer x; rows up to the next multiple of 8 are read too.
   * @param cutoff components whose log-density is further below the best get responsibility 0
   */
  evaluate(x: number, n: number, cutoff: number): void {
    const { nComponents: k, nFeatures: d, covarianceType: type, precision } = this.#shape;
    const { run } = this.#kernels;
    const bytes = bytesOf(precision);
    const kernel = isDense(type) ? run[`mahalanobis${precision}`] : run[`mahalanobisDiag${precision}`];
    const factorBytes = type === 'tied' ? 0 : factorLength(type, d) * bytes;
    for (let c = 0; c < k; c++) {
      const mean = this.means + c * this.stride * bytes;
      const out = this.responsibilities + c * WIDTH * 8;
      kernel(x, this.stride, this.#list, n, mean, this.#factors + c * factorBytes, this.#tile, out);
    }
    run.responsibilities(this.responsibilities, n, WIDTH, this.#constants, k, cutoff, this.logProb);
  }
}
