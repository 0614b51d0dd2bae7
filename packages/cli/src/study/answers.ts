import { count, fixed, list, percent } from '../text/format.ts';
import type {
  ClusteringRun,
  ClusteringSection,
  GuardDetector,
  GuardPromise,
  GuardSection,
  MixturesSection,
  Mode,
  Rule,
} from './result.ts';

/** What each rule for the number of components compares, and whether it looked at out-of-distribution images. */
export const rules: Readonly<Record<Rule, { readonly name: string; readonly looked: boolean }>> = {
  difference: { name: 'largest difference (the notebook’s rule)', looked: true },
  auroc: { name: 'largest AUROC', looked: true },
  bic: { name: 'smallest BIC', looked: false },
};

/** The run with the lowest inertia. */
export function bestRun(section: Pick<ClusteringSection, 'runs'>): ClusteringRun {
  return section.runs.reduce((best, run) => (run.inertia < best.inertia ? run : best));
}

/** The most frequent digit of each cluster and its share. */
export function majorities(run: ClusteringRun): { digit: number; share: number; size: number }[] {
  return run.table.map((row) => {
    const size = row.reduce((sum, n) => sum + n, 0);
    const most = Math.max(...row);
    return { digit: row.indexOf(most), share: size ? most / size : 0, size };
  });
}

/** A short answer to "are similar images grouped together?", from the figures of the run with the lowest inertia. */
export function clusteringAnswer(section: Pick<ClusteringSection, 'rows' | 'runs'>): string {
  const run = bestRun(section);
  const digits = run.table[0]!.length;
  const totals = Array.from({ length: digits }, (_, digit) =>
    run.table.reduce((sum, row) => sum + row[digit]!, 0),
  );
  const chance = Math.max(...totals) / section.rows;
  const clusters = majorities(run);
  const clear = [...new Set(clusters.filter(({ share }) => share >= 0.75).map(({ digit }) => digit))].sort();
  const homeless = totals.flatMap((_, digit) => (clusters.some((c) => c.digit === digit) ? [] : [digit]));
  const verdict = run.purity >= 0.85 ? 'Yes' : run.purity >= 1.5 * chance ? 'Partly' : 'Hardly';
  const sentences = [
    `${verdict}: ${percent(run.purity, 0)} of the images share a cluster with its most frequent digit, where one single ` +
      `cluster would reach ${percent(chance, 0)}; the adjusted Rand index is ${run.adjustedRand.toFixed(2)} (0 by chance, 1 for the digits themselves).`,
  ];
  if (clear.length)
    sentences.push(
      `${clear.length === 1 ? 'Digit' : 'Digits'} ${list(clear)} ${clear.length === 1 ? 'has' : 'have'} a cluster that is at least three quarters ${clear.length === 1 ? 'its own' : 'theirs'}.`,
    );
  if (homeless.length)
    sentences.push(
      `${homeless.length === 1 ? 'Digit' : 'Digits'} ${list(homeless)} ${homeless.length === 1 ? 'leads' : 'lead'} no cluster: ` +
        `${homeless.map((digit) => `${digit} is mostly found with ${companion(run, digit)}`).join(', ')}.`,
    );
  return sentences.join(' ');
}

/** The digit that leads the cluster where most of `digit` are. */
function companion(run: ClusteringRun, digit: number): number {
  const row = run.table.reduce((most, candidate) => (candidate[digit]! > most[digit]! ? candidate : most));
  return row.indexOf(Math.max(...row));
}

/** The mode's results, if it ran. */
export function inMode(
  section: MixturesSection | undefined,
  mode: Mode,
): MixturesSection['modes'][number] | undefined {
  return section?.modes.find((candidate) => candidate.mode === mode);
}

/** What the tables call a detector. */
export function detectorName(detector: GuardDetector, nComponents: number): string {
  return detector === 'mixture' ? `mixture, K = ${nComponents}` : detector;
}

/** The promise of the guard that was kept. */
export function keptPromise({ promises, alpha }: Pick<GuardSection, 'promises' | 'alpha'>): GuardPromise {
  return promises.find((promise) => promise.alpha === alpha)!;
}

/** How the guard compares with the notebook's mixture. */
export function guardAnswer({
  detectors,
  nComponents,
}: Pick<GuardSection, 'detectors' | 'nComponents'>): string {
  const of = (name: GuardDetector) => detectors.find(({ detector }) => detector === name)!;
  const { auroc, aurocDifference } = of('mixture');
  // the mixture less autoGuard, read the other way round
  const by = `${fixed(Math.abs(aurocDifference.value), 4)} (${list(
    [aurocDifference.low, aurocDifference.high]
      .map((bound) => (aurocDifference.value < 0 ? -bound : bound))
      .sort((a, b) => a - b)
      .map((bound) => fixed(bound, 4)),
  ).replace(' and ', ' to ')})`;
  const verdict =
    aurocDifference.high < 0
      ? `better than the mixture with K = ${nComponents} (${fixed(auroc.value, 4)}) by ${by}`
      : aurocDifference.low > 0
        ? `worse than the mixture with K = ${nComponents} (${fixed(auroc.value, 4)}) by ${by}`
        : `as good as the mixture with K = ${nComponents} (${fixed(auroc.value, 4)}), as far as these images tell`;
  return `AUROC ${fixed(of('autoGuard').auroc.value, 4)}, ${verdict}.`;
}

/** What was promised about false alarms, and what was observed. */
export function promiseAnswer(section: Pick<GuardSection, 'promises' | 'alpha' | 'rows'>): string {
  const { alpha, confidence, idFlagged } = keptPromise(section);
  const { id, calibration } = section.rows;
  const observed = idFlagged / id;
  // of the observed share, were the rate alpha
  const deviation = Math.sqrt((alpha * (1 - alpha)) / id);
  const verdict =
    observed <= alpha
      ? 'as promised'
      : observed <= alpha + 2 * deviation
        ? `more than promised, but so few digits tell the rate only to about ± ${percent(2 * deviation)}`
        : 'more than promised';
  return (
    `From ${count(calibration)} digits it promises, with ${percent(confidence, 0)} confidence, to flag at most ${percent(alpha, 0)} of all digits. ` +
    `Of ${count(id)} others it flagged ${count(idFlagged)}, ${percent(observed)}: ${verdict}.`
  );
}

/** How sure the network was of garments, and what the guard said of these. */
export function fooledAnswer({ sure, rows }: Pick<GuardSection, 'sure' | 'rows'>): string {
  const { probability, id, ood } = sure;
  const sentence = `The network is at least ${percent(probability, 0)} sure of ${count(ood.images)} of ${count(rows.ood)} garments`;
  if (!ood.images) return `${sentence}.`;
  const digits = id.images
    ? `, and ${percent(id.flagged / id.images)} of the digits of which the network is as sure`
    : '';
  return `${sentence}; the guard flags ${percent(ood.flagged / ood.images)} of these${digits}.`;
}
