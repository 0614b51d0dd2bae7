import { type Kernels, roundUp } from '../../kernels/kernels.ts';
import type { FloatArray } from '../../matrix.ts';
import { type CarryParameters, TERMS, widened } from './carry.ts';
import { type Density, type MixtureShape, padList, RESPONSIBILITY_PITCH } from './density.ts';

/** What a shard's rows remember of their distances. */
export interface Remembered {
  /** Room for the rows: a multiple of 4. */
  readonly width: number;
  /** Pointer to each row's most probable component, i32. */
  readonly label: number;
  /** Pointer to each row's length, float64. */
  readonly norm: number;
  /** Pointer to lower bounds of the distances, float32, component c's from c × width. */
  readonly bound: number;
}

/**
 * The E-step of full covariances without the pairs that cannot matter. A row's responsibilities are 0 below the cutoff
 * already; here a component is not even evaluated where a carried bound of its distance (see `Carry`) proves that it
 * would come out below it: first each row meets the component it belonged to, then those whose bounds let them come
 * near enough. The comparison is made with the operations of the kernel `responsibilities`, which are monotone, on a
 * bound of the computed distance: responsibilities and log-densities have the bits of the E-step that evaluates all.
 */
export class Pruning {
  readonly #kernels: Kernels;
  readonly #shape: MixtureShape;
  readonly #density: Density;
  readonly #lists: number;
  readonly #counts: number;
  readonly #square: number;
  readonly #limits: number;
  readonly #best: number;
  readonly #terms: number;
  #parameters!: CarryParameters;

  constructor(kernels: Kernels, shape: MixtureShape, density: Density) {
    const { nComponents: k } = shape;
    this.#kernels = kernels;
    this.#shape = shape;
    this.#density = density;
    this.#lists = kernels.alloc(k * RESPONSIBILITY_PITCH * 4);
    this.#counts = kernels.alloc(k * 4);
    this.#square = kernels.alloc(RESPONSIBILITY_PITCH * 8);
    this.#limits = kernels.alloc(RESPONSIBILITY_PITCH * 8);
    this.#best = kernels.alloc(RESPONSIBILITY_PITCH * 8);
    this.#terms = kernels.alloc(k * TERMS * 8);
  }

  set(parameters: CarryParameters): void {
    this.#parameters = parameters;
    this.#kernels.f64(this.#terms, parameters.terms.length).set(parameters.terms);
  }

  /** Room for n rows; `measure` must see them. */
  open(n: number): Remembered {
    const { nComponents: k } = this.#shape;
    const width = roundUp(n, 4);
    return {
      width,
      norm: this.#kernels.zeros(width * 8),
      label: this.#kernels.zeros(width * 4),
      bound: this.#kernels.zeros(k * width * 4),
    };
  }

  /** Notes upper bounds of the lengths of n rows of `stride` values, from row `from` of the shard. */
  measure({ norm }: Remembered, values: FloatArray, from: number, n: number, stride: number): void {
    const norms = this.#kernels.f64(norm + from * 8, n);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let at = i * stride; at < (i + 1) * stride; at++) sum += values[at]! * values[at]!;
      norms[i] = widened(Math.sqrt(sum));
    }
  }

  /** Labels alone, for a plan without bounds. */
  openLabels(n: number): Remembered {
    return { width: 0, label: this.#kernels.zeros(roundUp(n, 2) * 4), norm: 0, bound: 0 };
  }

  /** Like `Density.evaluate`, for the n rows from `from` of a shard; labels must be those of the last iteration. */
  evaluate(shard: Remembered, x: number, from: number, n: number, cutoff: number): void {
    const { nComponents: k } = this.#shape;
    const { run } = this.#kernels;
    const { responsibilities: r, constants } = this.#density;
    const { shrink } = this.#parameters;
    const label = shard.label + from * 4;
    const norm = shard.norm + from * 8;
    run.groupRows(label, n, k, this.#lists, RESPONSIBILITY_PITCH, this.#counts);
    const counts = this.#kernels.i32(this.#counts, k).slice();
    for (let c = 0; c < k; c++) this.#pairs(shard, c, x, from, counts[c]!);
    run.labeledLogs(label, n, r, RESPONSIBILITY_PITCH, constants, this.#best);
    const constant = this.#kernels.f64(constants, k).slice();
    for (let c = 0; c < k; c++) {
      const open = run.openPairs(
        c,
        label,
        n,
        this.#best,
        norm,
        shard.bound + (c * shard.width + from) * 4,
        this.#terms + c * TERMS * 8,
        shrink,
        constant[c]!,
        cutoff,
        r + c * RESPONSIBILITY_PITCH * 8,
        this.#lists + c * RESPONSIBILITY_PITCH * 4,
        this.#limits,
      );
      this.#pairs(shard, c, x, from, open, this.#limits);
    }
    this.#density.finish(n, cutoff, label);
  }

  /** Evaluates component c at its list's rows, as far as the limits of their squared distances where there are any. */
  #pairs(shard: Remembered, c: number, x: number, from: number, count: number, limits = 0): void {
    if (count === 0) return;
    const { run } = this.#kernels;
    const { terms, shrink } = this.#parameters;
    const list = this.#lists + c * RESPONSIBILITY_PITCH * 4;
    padList(this.#kernels.i32(list, count + 8), count);
    if (limits) padList(this.#kernels.f64(limits, count + 8), count);
    this.#density.distances(c, x, list, count, this.#square, limits);
    run.keepDistances(
      list,
      count,
      this.#square,
      this.#density.responsibilities + c * RESPONSIBILITY_PITCH * 8,
    );
    const off = terms[c * TERMS + 3]!;
    const slope = terms[c * TERMS + 4]!;
    const bound = shard.bound + (c * shard.width + from) * 4;
    run.keepBounds(list, count, this.#square, shard.norm + from * 8, shrink, off, slope, bound);
  }
}
