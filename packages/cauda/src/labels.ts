import { arrayLike, describe } from './check.ts';
import { shown } from './numbers.ts';

/** A label a row: integers, also as `BigInt64Array`, which is what runtimes hand out. */
export type Labels = ArrayLike<number | bigint>;

/**
 * A copy of the labels of the rows.
 * @throws TypeError for no array of numbers, RangeError for a wrong length or a label that is no 32-bit integer
 */
export function checkLabels(who: string, labels: Labels, rows: number): Int32Array {
  const isList = typeof labels === 'object' && labels !== null && typeof labels.length === 'number';
  if (!isList)
    throw new TypeError(`${who}: labels must be an array of integers, one a row; got ${describe(labels)}`);
  if (labels.length !== rows)
    throw new RangeError(`${who}: labels has ${labels.length} entries but X has ${rows} rows`);
  const copy = new Int32Array(rows);
  for (let i = 0; i < rows; i++) {
    const label = labelAt(labels, i);
    if (label !== (label! | 0))
      throw new RangeError(`${who}: labels[${i}] must be a 32-bit integer; got ${shown(labels, i)}`);
    copy[i] = label;
  }
  return copy;
}

/**
 * A copy of labels that may be any integers up to 2^53.
 * @param where the argument that an error names
 * @throws TypeError for no array, RangeError for a label that is no such integer
 */
export function integersOf(where: string, labels: Labels): Float64Array {
  if (!arrayLike(labels))
    throw new TypeError(`${where} must be an array of integers; got ${describe(labels)}`);
  const copy = new Float64Array(labels.length);
  for (let i = 0; i < copy.length; i++) {
    const label = labelAt(labels, i);
    if (!Number.isInteger(label))
      throw new RangeError(`${where}[${i}] must be an integer; got ${shown(labels, i)}`);
    copy[i] = label! + 0; // no −0
  }
  return copy;
}

/** A label as a number; undefined for a bigint that a double cannot hold. */
function labelAt(labels: Labels, index: number): number | undefined {
  const label = labels[index];
  if (typeof label !== 'bigint') return label;
  return Number.isSafeInteger(Number(label)) ? Number(label) : undefined;
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
  labels: Labels,
  n: number,
  k: number,
  group: 'cluster' | 'component',
  weights?: Float64Array | undefined,
): Int32Array {
  if (!arrayLike(labels) || labels.length !== n)
    throw new RangeError(`${where} must have one label a row, ${n}; got ${describe(labels)}`);
  const used = new Uint8Array(k);
  const copy = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const label = labelAt(labels, i)!;
    if (!(Number.isInteger(label) && label >= 0 && label < k))
      throw new RangeError(`${where}[${i}] must be an integer in [0, ${k - 1}]; got ${shown(labels, i)}`);
    copy[i] = label;
    if (weights?.[i] !== 0) used[label] = 1;
  }
  const empty = used.indexOf(0);
  if (empty >= 0)
    throw new RangeError(
      `${where} gives ${group} ${empty} no row${weights ? ' of positive weight' : ''}; give each of the ${k} at least one`,
    );
  return copy;
}
