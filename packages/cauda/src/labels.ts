import { describe } from './check.ts';

/** @throws TypeError for no array of numbers, RangeError for a wrong length or a label that is no 32-bit integer */
export function checkLabels(who: string, labels: ArrayLike<number>, rows: number): void {
  if (typeof labels !== 'object' || labels === null || typeof labels.length !== 'number')
    throw new TypeError(`${who}: labels must be an array of integers, one a row; got ${describe(labels)}`);
  if (labels.length !== rows)
    throw new RangeError(`${who}: labels has ${labels.length} entries but X has ${rows} rows`);
  for (let i = 0; i < rows; i++)
    if (labels[i] !== (labels[i]! | 0))
      throw new RangeError(`${who}: labels[${i}] must be a 32-bit integer; got ${describe(labels[i])}`);
}

/** The distinct labels, ascending. */
export function distinct(labels: ArrayLike<number>): Int32Array {
  return Int32Array.from(new Set(Array.from(labels))).sort();
}

/** The index in `classes` of each label. */
export function indicesIn(classes: Int32Array, labels: ArrayLike<number>): Int32Array {
  const indices = new Map(Array.from(classes, (label, index) => [label, index]));
  return Int32Array.from(labels, (label) => indices.get(label)!);
}
