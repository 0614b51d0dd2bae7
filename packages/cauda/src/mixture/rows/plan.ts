import { roundUp } from '../../kernels/kernels.ts';
import { MOST_SHARDS } from '../../parallel/shards.ts';
import { distinct } from '../covariance/type.ts';
import type { MixtureShape } from './density.ts';

/** What EM remembers of its rows. The result does not depend on `pruned`, and on `settled` only by rounding. */
export interface Plan {
  /** Whether rows keep bounds of their distances, so that far components need not be evaluated; see `Pruning`. */
  readonly pruned: boolean;
  /** Whether rows wholly in one component keep their place in its moments; see `SettledMoments`. */
  readonly settled: boolean;
}

/** Nothing is remembered: for steps that stand alone, and for densities that are not those of EM. */
export const forgetful: Plan = { pruned: false, settled: false };

/** Below this many features a distance costs hardly more than its bound. */
const FEWEST_FEATURES = 12;
/** With fewer rows a feature, the change of a covariance (d³, in one thread) costs more than the distances it saves. */
const FEWEST_ROWS = 16;
/** Of settled moments, over all shards. */
const MOST_BYTES = 256 * 2 ** 20;

/** @param rows how many there are */
export function planFor(
  { nComponents: k, nFeatures: d, covarianceType: type }: MixtureShape,
  rows: number,
): Plan {
  const bytes = MOST_SHARDS * distinct(type, k) * roundUp(d, 4) ** 2 * 8;
  return {
    pruned: type === 'full' && k > 1 && d >= FEWEST_FEATURES && rows >= FEWEST_ROWS * d,
    settled: type === 'full' && bytes <= MOST_BYTES,
  };
}
