import type { GuardChoice } from 'cauda/ood';

/**
 * What a study found: everything that `result.json` holds and all that the report is made from. A change that an older
 * report could not read raises `STUDY_VERSION`; results of every earlier version stay in report/fixtures.
 */
export const STUDY_FORMAT = 'cauda-study';
export const STUDY_VERSION = 1;

/** The study's guard, for `loadGuard`, beside its result. */
export const GUARD_FILE = 'guard.json';

export interface StudyResult {
  readonly format: typeof STUDY_FORMAT;
  readonly version: typeof STUDY_VERSION;
  /** When the study began, ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly options: StudyOptions;
  readonly versions: { readonly cauda: string; readonly node: string };
  readonly machine: Machine;
  /** The finished sections. */
  readonly sections: Partial<Sections>;
}

export interface StudyOptions {
  /** "sample", "full" or a folder; null for the full sets where found, else the sample. */
  readonly data: string | null;
  readonly seed: number;
  /** Worker threads; null for the machine's. The figures do not depend on it, the times do. */
  readonly workers: number | null;
  /** The sweep of mixtures is 1 … maxComponents. */
  readonly maxComponents: number;
  readonly epochs: number;
  /** Starts of K-means, of which the best is kept. */
  readonly restarts: number;
  /** Fewer rows and fits: for tests. */
  readonly quick: boolean;
}

interface Machine {
  readonly platform: string;
  readonly cpu: string;
  readonly threads: number;
  readonly memoryBytes: number;
}

export interface Sections {
  data: DataSection;
  clustering: ClusteringSection;
  network: NetworkSection;
  mixtures: MixturesSection;
  histograms: HistogramsSection;
  guard: GuardSection;
  missing: MissingSection;
  derivations: DerivationsSection;
}

export type SectionName = keyof Sections;

/** Seconds that a section took, on the wall's clock. */
interface Timed {
  readonly seconds: number;
}

/** Images side by side, `columns` a row, 28 × 28 pixels each, in one grey PNG. */
export interface Picture {
  /** The PNG file in base64. */
  readonly png: string;
  readonly columns: number;
  /** What each image shows, in reading order. */
  readonly labels: readonly string[];
}

export interface DataSection extends Timed {
  /** The embedded sample or the official files. */
  readonly source: 'sample' | 'full';
  readonly sets: readonly {
    readonly name: 'MNIST' | 'Fashion-MNIST';
    readonly split: 'train' | 'test';
    /** Images in the file, and how many of them, from the first, the study uses. */
    readonly count: number;
    readonly used: number;
    /** SHA-256 of the uncompressed IDX files. */
    readonly sha256: { readonly images: string; readonly labels: string };
  }[];
  /** The first nine training images of each, one picture an image. */
  readonly first: readonly { readonly name: string; readonly images: readonly Picture[] }[];
}

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

export interface NetworkSection extends Timed {
  /** Widths of the layers, the input first. */
  readonly layers: readonly number[];
  readonly optimizer: { readonly name: 'sgd'; readonly learningRate: number; readonly momentum: number };
  readonly batchSize: number;
  readonly rows: number;
  /** Mean cross-entropy in each epoch, in nats. */
  readonly lossCurve: readonly number[];
  readonly testAccuracy: number;
  readonly fitSeconds: number;
}

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

export interface HistogramsSection extends Timed {
  readonly views: readonly HistogramView[];
}

export interface HistogramView {
  readonly mode: Mode;
  /** The rules that chose this number of components. */
  readonly rules: readonly Rule[];
  readonly nComponents: number;
  /** 51 edges of the bins, in nats, and the density in each of the 50 bins. */
  readonly edges: readonly number[];
  readonly id: readonly number[];
  readonly ood: readonly number[];
  readonly auroc: number;
  readonly fpr95: number;
  /** Points of the ROC curve; a digit accepted is a true positive. */
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

export interface DerivationsSection extends Timed {
  readonly documents: readonly { readonly name: string; readonly markdown: string }[];
}

/**
 * The text of a `result.json`, checked to be one that this version reads.
 * @throws Error saying what the file is instead
 */
export function parseResult(text: string, path: string): StudyResult {
  let value: Partial<StudyResult>;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${path}: expected a study's result in JSON; it does not parse`);
  }
  if (value?.format !== STUDY_FORMAT)
    throw new Error(`${path}: expected format "${STUDY_FORMAT}"; got ${JSON.stringify(value?.format)}`);
  if (value.version !== STUDY_VERSION)
    throw new Error(`${path}: expected version ${STUDY_VERSION} of a study's result; got ${value.version}`);
  return value as StudyResult;
}
