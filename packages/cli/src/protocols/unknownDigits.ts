import type { Datasets, Split } from '../data/datasets.ts';
import { take } from '../data/images.ts';
import type { Problem } from './problem.ts';

/**
 * The four unknown digits of each of the five splits; six known and four unknown ones are usual in open-set
 * recognition. Every digit is unknown in two splits and every two splits share exactly one unknown digit, since the ten
 * digits correspond to the ten pairs of splits. The splits were fixed before anything was measured with them.
 */
export const unknown: readonly (readonly number[])[] = [
  [6, 7, 8, 9],
  [0, 1, 2, 6],
  [0, 3, 4, 7],
  [1, 3, 5, 8],
  [2, 4, 5, 9],
];

/** Near outliers: digits that the network was not trained on. There is a problem for each split. */
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
