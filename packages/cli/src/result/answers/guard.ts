import { count, fixed, list, percent } from '../../text/format.ts';
import type { GuardDetector, GuardPromise, GuardSection } from '../sections/guard.ts';

/** The name of a detector in the tables. */
export function detectorName(detector: GuardDetector, nComponents: number): string {
  return detector === 'mixture' ? `mixture, K = ${nComponents}` : detector;
}

/** The promise of the guard that was kept. */
export function keptPromise({ promises, alpha }: Pick<GuardSection, 'promises' | 'alpha'>): GuardPromise {
  return promises.find((promise) => promise.alpha === alpha)!;
}

/** Compares the guard with the notebook's mixture. */
export function guardAnswer({
  detectors,
  nComponents,
}: Pick<GuardSection, 'detectors' | 'nComponents'>): string {
  const of = (name: GuardDetector) => detectors.find(({ detector }) => detector === name)!;
  const { auroc, aurocDifference } = of('mixture');
  // the difference is that of the mixture less autoGuard; here its sign does not count
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

/** Says what was promised about false alarms, and what was observed. */
export function promiseAnswer(section: Pick<GuardSection, 'promises' | 'alpha' | 'rows'>): string {
  const { alpha, confidence, idFlagged } = keptPromise(section);
  const { id, calibration } = section.rows;
  const observed = idFlagged / id;
  // the standard deviation of the observed share if the rate is alpha
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

/** Says how sure the network was of garments, and what the guard said of these. */
export function fooledAnswer({ sure, rows }: Pick<GuardSection, 'sure' | 'rows'>): string {
  const { probability, id, ood } = sure;
  const sentence = `The network is at least ${percent(probability, 0)} sure of ${count(ood.images)} of ${count(rows.ood)} garments`;
  if (!ood.images) return `${sentence}.`;
  const digits = id.images
    ? `, and ${percent(id.flagged / id.images)} of the digits of which the network is as sure`
    : '';
  return `${sentence}; the guard flags ${percent(ood.flagged / ood.images)} of these${digits}.`;
}
