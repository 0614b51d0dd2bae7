import { list, percent } from '../../text/format.ts';
import type { ClusteringRun, ClusteringSection } from '../sections/clustering.ts';

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

/** Answers "are similar images grouped together?" with the figures of the run with the lowest inertia. */
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

/** The most frequent digit of the cluster that has most images of `digit`. */
function companion(run: ClusteringRun, digit: number): number {
  const row = run.table.reduce((most, candidate) => (candidate[digit]! > most[digit]! ? candidate : most));
  return row.indexOf(Math.max(...row));
}
