import type { Datasets, Split } from '../data/datasets.ts';
import { SIDE } from './corruptions/corruption.ts';
import type { Problem } from './problem.ts';

/**
 * The four digits that are unknown in each of the five splits; six known and four unknown is what open-set recognition
 * usually has. Every digit is unknown twice and every two splits share exactly one: ten digits are the ten pairs of
 * five splits. Fixed before anything was measured on them.
 */
export const unknown: readonly (readonly number[])[] = [
  [6, 7, 8, 9],
  [0, 1, 2, 6],
  [0, 3, 4, 7],
  [1, 3, 5, 8],
  [2, 4, 5, 9],
];

/** Near: digits that the network was not trained on. One problem a split. */
export function unknownDigits({ mnist: { train, test } }: Datasets): Problem[] {
  return unknown.map((digits) => ({
    protocol: 'unknown digits',
    train: where(train, (label) => !digits.includes(label)),
    id: where(test, (label) => !digits.includes(label)),
    ood: { 'unknown digits': where(test, (label) => digits.includes(label)) },
  }));
}

function where({ images, labels }: Split, keep: (label: number) => boolean): Split {
  const area = SIDE * SIDE;
  const kept = Array.from(labels.keys()).filter((i) => keep(labels[i]!));
  const taken = new Uint8Array(kept.length * area);
  kept.forEach((from, to) => {
    taken.set(images.subarray(from * area, (from + 1) * area), to * area);
  });
  return { images: taken, labels: Uint8Array.from(kept, (i) => labels[i]!), count: kept.length };
}
