import type { Datasets } from '../data/datasets.ts';
import { first } from '../data/images.ts';
import { type CorruptionKind, corrupt, corruptionKinds, type Severity, severities } from './corrupt.ts';
import type { Problem } from './problem.ts';

/** The name of a set of corrupted digits, such as "noise 3". */
export function corruptionName(kind: CorruptionKind, severity: Severity): string {
  return `${kind} ${severity}`;
}

/** How many test images are corrupted, from the first. */
const IMAGES = 2000;

/**
 * Digits corrupted in every way and severity, which makes a set each. Not all of these are outliers: a zero is a zero
 * however it is turned, and a corruption that is hardly visible should hardly be flagged.
 */
export function corruptedDigits({ mnist: { train, test } }: Datasets, seed: number): Problem {
  const images = first(test, IMAGES);
  const ood = corruptionKinds.flatMap((kind) =>
    severities.map(
      (severity) => [corruptionName(kind, severity), corrupt(images, { kind, severity, seed })] as const,
    ),
  );
  return { protocol: 'corrupted digits', train, id: test, ood: Object.fromEntries(ood) };
}
