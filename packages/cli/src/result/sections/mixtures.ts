import type { Timed } from '../section.ts';

/**
 * Whether activations come from pixels in [0, 1], with which the network was trained, or from raw pixels in [0, 255],
 * as in the published notebook.
 */
export type Mode = 'properly' | 'as published';

/** How the number of components is chosen. Only BIC sees no out-of-distribution images. */
export type Rule = 'difference' | 'auroc' | 'bic';

export interface MixturesSection extends Timed {
  /** How many training rows there are, and how many activations each has. */
  readonly rows: number;
  readonly nFeatures: number;
  readonly modes: readonly {
    readonly mode: Mode;
    readonly fits: readonly MixtureFit[];
    /** The best number of components by each rule. */
    readonly best: Readonly<Record<Rule, number>>;
  }[];
}

export interface MixtureFit {
  readonly nComponents: number;
  /** Mean log-likelihoods of the test digits and of the test garments, in nats. */
  readonly id: number;
  readonly ood: number;
  /** id − ood. */
  readonly difference: number;
  readonly auroc: number;
  /** Share of the garments accepted at the threshold that accepts 95 % of the digits. */
  readonly fpr95: number;
  /** The BIC of the training rows; smaller is better. */
  readonly bic: number;
  readonly nIter: number;
  readonly converged: boolean;
  readonly seconds: number;
}
