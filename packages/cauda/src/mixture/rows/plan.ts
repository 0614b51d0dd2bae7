import { roundUp } from '../../kernels/kernels.ts';
import { MOST_SHARDS } from '../../parallel/shards.ts';
import type { MixtureShape } from './density.ts';

/**
 * What EM with full covariances remembers of its rows. The result does not depend on `pruned`, and on `settled` only by
 * rounding.
 */
export interface Plan {
  /** Whether rows keep bounds of their distances, so that far components need not be evaluated; see `Pruning`. */
  readonly pruned: boolean;
  /** Whether rows wholly in one component keep their place in its moments; see `SettledMoments`. */
  readonly settled: boolean;
}

/** Nothing is remembered: for steps that stand alone, and for densities that are not those of EM. */
export const forgetful: Plan = { pruned: false, settled: false };

/** Whether anything is remembered. */
export function remembers({ pruned, settled }: Plan): boolean {
  return pruned || settled;
}

/** Below this many features a distance costs hardly more than its bound. */
const FEWEST_FEATURES = 12;
/** With fewer rows a feature, the change of a covariance (d³, in one thread) costs more than the distances it saves. */
const FEWEST_ROWS = 16;
/** The most that settled moments may take, over all shards. */
const MOST_BYTES = 256 * 2 ** 20;

/**
 * The plan that is fastest for rows of this shape. With tied covariances the scatter of all rows replaces the second moments (see
 * `TiedScatter`), and diagonal ones have none, so that only full covariances gain.
 * @param rows how many there are
 */
export function planFor(
  { nComponents: k, nFeatures: d, covarianceType: type }: MixtureShape,
  rows: number,
): Plan {
  switch (type) {
    case 'full':
      return {
        pruned: k > 1 && d >= FEWEST_FEATURES && rows >= FEWEST_ROWS * d,
        settled: MOST_SHARDS * k * roundUp(d, 4) ** 2 * 8 <= MOST_BYTES,
      };
    case 'tied':
    case 'diag':
    case 'spherical':
      return forgetful;
    default:
      return type satisfies never;
  }
}
