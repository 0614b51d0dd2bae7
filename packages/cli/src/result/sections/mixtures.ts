import type { Timed } from '../section.ts';

/** From pixels in [0, 1], as the network was trained, or from raw pixels in [0, 255], as the notebook published. */
export type Mode = 'properly' | 'as published';

/** How to choose the number of components; only BIC looks at no out-of-distribution image. */
export type Rule = 'difference' | 'auroc' | 'bic';

export interface MixturesSection extends Timed {
  /** Training rows and their activations' width. */
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
  /** Mean log-likelihood of the digits' and of the Fashion images' test sets, in nats. */
  readonly id: number;
  readonly ood: number;
  /** id − ood. */
  readonly difference: number;
  readonly auroc: number;
  /** Share of the Fashion images taken for digits where 95 % of the digits are. */
  readonly fpr95: number;
  /** Of the training rows; smaller is better. */
  readonly bic: number;
  readonly nIter: number;
  readonly converged: boolean;
  readonly seconds: number;
}
