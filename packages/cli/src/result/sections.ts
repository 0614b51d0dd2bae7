import type { SectionName } from './studyResult.ts';

interface SectionTitle {
  /** The heading, on the terminal and in the report. */
  readonly title: string;
  /** Where there is less room: in the navigation and in the list of times. */
  readonly shortTitle: string;
}

/** What the sections of a study are called, in their order. */
export const sections: Readonly<Record<SectionName, SectionTitle>> = {
  data: { title: 'Data', shortTitle: 'Data' },
  clustering: { title: 'K-means on standardized pixels', shortTitle: 'K-means' },
  network: { title: 'Network', shortTitle: 'Network' },
  mixtures: { title: 'Mixtures on the activations', shortTitle: 'Mixtures' },
  histograms: { title: 'Log-likelihoods', shortTitle: 'Log-likelihoods' },
  guard: { title: 'A guard for this classifier', shortTitle: 'Guard' },
  missing: { title: 'Missing entries', shortTitle: 'Missing entries' },
  derivations: { title: 'Derivations', shortTitle: 'Derivations' },
};

/** The names of the sections, in their order. */
export const sectionNames: readonly SectionName[] = Object.keys(sections) as SectionName[];
