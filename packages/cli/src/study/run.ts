import { sectionNames, sections } from '../result/sections.ts';
import type { SectionName, Sections, StudyResult } from '../result/studyResult.ts';
import { secondsSince } from '../timed.ts';
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

/** How each section is made. */
const runners: { readonly [Name in SectionName]: Runner<Name> } = {
  data: dataSection,
  clustering: clusteringSection,
  network: networkSection,
  mixtures: mixturesSection,
  histograms: (study, { mixtures }) => histogramsSection(study, mixtures!),
  guard: (study, { mixtures }) => guardSection(study, mixtures!),
  missing: missingSection,
  derivations: derivationsSection,
};

export interface StudyHooks {
  /** Called before each section; `kept` says that an earlier run has finished it. */
  begin(name: SectionName, title: string, kept: boolean): void;
  /** Called after each section that was run, with all sections that are finished, so that they can be written down. */
  finished(result: StudyResult, name: SectionName): Promise<void>;
}

/**
 * Runs the sections that `result` does not have yet, in order.
 * @returns the result with all sections
 * @throws the signal's reason when aborted
 */
export async function runStudy(study: Study, result: StudyResult, hooks: StudyHooks): Promise<StudyResult> {
  for (const name of sectionNames) {
    study.signal.throwIfAborted();
    const kept = result.sections[name] !== undefined;
    hooks.begin(name, sections[name].title, kept);
    if (kept) continue;
    const started = performance.now();
    const section = await runners[name](study, result.sections);
    study.signal.throwIfAborted();
    const seconds = secondsSince(started);
    result = { ...result, sections: { ...result.sections, [name]: { seconds, ...section } } };
    await hooks.finished(result, name);
  }
  return result;
}
