import { type Kernels, type Precision, roundUp } from '../../kernels/kernels.ts';
import type { MixtureShape } from './density.ts';
import type { Plan } from './plan.ts';

/** What an iteration tells the threads of the step from the last parameters to the present ones. */
export interface CarryParameters {
  /** Whether the rows are to forget all they remember: a new run. */
  readonly fresh: boolean;
  /** For each component, (scale, shift, drift, off, slope) as the kernel `openPairs` takes them. */
  readonly terms: Float64Array;
  /** See `shrinkOf`. */
  readonly shrink: number;
  /** 1 for each component whose settled moments are to start anew, around its present mean. */
  readonly renew: Uint8Array;
}

/** How many numbers `terms` holds for one component. */
export const TERMS = 5;

/**
 * How distances change from one iteration to the next, and how far rounding can take the kernels' ones from them.
 *
 * **Carried bounds.** Let d = ‖M (x − μ)‖ with the float64 factor M of an iteration and the mean μ as the kernels have
 * it, dashes for the next iteration, L' the Cholesky factor of Σ', E = M L' − I and F = L' M' − I (rounding alone: F is
 * 0 on paper). From M = M L' M' − M F and x − μ = (x − μ') + (μ' − μ),
 *   d ≤ (1 + ‖E‖) (d' + ‖M' (μ' − μ)‖) + ‖M F‖ ‖x − μ‖, hence
 *   d' ≥ scale (d − ‖M F‖ ‖x − μ‖) − ‖M' (μ' − μ)‖, scale = 1 / (1 + ‖E‖) ≤ 1.
 * The kernels' product M L' is rounded, and triangular inversion leaves |F| ≤ γ |L'| |M'| with γ = γ_(d+4) of float64
 * (Higham, *Accuracy and Stability of Numerical Algorithms*, 2002, §3.5 and §14.2): ‖E‖ grows by γ ‖M‖ ‖L'‖, and
 * drift = γ ‖M‖ ‖L'‖ ‖M'‖ in Frobenius norms. ‖x − μ‖ is at most ‖x‖ + ‖μ‖.
 *
 * **Computed distances.** The kernels round M, subtract, and add up to d products in their precision: a computed
 * component of M (x − μ) is off by at most γ_(d+4) |M| |x − μ|, their norm by slope (‖x‖ + ‖μ‖), slope = γ ‖M‖; what
 * underflows is covered by a subnormal number for each entry. The sum of squares and its root add a relative error,
 * which the factor `shrinkOf` takes off once when a bound is taken from a computed distance, and once when a computed
 * distance is bounded.
 */
export class Carry {
  readonly #shape: MixtureShape;
  readonly #plan: Plan;
  readonly #inverses: Float64Array[] = [];
  readonly #inverseNorms: number[] = [];
  #means: Float64Array | undefined;
  #reference = new Float64Array();
  #next: CarryParameters & { means: Float64Array };

  constructor(shape: MixtureShape, plan: Plan) {
    this.#shape = shape;
    this.#plan = plan;
    this.#next = this.#blank(new Float64Array());
  }

  #blank(means: Float64Array): CarryParameters & { means: Float64Array } {
    const { nComponents: k, nFeatures: d, precision } = this.#shape;
    return {
      fresh: !this.#means,
      terms: new Float64Array(k * TERMS),
      shrink: shrinkOf(d, precision),
      renew: new Uint8Array(k).fill(this.#means ? 0 : 1),
      means,
    };
  }

