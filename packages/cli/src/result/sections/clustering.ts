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
  /** Seconds for all restarts. */
  readonly seconds: number;
  /** Sum of squared distances of the standardised pixels to the nearest centre. */
  readonly inertia: number;
  readonly nIter: number;
  readonly converged: boolean;
  readonly purity: number;
  readonly adjustedRand: number;
  readonly normalizedMutualInfo: number;
  /** table[cluster][digit]: how many of the digit are in the cluster. */
  readonly table: readonly (readonly number[])[];
  /** The centre of each cluster in pixels, and nine of its members at random. */
  readonly clusters: readonly { readonly center: Picture; readonly members: Picture }[];
}
