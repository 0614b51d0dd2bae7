import { type FloatArray, like, type Matrix } from '../../matrix.ts';

/** The rows that lack the same entries (NaN), and what they have. */
export interface Pattern {
  /** Columns that these rows have, ascending, and those that they lack. */
  readonly observed: Int32Array;
  readonly missing: Int32Array;
  /** Their indices, ascending. */
  readonly rows: Int32Array;
  /** Their observed entries, rows.length × observed.length. */
  readonly data: FloatArray;
}

/** The rows of X by pattern, in the order in which the patterns first appear. */
export function patternsOf(data: FloatArray, n: number, d: number): Pattern[] {
  const groups = new Map<string, number[]>();
  const bits = new Uint16Array(Math.ceil(d / 16));
  for (let i = 0; i < n; i++) {
    bits.fill(0);
    for (let j = 0; j < d; j++) if (Number.isNaN(data[i * d + j]!)) bits[j >> 4]! |= 1 << (j & 15);
    const key = String.fromCharCode(...bits);
    const rows = groups.get(key);
    if (rows) rows.push(i);
    else groups.set(key, [i]);
  }
  return Array.from(groups.values(), (group) => {
    const rows = Int32Array.from(group);
    const lacks = (j: number) => Number.isNaN(data[rows[0]! * d + j]!);
    const columns = Int32Array.from({ length: d }, (_, j) => j);
    const observed = columns.filter((j) => !lacks(j));
    const kept = like(data, rows.length * observed.length);
    let at = 0;
    for (const i of rows) for (const j of observed) kept[at++] = data[i * d + j]!;
    return { observed, missing: columns.filter(lacks), rows, data: kept };
  });
}

/** Whether any value is NaN. */
export function hasMissing({ data }: Matrix): boolean {
  for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i]!)) return true;
  return false;
}
