import type { Matrix } from '../matrix.ts';

/**
 * Counts the different rows of positive weight, and stops at `enough`. A NaN equals a NaN.
 * @param weights one a row, or undefined where all count
 */
export function countDistinctRows(X: Matrix, weights: Float64Array | undefined, enough: number): number {
  const found = new Map<number, number[]>(); // rows by hash
  let count = 0;
  for (let i = 0; i < X.rows && count < enough; i++) {
    if (weights?.[i] === 0) continue;
    const hash = hashOf(X, i);
    const alike = found.get(hash);
    if (alike?.some((other) => equalRows(X, i, other))) continue;
    if (alike) alike.push(i);
    else found.set(hash, [i]);
    count++;
  }
  return count;
}

/** The sentence for fewer distinct rows than clusters. */
export function tooFewDistinct(
  who: string,
  distinct: number,
  nClusters: number,
  weights: Float64Array | undefined,
): string {
  const rows = `${distinct} distinct row${distinct === 1 ? '' : 's'}${weights ? ' of positive weight' : ''}`;
  return `${who}: X has only ${rows} for nClusters = ${nClusters}; use fewer clusters`;
}

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);

/** FNV-1a over the words of the row's values; −0 and 0 are the same value. */
function hashOf({ data, cols }: Matrix, row: number): number {
  let hash = 0x811c9dc5;
  for (let at = row * cols; at < (row + 1) * cols; at++) {
    const value = data[at]!;
    double[0] = Number.isNaN(value) ? NaN : value + 0;
    hash = Math.imul(hash ^ words[0]!, 0x01000193);
    hash = Math.imul(hash ^ words[1]!, 0x01000193);
  }
  return hash;
}

function equalRows({ data, cols }: Matrix, a: number, b: number): boolean {
  for (let j = 0; j < cols; j++) {
    const x = data[a * cols + j]!;
    const y = data[b * cols + j]!;
    if (x !== y && !(Number.isNaN(x) && Number.isNaN(y))) return false;
  }
  return true;
}
