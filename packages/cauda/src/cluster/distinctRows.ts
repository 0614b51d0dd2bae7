import { Breather } from '../breather.ts';
import type { FloatArray } from '../matrix.ts';
import { blocksOf, type Data } from '../rows.ts';

/**
 * Counts the different rows of positive weight. A NaN equals a NaN.
 * @param weights one a row, or undefined where all count
 * @param enough where to stop counting
 */
export async function countDistinctRows(
  X: Data,
  weights: Float64Array | undefined,
  enough: number,
): Promise<number> {
  const found = new Map<number, FloatArray[]>(); // rows by hash
  let count = 0;
  const breather = new Breather();
  for await (const { block, first } of blocksOf(X))
    for (let i = 0; i < block.rows; i++) {
      if (i % 64 === 0 && breather.due) await breather.breathe();
      if (weights?.[first + i] === 0) continue;
      const row = block.row(i);
      const hash = hashOf(row);
      const alike = found.get(hash) ?? [];
      if (alike.some((other) => equalRows(row, other))) continue;
      found.set(hash, [...alike, row.slice()]);
      if (++count === enough) return count;
    }
  return count;
}

/** The sentence for fewer distinct rows than clusters. */
export function tooFewDistinct(
  who: string,
  count: number,
  nClusters: number,
  weights: Float64Array | undefined,
): string {
  const rows = `${count} distinct row${count === 1 ? '' : 's'}${weights ? ' of positive weight' : ''}`;
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
