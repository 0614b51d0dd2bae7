import type { Session } from '../../parallel/session.ts';
import type { CheckedKMeansOptions } from '../options.ts';
import { kernelCenters } from './layout.ts';
import type { LloydRun } from './lloyd.ts';
import type { LloydSteps } from './program.ts';

/** What belongs to exactly the centers that a run returns, in squared distances. Entries beyond K are not used. */
export interface Ending {
  readonly centers: Float64Array;
  readonly inertia: number;
  readonly inertias: Float64Array;
  readonly sizes: Float64Array;
}

/**
 * Always does a last assignment, so that the labels are those of the returned centers and equal `predict`. Rows that are
 * the same share a label, so that with fewer distinct rows than nClusters some cluster has none.
 * @throws RangeError in that case, unless clusters may be left out
 */
export async function finish(
  session: Session<LloydSteps>,
  centers: Float64Array,
  { layout, spare }: LloydRun,
  { nClusters, allowFewer }: CheckedKMeansOptions,
): Promise<Ending> {
  const assign = async (all: Float64Array): Promise<Omit<Ending, 'centers'>> => {
    const sums = await session.sum('finish', kernelCenters(all, layout));
    return {
      inertia: sums[0]!,
      inertias: sums.subarray(1, 1 + nClusters),
      sizes: sums.subarray(1 + nClusters),
    };
  };
  const ending = { centers, ...(await assign(centers)) };
  if (!ending.sizes.includes(0)) return ending;
  if (!allowFewer) {
    await spare();
    return ending;
  }
  const { d } = layout;
  const kept = Array.from(ending.sizes.keys()).filter((k) => ending.sizes[k]! > 0);
  const padded = new Float64Array(centers.length); // a copy of the first center loses every tie to it
  for (let k = 0; k < nClusters; k++) {
    const from = (kept[k] ?? kept[0]!) * d;
    padded.set(centers.subarray(from, from + d), k * d);
  }
  return { centers: padded.slice(0, kept.length * d), ...(await assign(padded)) };
}
