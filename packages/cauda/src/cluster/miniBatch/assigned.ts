import { withKernels } from '../../kernels/module.ts';
import type { Matrix } from '../../matrix.ts';
import { type Block, CenterBlocks } from '../centers/blocks.ts';

/** The nearest center of each row, and the squared distance to it. */
export function assigned(centers: Matrix, X: Matrix): { labels: Int32Array; squared: Float64Array } {
  const labels = new Int32Array(X.rows);
  const squared = new Float64Array(X.rows);
  withKernels((kernels) => {
    new CenterBlocks(kernels, centers, undefined).each(X, (block) => {
      const nearest = nearestOf(block);
      labels.set(nearest.labels, block.from);
      squared.set(nearest.squared, block.from);
    });
  });
  return { labels, squared };
}

/**
 * The same for one block.
 * @returns `squared` is a view that the block's next distances overwrite
 */
export function nearestOf({ assigner, rows }: Block): { labels: Int32Array; squared: Float64Array } {
  const labels = assigner.assign(rows, assigner.range(0, rows.n), rows.n).slice();
  return { labels, squared: assigner.ownDistances(rows, 0, labels) };
}
