import {
  controlRules,
  describe,
  integerIn,
  numberIn,
  oneOf,
  type Rule,
  required,
  shaped,
} from '../../check.ts';
import type { KMeansOptions } from '../options.ts';

/** Numbers of clusters to compare: a list, or all from one to another. */
export type Candidates = readonly number[] | { readonly from: number; readonly to: number };

/** What a sweep over K hands on to `kmeans`. */
export interface SweepOptions extends Pick<KMeansOptions, 'nInit' | 'maxIter' | 'tol'> {
  /** Where the centers start; defaults to `'k-means++'`. */
  init?: 'k-means++' | 'random';
  /** Seed of every random choice; defaults to 0. */
  seed?: number;
  /** Worker threads, as for `kmeans`. */
  workers?: KMeansOptions['workers'];
  /** Aborts the sweep, which then rejects with the signal's reason. */
  signal?: KMeansOptions['signal'];
  /** Called after each iteration of each fit. */
  onProgress?: KMeansOptions['onProgress'];
}

export const sweepRules: Record<keyof SweepOptions, Rule> = {
  ...controlRules,
  init: oneOf('k-means++', 'random'),
  nInit: integerIn(1, Infinity),
  maxIter: integerIn(1, Infinity),
  tol: numberIn(0, Infinity),
};

export const candidatesRule: Rule = required(
  shaped(
    'a list of numbers of clusters or { from, to }',
    (value) =>
      Array.isArray(value) ||
      (typeof value === 'object' && value !== null && Object.keys(value).sort().join() === 'from,to'),
  ),
);

/**
 * The candidates in increasing order, each once.
 * @throws RangeError unless all are integers in [least, n − 1]
 */
export function candidatesOf(who: string, candidates: Candidates, least: number, n: number): number[] {
  const range = `integers in [${least}, nSamples − 1 = ${n - 1}]`;
  if (!('from' in candidates)) {
    const wrong = candidates.find((k) => !(Number.isInteger(k) && k >= least && k < n));
    if (wrong !== undefined || candidates.length === 0)
      throw new RangeError(
        `${who}: nClusters must be ${range}; got ${candidates.length ? describe(wrong) : 'none'}`,
      );
    return [...new Set(candidates)].sort((a, b) => a - b);
  }
  const { from, to } = candidates;
  if (!(Number.isInteger(from) && Number.isInteger(to) && from >= least && from <= to && to < n))
    throw new RangeError(
      `${who}: nClusters must go up from and to ${range}; got { from: ${describe(from)}, to: ${describe(to)} }`,
    );
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
