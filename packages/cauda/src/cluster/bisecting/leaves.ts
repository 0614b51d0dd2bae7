import type { CsrMatrix } from '../../csr.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { Matrix } from '../../matrix.ts';
import { labelsAt } from '../centers/answers.ts';
import { CenterBlocks } from '../centers/blocks.ts';

/** How the rows were split, split after split: each one before those of its parts, split 0 being that of all rows. */
export interface Splits {
  /** The two centers of each split: rows 2s and 2s + 1 for split s. */
  readonly centers: Matrix;
  /** What becomes of the rows nearest to each of them: the number of another split, or −1 − label. */
  readonly next: Int32Array;
}

/**
 * Sends each row down the tree: at each split to the nearer of its two centers, the first one winning a tie.
 * @returns the cluster that it comes to, length nSamples
 */
export function leavesOf(kernels: Kernels, { centers, next }: Splits, X: Matrix | CsrMatrix): Int32Array {
  const rowsOf = X instanceof Matrix ? X : X.dense(0, X.rows);
  const labels = new Int32Array(X.rows);
  const open = [{ split: 0, rows: Array.from(labels.keys()) }];
  for (let part = open.pop(); part; part = open.pop()) {
    const { split, rows } = part;
    if (rows.length === 0) continue;
    const mark = kernels.mark();
    const blocks = new CenterBlocks(kernels, centers.take([2 * split, 2 * split + 1]), undefined);
    const sides = labelsAt(blocks, rowsOf.take(rows));
    kernels.release(mark);
    for (const side of [0, 1]) {
      const after = next[2 * split + side]!;
      const own = rows.filter((_, i) => sides[i] === side);
      if (after >= 0) open.push({ split: after, rows: own });
      else for (const row of own) labels[row] = -1 - after;
    }
  }
  return labels;
}
