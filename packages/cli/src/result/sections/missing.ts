import type { Timed } from '../section.ts';

export type MissingMethod = 'drop' | 'mean' | 'expected' | 'observed';

export interface MissingSection extends Timed {
  readonly rows: number;
  readonly nFeatures: number;
  readonly restarts: number;
  /** c: the variance that the expected cost gives a missing entry. */
  readonly variance: number;
  /** K-means on the same rows with nothing masked. */
  readonly complete: { readonly adjustedRand: number; readonly inertia: number };
  readonly levels: readonly {
    /** The share of pixels masked, and how many that were. */
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
    /** What the method itself minimises. */
    readonly cost: number;
    /** The usual inertia of its clusters on the unmasked rows, which can be compared between methods. */
    readonly inertia: number;
    readonly nIter: number;
    readonly seconds: number;
  } | null;
}
