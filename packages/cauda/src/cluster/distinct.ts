import type { CsrMatrix } from '../csr.ts';
import type { FloatArray, Matrix } from '../matrix.ts';

/**
 * Counts the different rows of positive weight, and stops at `enough`. A NaN equals a NaN.
 * @param weights one a row, or undefined where all count
 */
export function countDistinctRows(
  X: Matrix | CsrMatrix,
  weights: Float64Array | undefined,
  enough: number,
): number {
  const found = new Map<number, number[]>(); // rows by hash
  let count = 0;
  for (let i = 0; i < X.rows && count < enough; i++) {
    if (weights?.[i] === 0) continue;
    const row = X.row(i);
    const hash = hashOf(row);
    const alike = found.get(hash);
    if (alike?.some((other) => equalRows(row, X.row(other)))) continue;
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
function hashOf(row: FloatArray): number {
  let hash = 0x811c9dc5;
  for (const value of row) {
    double[0] = Number.isNaN(value) ? NaN : value + 0;
    hash = Math.imul(hash ^ words[0]!, 0x01000193);
    hash = Math.imul(hash ^ words[1]!, 0x01000193);
  }
  return hash;
}

function equalRows(a: FloatArray, b: FloatArray): boolean {
  for (let j = 0; j < a.length; j++)
    if (a[j] !== b[j] && !(Number.isNaN(a[j]) && Number.isNaN(b[j]))) return false;
  return true;
}
