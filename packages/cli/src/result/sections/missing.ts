import type { Timed } from '../section.ts';

export type MissingMethod = 'drop' | 'mean' | 'expected' | 'observed';

export interface MissingSection extends Timed {
  readonly rows: number;
  readonly nFeatures: number;
  readonly restarts: number;
  /** The variance c that the expected cost assumes of a missing entry. */
  readonly variance: number;
  /** K-means on the same rows, with nothing masked. */
  readonly complete: { readonly adjustedRand: number; readonly inertia: number };
  readonly levels: readonly {
    /** The share of pixels masked, and their number. */
    readonly masked: number;
    readonly missing: number;
    /** Rows without a masked pixel. */
    readonly completeRows: number;
    readonly methods: readonly MissingOutcome[];
  }[];
}

export interface MissingOutcome {
  readonly method: MissingMethod;
  /** Null where nothing could be fitted: fewer complete rows than clusters. */
  readonly fit: {
    readonly rows: number;
    readonly adjustedRand: number;
    /** The cost that the method itself minimizes. */
    readonly cost: number;
    /** The usual inertia of the method's clusters on the unmasked rows, which can be compared between methods. */
    readonly inertia: number;
    readonly nIter: number;
    readonly seconds: number;
  } | null;
}
