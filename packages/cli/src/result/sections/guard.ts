import type { GuardChoice } from 'cauda/ood';
import type { Picture, Timed } from '../section.ts';

/** The study's guard, for `loadGuard`, beside its result. */
export const GUARD_FILE = 'guard.json';

/** What the guard is compared with; "mixture" is the notebook's, with the number of components that BIC chose. */
export type GuardDetector = 'autoGuard' | 'mixture' | 'maxSoftmax' | 'energy';

export interface GuardSection extends Timed {
  /** Digits that it was fitted to, digits that it was calibrated on, and digits and garments that it was judged on. */
  readonly rows: {
    readonly training: number;
    readonly calibration: number;
    readonly id: number;
    readonly ood: number;
  };
  /** Widths of the hidden layers that it reads before their ReLU, the first one first. */
  readonly layers: readonly number[];
  /** What `autoGuard` tried and chose for each of them. */
  readonly choices: readonly GuardChoice[];
  readonly fitSeconds: number;
  /** Components of the mixture that it is compared with. */
  readonly nComponents: number;
  readonly detectors: readonly GuardFigures[];
  /** Shares of digits flagged, and what share of the garments each detector, in order, then flags. */
  readonly roc: { readonly fpr: readonly number[]; readonly tpr: readonly (readonly number[])[] };
  /** Several thresholds from the same calibration. */
  readonly promises: readonly GuardPromise[];
  /** The `alpha` of the guard that was kept, one of the promises'. */
  readonly alpha: number;
  /** Shares of the digits and of the garments with a p-value in each of so many bins of equal width from 0 to 1. */
  readonly pValues: { readonly id: readonly number[]; readonly ood: readonly number[] };
  /** Images for which the network gives some digit at least this probability, and how many of them are flagged. */
  readonly sure: {
    readonly probability: number;
    readonly id: { readonly images: number; readonly flagged: number };
    readonly ood: { readonly images: number; readonly flagged: number };
  };
  /** Digits that the network misread: among those flagged, and among those not. */
  readonly misread: { readonly flagged: number; readonly accepted: number };
  /** The garments of which the network was most sure, those accepted that score lowest, and the strangest digits flagged. */
  readonly fooled: readonly GuardCase[];
  readonly missed: readonly GuardCase[];
  readonly flagged: readonly GuardCase[];
  /** `GUARD_FILE`, as it was written. */
  readonly file: { readonly bytes: number; readonly checksum: string };
  /** Medians of one check, of activations at hand and of pixels, which go through the network first. */
  readonly checkSeconds: { readonly activations: number; readonly pixels: number };
}

/** Figures with their 95 % bootstrap intervals. */
interface Figure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

interface GuardFigures {
  readonly detector: GuardDetector;
  readonly auroc: Figure;
  /** Share of the garments accepted where 95 % of the digits are. */
  readonly fpr95PositiveId: Figure;
  /** Share of the digits flagged where 95 % of the garments are. */
  readonly fpr95PositiveOod: Figure;
  /** AUROC less `autoGuard`'s. */
  readonly aurocDifference: Figure;
}

export interface GuardPromise {
  /** At most this share of digits is flagged, with this confidence. */
  readonly alpha: number;
  readonly confidence: number;
  /** The share that is flagged on average over calibrations. */
  readonly expected: number;
  /** How many of the digits and of the garments were. */
  readonly idFlagged: number;
  readonly oodFlagged: number;
}

export interface GuardCase {
  /** One image, and what it shows. */
  readonly image: Picture;
  /** The digit that the network read, and its probability. */
  readonly read: string;
  readonly probability: number;
  /** What the guard said. */
  readonly pValue: number;
  readonly flagged: boolean;
  readonly nearest: string;
}
