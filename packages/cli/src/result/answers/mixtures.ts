import type { MixturesSection, Mode, Rule } from '../sections/mixtures.ts';

/** What each rule for the number of components compares, and whether it saw out-of-distribution images. */
export const rules: Readonly<Record<Rule, { readonly name: string; readonly looked: boolean }>> = {
  difference: { name: 'largest difference (the notebook’s rule)', looked: true },
  auroc: { name: 'largest AUROC', looked: true },
  bic: { name: 'smallest BIC', looked: false },
};

/** The results of a mode, or undefined if it has not run. */
export function inMode(
  section: MixturesSection | undefined,
  mode: Mode,
): MixturesSection['modes'][number] | undefined {
  return section?.modes.find((candidate) => candidate.mode === mode);
}
