import { describe, type Rule, required, shaped } from './check.ts';

/** What a selection among fitted models answers with. */
export interface Selection<Model, Candidate, Criterion extends string> {
  /** The chosen model, fitted to all rows. */
  readonly model: Model;
  /** The one of `candidates` that was chosen. */
  readonly best: Candidate;
  /** What was tried, one row of the table each. */
  readonly candidates: readonly Candidate[];
  /** What decided. */
  readonly criterion: Criterion;
  /** Why this one, in a sentence or two. */
  readonly reason: string;
}

/** Numbers of clusters or components to try: a list, or all from one to another. */
export type Counts = readonly number[] | { readonly from: number; readonly to: number };

/** The rule of an option that takes `Counts`; `countsOf` looks at the numbers. */
export function countsRule(what: 'clusters' | 'components'): Rule {
  return required(
    shaped(
      `a list of numbers of ${what} or { from, to }`,
      (value) =>
        Array.isArray(value) ||
        (typeof value === 'object' && value !== null && Object.keys(value).sort().join() === 'from,to'),
    ),
  );
}

/**
 * The numbers to try, increasing, each once.
 * @param where the function and the option that an error names
 * @param highIs where the upper end comes from, for the error
 * @throws RangeError unless all are integers in [low, high], at least one
 */
export function countsOf(where: string, counts: Counts, low: number, high: number, highIs: string): number[] {
  const range = `integers in [${low}, ${highIs} = ${high}]`;
  const fits = (count: number): boolean => Number.isInteger(count) && count >= low && count <= high;
  if (!('from' in counts)) {
    const wrong = counts.findIndex((count) => !fits(count));
    if (wrong >= 0 || counts.length === 0)
      throw new RangeError(
        `${where} must be ${range}; got ${counts.length ? describe(counts[wrong]) : 'none'}`,
      );
    return [...new Set(counts)].sort((a, b) => a - b);
  }
  const { from, to } = counts;
  if (!(fits(from) && fits(to) && from <= to))
    throw new RangeError(
      `${where} must be { from, to } with from ≤ to, ${range}; got { from: ${describe(from)}, to: ${describe(to)} }`,
    );
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
