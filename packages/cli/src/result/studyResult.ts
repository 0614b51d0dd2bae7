import type { ClusteringSection } from './sections/clustering.ts';
import type { DataSection } from './sections/data.ts';
import type { DerivationsSection } from './sections/derivations.ts';
import type { GuardSection } from './sections/guard.ts';
import type { HistogramsSection } from './sections/histograms.ts';
import type { MissingSection } from './sections/missing.ts';
import type { MixturesSection } from './sections/mixtures.ts';
import type { NetworkSection } from './sections/network.ts';

/**
 * The result of a study: what `result.json` holds and what the report is made from. A change that an older report could
 * not read raises `STUDY_VERSION`; a result of every earlier version stays in report/fixtures.
 */
export const STUDY_FORMAT = 'cauda-study';
export const STUDY_VERSION = 1;

export interface StudyResult {
  readonly format: typeof STUDY_FORMAT;
  readonly version: typeof STUDY_VERSION;
  /** When the study started, in UTC as ISO 8601 writes it. */
  readonly startedAt: string;
  readonly options: StudyOptions;
  readonly versions: { readonly cauda: string; readonly node: string };
  readonly machine: Machine;
  /** The finished sections. */
  readonly sections: Partial<Sections>;
}

export interface StudyOptions {
  /** "sample", "full" or a folder; null for the full sets if they are found, else the sample. */
  readonly data: string | null;
  readonly seed: number;
  /** Worker threads; null for as many as the machine has. Times depend on it, figures do not. */
  readonly workers: number | null;
  /** Mixtures of 1 … maxComponents components are fitted. */
  readonly maxComponents: number;
  readonly epochs: number;
  /** Starts of K-means, of which the best is kept. */
  readonly restarts: number;
  /** Fewer rows and fits, for a look at whether everything works. */
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
