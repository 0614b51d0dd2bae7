import { expect, test } from 'vitest';
import { acceptedRoc, flaggedRoc } from './roc.ts';

test('the ROC curve has one digit flagged first, all last, and at each step the most garments', () => {
  // digits 1, 2, 3, 4; garments 0, 3, 5, 5: above 4 lie two garments, from 4 on too, from 3 on three, from 1 on three
  const { fpr, tpr } = flaggedRoc([{ id: Float64Array.of(1, 2, 3, 4), ood: Float64Array.of(0, 3, 5, 5) }]);
  expect(fpr).toEqual([0.25, 0.5, 0.75, 1]);
  expect(tpr).toEqual([[0.5, 0.75, 0.75, 1]]);
});

test('a long ROC curve has few points, close together where few digits are flagged', () => {
  const ramp = Float64Array.from({ length: 5000 }, (_, i) => i);
  const { fpr, tpr } = flaggedRoc([
    { id: ramp, ood: ramp },
    { id: ramp, ood: ramp.map((score) => score + 5000) },
  ]);
  expect(fpr.length).toBeLessThan(100);
  expect(fpr.slice(0, 3)).toEqual([0.0002, 0.0004, 0.0006]);
  expect(fpr.at(-1)).toBe(1);
  expect(tpr[0]).toEqual(fpr); // chance
  expect(new Set(tpr[1])).toEqual(new Set([1]));
});

test('digits that tie with all garments flag none of them before all are flagged', () => {
  const same = new Float64Array(3).fill(7);
  expect(flaggedRoc([{ id: same, ood: same }]).tpr).toEqual([[0, 0, 1]]);
});

test('the ROC curve of accepted images goes from none to all, with the digits as true positives', () => {
  // digits 0, 1; garments 1, 2: a threshold below 1 accepts one digit, one at 1 both and a garment, one at 2 all
  const { fpr, tpr } = acceptedRoc(Float64Array.of(0, 1), Float64Array.of(1, 2));
  expect(fpr).toEqual([0, 0, 0.5, 1]);
  expect(tpr).toEqual([0, 0.5, 1, 1]);
});

test('a long curve of accepted images keeps its ends and has 200 points', () => {
  const ramp = Float64Array.from({ length: 5000 }, (_, i) => i);
  const { fpr, tpr } = acceptedRoc(ramp, ramp);
  expect([fpr.length, fpr[0], fpr.at(-1), tpr[0], tpr.at(-1)]).toEqual([200, 0, 1, 0, 1]);
  expect(tpr).toEqual(fpr);
});
