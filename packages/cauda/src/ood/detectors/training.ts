import type { Labels } from '../../labels.ts';
import type { MatrixLike } from '../../matrix.ts';
import type { Head } from './head.ts';

/** What the factories of detectors learn from. */

export interface FeatureTraining {
  /** nSamples × nFeatures. */
  readonly features: MatrixLike;
}

export interface LabeledFeatures extends FeatureTraining {
  /** The class of each row, any 32-bit integers; length nSamples. */
  readonly labels: Labels;
}

/** The activations that the head reads, of the training rows, and the head. */
export interface HeadTraining {
  /** nSamples × nFeatures. */
  readonly features: MatrixLike;
  readonly head: Head;
}

export interface LabeledHeadTraining extends HeadTraining {
  /** The class of each row, as the index of its logit; length nSamples. */
  readonly labels: Labels;
}

/** Rows of which the class is known. */
export interface LabeledLogits {
  /** nSamples × nClasses. */
  readonly logits: MatrixLike;
  /** The class of each row, as the index of its logit; length nSamples. */
  readonly labels: Labels;
}
