import { secondsSince } from '../timed.ts';
import type { MixturesSection, SectionName, Sections, StudyResult } from './result.ts';
import { clusteringSection } from './sections/clustering.ts';
import { dataSection } from './sections/data.ts';
import { derivationsSection } from './sections/derivations.ts';
import { guardSection } from './sections/guard.ts';
import { histogramsSection } from './sections/histograms.ts';
import { missingSection } from './sections/missing.ts';
import { mixturesSection } from './sections/mixtures.ts';
import { networkSection } from './sections/network.ts';
import type { Study } from './study.ts';

type Runner<Name extends SectionName> = (
  study: Study,
  done: Partial<Sections>,
) => Promise<Omit<Sections[Name], 'seconds'>>;

/** The sections in their order. */
const runners: { readonly [Name in SectionName]: { readonly title: string; readonly run: Runner<Name> } } = {
  data: { title: 'Data', run: dataSection },
  clustering: { title: 'K-means on standardised pixels', run: clusteringSection },
  network: { title: 'Network', run: networkSection },
  mixtures: { title: 'Mixtures on the activations', run: mixturesSection },
  histograms: {
    title: 'Log-likelihoods',
    run: (study, { mixtures }) => histogramsSection(study, mixtures as MixturesSection),
  },
  guard: {
    title: 'A guard for this classifier',
    run: (study, { mixtures }) => guardSection(study, mixtures as MixturesSection),
  },
  missing: { title: 'Missing entries', run: missingSection },
  derivations: { title: 'Derivations', run: derivationsSection },
};

export interface StudyHooks {
  /** Before a section: its heading. `kept` says that an earlier run finished it. */
  begin(name: SectionName, title: string, kept: boolean): void;
  /** After each new section, with all that is finished: the time to write it down. */
  finished(result: StudyResult, name: SectionName): Promise<void>;
}

/**
 * Runs the sections that `result` does not have yet, in order.
 * @returns the result with all sections
 */
export async function runStudy(study: Study, result: StudyResult, hooks: StudyHooks): Promise<StudyResult> {
  for (const name of Object.keys(runners) as SectionName[]) {
    study.signal.throwIfAborted();
    const { title, run } = runners[name];
    const kept = result.sections[name] !== undefined;
    hooks.begin(name, title, kept);
    if (kept) continue;
    const started = performance.now();
    const section = await run(study, result.sections);
    study.signal.throwIfAborted();
    const seconds = secondsSince(started);
    result = { ...result, sections: { ...result.sections, [name]: { seconds, ...section } } };
    await hooks.finished(result, name);
  }
  return result;
}
