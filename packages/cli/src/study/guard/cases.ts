import { imageAt } from '../../data/images.ts';
import { labelName } from '../../data/labelName.ts';
import type { GuardCase, GuardSection } from '../../result/sections/guard.ts';
import { picture } from '../picture.ts';
import { smallestFirst } from '../smallestFirst.ts';
import { isFlagged, type Judged, probabilityOf } from './judge.ts';

/** The most images of each kind that are shown. */
const CASES = 9;

/**
 * The images that say most about the guard, and how many of the digits that it flags and accepts the network misreads.
 */
export function casesOf(
  id: Judged,
  ood: Judged,
): Pick<GuardSection, 'misread' | 'fooled' | 'missed' | 'flagged'> {
  const strangest = smallestFirst(id.scores.autoGuard).reverse();
  const flagged = strangest.filter((i) => isFlagged(id, i));
  const accepted = strangest.filter((i) => !isFlagged(id, i));
  const missed = smallestFirst(ood.scores.autoGuard).filter((i) => !isFlagged(ood, i));
  const misread = (images: readonly number[]) =>
    images.filter((i) => id.read[i] !== id.split.labels[i]).length;
  const cases = (judged: Judged, images: readonly number[]) =>
    images.slice(0, CASES).map((i) => caseOf(judged, i));
  return {
    misread: { flagged: misread(flagged), accepted: misread(accepted) },
    fooled: cases(ood, smallestFirst(ood.scores.maxSoftmax)),
    missed: cases(ood, missed),
    flagged: cases(id, flagged),
  };
}

function caseOf(judged: Judged, i: number): GuardCase {
  const { set, split, verdicts, read } = judged;
  const { pValue, nearestClass } = verdicts[i]!;
  return {
    image: picture([imageAt(split, i)], [labelName(set, split.labels[i]!)], 1),
    read: labelName('MNIST', read[i]!),
    probability: probabilityOf(judged, i),
    pValue,
    flagged: isFlagged(judged, i),
    nearest: String(nearestClass),
  };
}
