import type { Datasets, Split } from '../data/datasets.ts';
import { take } from '../data/images.ts';
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

function where(split: Split, keep: (label: number) => boolean): Split {
  return take(
    split,
    Array.from(split.labels.keys()).filter((i) => keep(split.labels[i]!)),
  );
}
