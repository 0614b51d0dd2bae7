import { bytesOf, type Kernels, roundUp } from '../../kernels/kernels.ts';
import { type Assigner, type BoundsTarget, MOST_LANES, widening } from './assigner.ts';
import type { Layout } from './layout.ts';

const HISTORY_BYTES = 32 * 2 ** 20;
const MOST_SLOTS = 64;

/**
 * Exact pruning of K-means by the triangle inequality (Elkan 2003; Ding et al., *Yinyang K-means*, 2015), with stamped
 * displacements: a row remembers the iteration at which its distances were true, and the centers' movements since
 * then come from a small table, so that a row whose bounds hold is read but not written.
 *
 * Nothing is lost to rounding. A squared distance from products errs by at most the slack of `Assigner`, which is
 * added before the root of an upper bound and taken off before that of a lower one. Every distance is then widened by
 * the factor 1 ± w, w = γ + 2⁻²⁰, and movements by 1 + w: γ covers the rounding of the sums of squares, so that the
 * order which the bounds prove is also the order of the computed differences, and 2⁻²⁰ the few float32 operations on
 * the bounds themselves, each within 2⁻²⁴. Constants above all subnormals cover underflow.
 */
export class Displacements {
  /** How many lower bounds a row keeps. Center j is in group j mod lanes. */
  readonly lanes: number;
  /** Pointers to the tables that `openRows` reads. */
  readonly own: number;
  readonly group: number;
  readonly most: number;
  readonly #kernels: Kernels;
  readonly #layout: Layout;
  readonly #k: number;
  readonly #slots: number;
  readonly #history: number;
  readonly #distance: number;
  #time = -1;

  constructor(kernels: Kernels, layout: Layout, k: number) {
    const { precision, stride } = layout;
    const bytes = k * stride * bytesOf(precision);
    this.#kernels = kernels;
    this.#layout = layout;
    this.#k = k;
    this.lanes = roundUp(Math.min(k, MOST_LANES), 4);
    this.#slots = Math.max(2, Math.min(MOST_SLOTS, Math.floor(HISTORY_BYTES / bytes)));
    this.#history = kernels.zeros(this.#slots * bytes);
    this.own = kernels.zeros(this.#slots * k * 4);
    this.group = kernels.zeros(this.#slots * this.lanes * 4);
    this.most = kernels.zeros(this.#slots * 4);
    this.#distance = kernels.alloc(this.#slots * 8);
  }

  /** The slot of the present iteration, and the one that the next iteration will take over. */
  get now(): number {
    return this.#time % this.#slots;
  }
  get expiring(): number {
    return (this.#time + 1) % this.#slots;
  }

  /** Forgets all centers, for a new run. */
  begin(): void {
    this.#time = -1;
  }

  /** Notes the new centers, and how far they have moved since each slot. */
  advance({ centers, form, underflow }: Assigner): void {
    const { precision, stride, width } = this.#layout;
    const { run } = this.#kernels;
    const rowBytes = stride * bytesOf(precision);
    const slots = this.#slots;
    const k = this.#k;
    this.#time++;
    const used = Math.min(this.#time + 1, slots);
    const own = this.#kernels.f32(this.own, slots * k);
    const group = this.#kernels.f32(this.group, slots * this.lanes).fill(0);
    const most = this.#kernels.f32(this.most, slots).fill(0);
    const distance = this.#kernels.f64(this.#distance, slots);
    const widen = 1 + widening(form.gamma);
    const kernel = precision === 'F64' ? run.distancesF64 : run.distancesF32;
    for (let c = 0; c < k; c++) {
      const past = this.#history + c * slots * rowBytes;
      const present = centers + c * rowBytes;
      this.#kernels.u8(past + this.now * rowBytes, rowBytes).set(this.#kernels.u8(present, rowBytes));
      kernel(past, used, stride, width, 0, present, 1, this.#distance);
      for (let s = 0; s < used; s++) {
        own[s * k + c] = s === this.now ? 0 : Math.sqrt(distance[s]! + underflow) * widen + 1e-37;
        const movement = own[s * k + c]!; // as float32 holds it
        const g = s * this.lanes + (c % this.lanes);
        if (movement > group[g]!) group[g] = movement;
        if (movement > most[s]!) most[s] = movement;
      }
    }
  }
}

/** The bounds of one shard's rows. */
export class Bounds {
  readonly #kernels: Kernels;
  readonly #displacements: Displacements;
  readonly #n: number;
  readonly #label: number;
  readonly #k: number;
  readonly #head: number;
  readonly #record: number;
  readonly #list: number;
  #fresh = true;

  /** @param label pointer to the rows' labels, i32 */
  constructor(kernels: Kernels, displacements: Displacements, n: number, label: number, k: number) {
    this.#kernels = kernels;
    this.#displacements = displacements;
    this.#n = n;
    this.#label = label;
    this.#k = k;
    this.#head = kernels.alloc(n * 16);
    this.#record = kernels.alloc(n * (displacements.lanes * 4 + 4));
    this.#list = kernels.alloc(roundUp(n, 4) * 4 + 16);
  }

  /** Forgets all distances: every row is open. */
  begin(): void {
    this.#fresh = true;
  }

  /**
   * Finds the rows that may have to change their label.
   * @returns a pointer to their indices, and how many they are
   */
  open(): { list: number; count: number } {
    const { lanes, own, group, most, expiring, now } = this.#displacements;
    const n = this.#n;
    if (this.#fresh) {
      const all = this.#kernels.i32(this.#list, n);
      for (let i = 0; i < n; i++) all[i] = i;
      this.#fresh = false;
      return { list: this.#list, count: n };
    }
    const { run } = this.#kernels;
    const count = run.openRows(
      this.#head,
      this.#record,
      n,
      lanes,
      this.#label,
      this.#k,
      own,
      group,
      most,
      expiring,
      now,
      this.#list,
    );
    return { list: this.#list, count };
  }

  /** Where `assign` puts the bounds of the rows it evaluates. */
  get target(): BoundsTarget {
    const { lanes, now } = this.#displacements;
    return { lanes, now, head: this.#head, record: this.#record };
  }
}
