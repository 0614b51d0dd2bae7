import type { Picture, Timed } from '../section.ts';

export type Start = 'random' | 'k-means++' | 'class means';

export interface ClusteringSection extends Timed {
  readonly rows: number;
  readonly nClusters: number;
  readonly runs: readonly ClusteringRun[];
}

export interface ClusteringRun {
  readonly start: Start;
  readonly restarts: number;
  /** Seconds for all restarts together. */
  readonly seconds: number;
  /** Sum of squared distances from the standardized images to their nearest centers. */
  readonly inertia: number;
  readonly nIter: number;
  readonly converged: boolean;
  readonly purity: number;
  readonly adjustedRand: number;
  readonly normalizedMutualInfo: number;
  /** table[cluster][digit] is how many images of the digit are in the cluster. */
  readonly table: readonly (readonly number[])[];
  /** The center of each cluster as an image, and nine of its members, chosen at random. */
  readonly clusters: readonly { readonly center: Picture; readonly members: Picture }[];
}
