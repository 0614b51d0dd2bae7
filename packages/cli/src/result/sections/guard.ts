import type { GuardChoice } from 'cauda/ood';
import type { Picture, Timed } from '../section.ts';

/** The file of the study's guard, for `loadGuard`, next to `result.json`. */
export const GUARD_FILE = 'guard.json';

/**
 * The guard's detector and those that it is compared with. "mixture" is the notebook's, with BIC's number of
 * components.
 */
export type GuardDetector = 'autoGuard' | 'mixture' | 'maxSoftmax' | 'energy';

export interface GuardSection extends Timed {
  /** How many digits the guard was fitted to and calibrated on, and how many digits and garments it was judged on. */
  readonly rows: {
    readonly training: number;
    readonly calibration: number;
    readonly id: number;
    readonly ood: number;
  };
  /** Widths of the hidden layers, which the guard reads before their ReLU. */
  readonly layers: readonly number[];
  /** What `autoGuard` tried and chose for each hidden layer. */
  readonly choices: readonly GuardChoice[];
  readonly fitSeconds: number;
  /** The number of components of the mixture that the guard is compared with. */
  readonly nComponents: number;
  readonly detectors: readonly GuardFigures[];
  /** Shares of digits flagged, and for each detector, in their order, the shares of garments that it then flags. */
  readonly roc: { readonly fpr: readonly number[]; readonly tpr: readonly (readonly number[])[] };
  /** What several thresholds from the same calibration promise. */
  readonly promises: readonly GuardPromise[];
  /** The `alpha` of the guard that was kept, which is that of one of the promises. */
  readonly alpha: number;
  /** Shares of the digits and of the garments with a p-value in each bin; the bins divide [0, 1] evenly. */
  readonly pValues: { readonly id: readonly number[]; readonly ood: readonly number[] };
  /**
   * The images in which the network sees some digit with at least this probability, and how many of them are flagged.
   */
  readonly sure: {
    readonly probability: number;
    readonly id: { readonly images: number; readonly flagged: number };
    readonly ood: { readonly images: number; readonly flagged: number };
  };
  /** How many digits the network misread among those that the guard flagged and among those that it accepted. */
  readonly misread: { readonly flagged: number; readonly accepted: number };
  /**
   * The garments of which the network was most sure, the accepted garments with the lowest scores, the strangest
   * digits.
   */
  readonly fooled: readonly GuardCase[];
  readonly missed: readonly GuardCase[];
  readonly flagged: readonly GuardCase[];
  /** `GUARD_FILE`, as it was written. */
  readonly file: { readonly bytes: number; readonly checksum: string };
  /** Median seconds of one check, of given activations and of pixels, which pass through the network first. */
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
  /** Share of the garments accepted at the threshold that accepts 95 % of the digits. */
  readonly fpr95PositiveId: Figure;
  /** Share of the digits flagged at the threshold that flags 95 % of the garments. */
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
  /** How many digits and how many garments were flagged. */
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
