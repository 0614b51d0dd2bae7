import { expect, test } from 'vitest';
import type { GuardDetector } from '../sections/guard.ts';
import { fooledAnswer, guardAnswer, promiseAnswer } from './guard.ts';

const figures = (detector: GuardDetector, auroc: number, [value, low, high]: [number, number, number]) => {
  const figure = { value: auroc, low: auroc, high: auroc };
  return {
    detector,
    auroc: figure,
    fpr95PositiveId: figure,
    fpr95PositiveOod: figure,
    aurocDifference: { value, low, high },
  };
};

test('the guard is better or worse than the mixture if the interval of the difference says so', () => {
  const answer = (difference: [number, number, number]) =>
    guardAnswer({
      nComponents: 12,
      detectors: [
        figures('autoGuard', 0.99, [0, 0, 0]),
        figures('mixture', 0.99 + difference[0], difference),
      ],
    });
  expect(answer([-0.04, -0.05, -0.03])).toBe(
    'AUROC 0.9900, better than the mixture with K = 12 (0.9500) by 0.0400 (0.0300 to 0.0500).',
  );
  expect(answer([0.004, 0.003, 0.005])).toBe(
    'AUROC 0.9900, worse than the mixture with K = 12 (0.9940) by 0.0040 (0.0030 to 0.0050).',
  );
  expect(answer([-0.01, -0.03, 0.01])).toBe(
    'AUROC 0.9900, as good as the mixture with K = 12 (0.9800), as far as these images tell.',
  );
});

test('a promise is compared with what was observed, allowing for few digits', () => {
  const answer = (idFlagged: number) =>
    promiseAnswer({
      alpha: 0.05,
      promises: [
        { alpha: 0.01, confidence: 0.95, expected: 0.005, idFlagged: 0, oodFlagged: 0 },
        { alpha: 0.05, confidence: 0.95, expected: 0.04, idFlagged, oodFlagged: 0 },
      ],
      rows: { training: 8000, calibration: 950, id: 1900, ood: 2000 },
    });
  // 2 √(0.05 · 0.95 / 1900) is exactly 1 %
  expect(answer(95)).toBe(
    'From 950 digits it promises, with 95 % confidence, to flag at most 5 % of all digits. Of 1,900 others it flagged 95, 5.0 %: as promised.',
  );
  expect(answer(96)).toMatch(/flagged 96, 5.1 %: more than promised, but so few .* about ± 1.0 %\.$/);
  expect(answer(115)).toMatch(/flagged 115, 6.1 %: more than promised\.$/);
});

test('what the guard says of what the network is sure of, if there is anything', () => {
  const rows = { training: 1, calibration: 1, id: 500, ood: 1000 };
  const answer = (id: number, ood: number) =>
    fooledAnswer({
      rows,
      sure: { probability: 0.99, id: { images: id, flagged: 2 }, ood: { images: ood, flagged: 39 } },
    });
  expect(answer(400, 40)).toBe(
    'The network is at least 99 % sure of 40 of 1,000 garments; the guard flags 97.5 % of these, and 0.5 % of the digits of which the network is as sure.',
  );
  expect(answer(0, 40)).toMatch(/flags 97.5 % of these\.$/);
  expect(answer(400, 0)).toBe('The network is at least 99 % sure of 0 of 1,000 garments.');
});
