import { integersOf, type Labels } from '../labels.ts';
import type { Matrix } from '../matrix.ts';
import { increasing } from './contingency.ts';

/** The rows of a matrix by cluster, clusters being numbered from 0 in the order of their labels. */
export interface Groups {
  /** The cluster of each row. */
  readonly of: Int32Array;
  /** Rows in each cluster, none empty. */
  readonly sizes: Int32Array;
}

/**
 * The groups that labels make of the rows of a matrix.
 * @param who the function the caller called; it begins every message
 * @throws RangeError for labels that are not integers, not one a row, or name fewer than 2 or more than n − 1 clusters
 */
export function groupsOf(who: string, { rows }: Matrix, labels: Labels): Groups {
  if (labels?.length !== rows)
    throw new RangeError(`${who}: labels has ${labels?.length} entries but X has ${rows} rows`);
  const groups = numbered(who, labels);
  const { length } = groups.sizes;
  if (!countable(groups, rows))
    throw new RangeError(`${who}: labels must name 2 to nSamples − 1 = ${rows - 1} clusters; got ${length}`);
  return groups;
}

/**
 * The same where the rows count for `total`: their number, or the sum of their weights.
 * @returns undefined where the labels name fewer than 2 clusters, or as many as the rows count for
 */
export function groupsIfAny(labels: Labels, total: number): Groups | undefined {
  const groups = numbered('labels', labels);
  return countable(groups, total) ? groups : undefined;
}

function countable({ sizes }: Groups, total: number): boolean {
  return sizes.length >= 2 && sizes.length < total;
}

function numbered(who: string, labels: Labels): Groups {
  const given = integersOf(`${who}: labels`, labels);
  const found = increasing(new Set(given));
  const numbers = new Map(found.map((label, number) => [label, number]));
  const of = Int32Array.from(given, (label) => numbers.get(label)!);
  const sizes = new Int32Array(found.length);
  for (const group of of) sizes[group]!++;
  return { of, sizes };
}
