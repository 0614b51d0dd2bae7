import type { Breather } from '../../breather.ts';
import type { Matrix } from '../../matrix.ts';
import { blocksOf } from '../../rows.ts';
import type { Source } from '../../source.ts';
import { assigned } from './assigned.ts';
import { piecesOf } from './pieces.ts';

/** The labels and the inertia Σ w ‖x − c‖² of rows at the given centers. */
export async function labeled(
  centers: Matrix,
  X: Matrix | Source,
  sampleWeight: Float64Array | undefined,
  breather: Breather,
): Promise<{ labels: Int32Array; inertia: number }> {
  const labels = new Int32Array(X.rows);
  let inertia = 0;
  for await (const { block, first } of blocksOf(X))
    for (const { rows, from } of piecesOf(block, centers.rows)) {
      const nearest = assigned(centers, rows);
      labels.set(nearest.labels, first + from);
      nearest.squared.forEach((squared, i) => {
        inertia += (sampleWeight ? sampleWeight[first + from + i]! : 1) * squared;
      });
      await breather.breathe();
    }
  return { labels, inertia };
}