  /** Begins the step to components with these means (K × d, as the kernels have them). */
  begin(means: Float64Array): void {
    this.#next = this.#blank(means);
    if (!this.#means) this.#reference = means.slice();
  }

  /** Takes component c's factors, float64: L (d × stride) and M = L⁻¹ (zeros above its diagonal). */
  visit(c: number, kernels: Kernels, lower: number, inverse: number): void {
    if (this.#plan.settled)
      this.#next.renew[c]! |= Number(
        !(this.#length(kernels, inverse, this.#difference(this.#reference, c)) <= FURTHEST),
      );
    if (this.#plan.pruned) this.#putTerms(c, kernels, lower, inverse);
  }

  /** The step; its means are the old ones from now on. */
  finish(): CarryParameters {
    const { nFeatures: d } = this.#shape;
    const { means, ...parameters } = this.#next;
    parameters.renew.forEach((renew, c) => {
      if (renew) this.#reference.set(means.subarray(c * d, (c + 1) * d), c * d);
    });
    this.#means = means;
    return parameters;
  }

  #putTerms(c: number, kernels: Kernels, lower: number, inverse: number): void {
    const { nFeatures: d, precision } = this.#shape;
    const stride = roundUp(d, 4);
    const size = d * stride;
    const old = this.#inverses[c];
    const oldNorm = this.#inverseNorms[c]!;
    const M = kernels.f64(inverse, size).slice();
    const norm = lowerNorm(M, d);
    const present = this.#next.means.subarray(c * d, (c + 1) * d);
    const slope = gamma(d, precision) * norm + d * (precision === 'F32' ? 2 ** -149 : 2 ** -1074);
    const terms = this.#next.terms.subarray(c * TERMS, (c + 1) * TERMS);
    terms[3] = slope * lengthOf(present);
    terms[4] = slope;
    this.#inverses[c] = M;
    this.#inverseNorms[c] = norm;
    if (!old || !this.#means) return;
    const mark = kernels.mark();
    const scratch = [kernels.alloc(size * 8), kernels.alloc(size * 8)] as const;
    const G = kernels.run.driftNorm(kernels.put(old), lower, d, stride, ...scratch);
    kernels.release(mark);
    const error = gamma(d, 'F64') * oldNorm * lowerNorm(kernels.f64(lower, size), d);
    const drift = error * norm;
    const step = this.#difference(this.#means, c);
    const shift = this.#length(kernels, inverse, step) + gamma(d, 'F64') * norm * lengthOf(step);
    terms[0] = (1 - WIDEN) / (Math.sqrt(1 + widened(G) + gamma(d, 'F64') * d * (1 + G)) + error);
    terms[1] = shift * (1 + WIDEN) + drift * lengthOf(this.#means.subarray(c * d, (c + 1) * d));
    terms[2] = drift;
  }

  #difference(from: Float64Array, c: number): Float64Array {
    const { nFeatures: d } = this.#shape;
    return this.#next.means.subarray(c * d, (c + 1) * d).map((value, j) => value - from[c * d + j]!);
  }

  /** ‖M v‖. */
  #length(kernels: Kernels, inverse: number, v: Float64Array): number {
    const d = v.length;
    const stride = roundUp(d, 4);
    const M = kernels.f64(inverse, d * stride);
    let sum = 0;
    for (let i = 0; i < d; i++) {
      let z = 0;
      for (let j = 0; j <= i; j++) z += M[i * stride + j]! * v[j]!;
      sum += z * z;
    }
    return Math.sqrt(sum);
  }
}

/** Settled moments begin anew when the mean is further from their reference, in standard deviations: no digits cancel. */
const FURTHEST = 1;

/** More than the relative rounding error of a few float64 sums of positive numbers. */
const WIDEN = 2 ** -36;

/** γ_(d+4) = (d + 4) u / (1 − (d + 4) u), rows padded to a whole number of vectors. */
function gamma(d: number, precision: Precision): number {
  const error = (roundUp(d, 4) + 4) * (precision === 'F32' ? 2 ** -24 : 2 ** -53);
  return error / (1 - error);
}

/** The factor of a computed distance, or of the root of a computed square, that rounding cannot undo. */
function shrinkOf(d: number, precision: Precision): number {
  return 1 - gamma(d, precision) - WIDEN;
}

/** Frobenius norm of a lower triangle (d rows), slightly enlarged. */
function lowerNorm(values: Float64Array, d: number): number {
  const stride = roundUp(d, 4);
  let sum = 0;
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) sum += values[i * stride + j]! * values[i * stride + j]!;
  return widened(Math.sqrt(sum));
}

/** ‖v‖, slightly enlarged. */
function lengthOf(v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i]! * v[i]!;
  return widened(Math.sqrt(sum));
}

/** An upper bound of a sum of positive numbers, or of its root, from its rounded value. */
export function widened(sum: number): number {
  return sum * (1 + WIDEN);
}
