import { describe } from '../../check.ts';
import { firstAtLeast, total } from '../../vectors.ts';

/**
 * Outlier scores: larger is further out. Infinities are scores like any other, NaN is not. Metrics also take
 * `CountedScores`, which `bootstrap` hands them.
 */
export type Scores = ArrayLike<number> | CountedScores;

/** A sample of scores as the number of times each value occurs. `bootstrap` makes them. */
export class CountedScores {
  /** The distinct values of the two samples together, increasing; the samples share this array. */
  readonly values: Float64Array;
  /** How often each occurs in this sample. */
  readonly counts: Float64Array;

  constructor(values: Float64Array, counts: Float64Array) {
    this.values = values;
    this.counts = counts;
    Object.freeze(this);
  }
}

/** Both samples over the same distinct values: all that a ranking metric needs, ties included. */
export interface Tally {
  /** Distinct values, increasing. */
  readonly values: Float64Array;
  /** How often each occurs in distribution and out of it. */
  readonly id: Float64Array;
  readonly ood: Float64Array;
  readonly nId: number;
  readonly nOod: number;
}

/**
 * Counts two samples of scores on their distinct values.
 * @param who the function the caller called; it begins every message
 * @throws TypeError for what is not a number, RangeError for NaN or no scores at all
 */
export function tally(who: string, id: Scores, ood: Scores): Tally {
  if (id instanceof CountedScores && ood instanceof CountedScores && id.values === ood.values) {
    const { values, counts } = id;
    return { values, id: counts, ood: ood.counts, nId: total(counts), nOod: total(ood.counts) };
  }
  const idScores = checkScores(`${who}: id`, id);
  const oodScores = checkScores(`${who}: ood`, ood);
  const values = distinctValues(idScores, oodScores);
  return {
    values,
    id: countOn(values, places(values, idScores)),
    ood: countOn(values, places(values, oodScores)),
    nId: idScores.length,
    nOod: oodScores.length,
  };
}

/**
 * Checks scores.
 * @param name the function and argument that an error names
 * @returns a copy
 */
export function checkScores(name: string, scores: Scores): Float64Array {
  if (scores instanceof CountedScores)
    throw new TypeError(`${name} is counted, but not together with the other sample; give arrays of scores`);
  if (typeof scores !== 'object' || scores === null || typeof scores.length !== 'number')
    throw new TypeError(`${name} must be an array of scores; got ${describe(scores)}`);
  if (scores.length === 0) throw new RangeError(`${name} is empty; expected at least one score`);
  const checked = new Float64Array(scores.length);
  for (let i = 0; i < checked.length; i++) {
    const score = scores[i]!;
    if (typeof score !== 'number')
      throw new TypeError(`${name}[${i}] must be a number; got ${describe(score)}`);
    if (Number.isNaN(score)) throw new RangeError(`${name}[${i}] is NaN; expected a number`);
    checked[i] = score;
  }
  return checked;
}

/**
 * @returns the distinct values of two samples, increasing
 */
export function distinctValues(a: Float64Array, b: Float64Array): Float64Array {
  const all = new Float64Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  all.sort();
  let kept = 0;
  for (const value of all) if (kept === 0 || value !== all[kept - 1]) all[kept++] = value;
  return all.slice(0, kept);
}

/** Finds the place of each score among the distinct values, by bisection. */
export function places(values: Float64Array, scores: Float64Array): Uint32Array {
  return Uint32Array.from(scores, (score) => firstAtLeast(values, score));
}

function countOn(values: Float64Array, at: Uint32Array): Float64Array {
  const counts = new Float64Array(values.length);
  for (const place of at) counts[place]! += 1;
  return counts;
}
