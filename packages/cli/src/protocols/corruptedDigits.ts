import type { Datasets } from '../data/datasets.ts';
import { first } from '../data/images.ts';
import { type CorruptionKind, corrupt, corruptionKinds, type Severity, severities } from './corrupt.ts';
import type { Problem } from './problem.ts';

/** Name of the set. */
export function corruptionName(kind: CorruptionKind, severity: Severity): string {
  return `${kind} ${severity}`;
}

/** Test images that are spoilt, from the first. */
const IMAGES = 2000;

/**
 * Digits spoilt in every way and severity, each a set such as "noise 3". Not all of them are outliers: a zero is a zero
 * however it is turned, and what is hardly visible should hardly be flagged.
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
