import type { CsrMatrix } from '../../csr.ts';
import type { Matrix } from '../../matrix.ts';
import type { Metric } from '../options.ts';
import type { CenterBlocks } from './blocks.ts';
import { asDistance } from './cost.ts';

/** The nearest center of each row, the lowest index winning a tie. */
export function labelsAt(blocks: CenterBlocks, X: Matrix | CsrMatrix): Int32Array {
  const labels = new Int32Array(X.rows);
  blocks.each(X, ({ assigner, rows, from }) => {
    labels.set(assigner.assign(rows, assigner.range(0, rows.n), rows.n), from);
  });
  return labels;
}

/** The distance of each row to each center, n × k; with a prior, the root of the expected squared one. */
export function distancesAt(blocks: CenterBlocks, X: Matrix | CsrMatrix, metric: Metric): Float64Array {
  const { k } = blocks;
  const distances = new Float64Array(X.rows * k);
  blocks.each(X, ({ assigner, rows, from, expected }) => {
    assigner.distances(rows, 0, rows.n).forEach((squared, i) => {
      distances[from * k + i] = asDistance(squared + (expected ? expected[Math.floor(i / k)]! : 0), metric);
    });
  });
  return distances;
}

/** The squared distance of each row to its nearest center; with a prior, the expected one. */
export function squaresAt(blocks: CenterBlocks, X: Matrix | CsrMatrix): Float64Array {
  const squares = new Float64Array(X.rows);
  blocks.each(X, ({ assigner, rows, from, expected }) => {
    const labels = assigner.assign(rows, assigner.range(0, rows.n), rows.n).slice();
    assigner.ownDistances(rows, 0, labels).forEach((squared, i) => {
      squares[from + i] = squared + (expected ? expected[i]! : 0);
    });
  });
  return squares;
}
