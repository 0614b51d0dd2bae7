import type { Picture, Timed } from '../section.ts';
import type { Mode, Rule } from './mixtures.ts';

export interface HistogramsSection extends Timed {
  readonly views: readonly HistogramView[];
}

export interface HistogramView {
  readonly mode: Mode;
  /** The rules that chose this number of components. */
  readonly rules: readonly Rule[];
  readonly nComponents: number;
  /** The 51 edges of the 50 bins, in nats, and the densities of both sets in each bin. */
  readonly edges: readonly number[];
  readonly id: readonly number[];
  readonly ood: readonly number[];
  readonly auroc: number;
  readonly fpr95: number;
  /** Points of the ROC curve, in which an accepted digit is a true positive. */
  readonly roc: { readonly fpr: readonly number[]; readonly tpr: readonly number[] };
  readonly extremes: readonly Extreme[];
}

export interface Extreme {
  readonly set: 'MNIST' | 'Fashion-MNIST';
  readonly which: 'most' | 'least';
  readonly images: Picture;
  /** Log-likelihood of each image, in nats. */
  readonly scores: readonly number[];
}
