import { arrayLike, describe } from './check.ts';

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

/**
 * A copy of labels in [0, k), each of which has a row of positive weight.
 * @param where the argument that an error names
 * @param group what a label stands for
 * @throws RangeError for a wrong length, a label out of range or a group without rows
 */
export function checkGrouping(
  where: string,
  labels: ArrayLike<number>,
  n: number,
  k: number,
  group: 'cluster' | 'component',
  weights?: Float64Array | undefined,
): Int32Array {
  if (!arrayLike(labels) || labels.length !== n)
    throw new RangeError(`${where} must have one label a row, ${n}; got ${describe(labels)}`);
  const used = new Uint8Array(k);
  for (let i = 0; i < n; i++) {
    const label = labels[i]!;
    if (!(Number.isInteger(label) && label >= 0 && label < k))
      throw new RangeError(`${where}[${i}] must be an integer in [0, ${k - 1}]; got ${describe(label)}`);
    if (weights?.[i] !== 0) used[label] = 1;
  }
  const empty = used.indexOf(0);
  if (empty >= 0)
    throw new RangeError(
      `${where} gives ${group} ${empty} no row${weights ? ' of positive weight' : ''}; give each of the ${k} at least one`,
    );
  return Int32Array.from(labels);
}
