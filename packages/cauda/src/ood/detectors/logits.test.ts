import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Detector } from './base/detector.ts';
import {
  energy,
  entropy,
  generalizedEntropy,
  klMatching,
  maxLogit,
  maxSoftmax,
  temperatureScaling,
} from './logits.ts';

const { log, sqrt, E } = Math;
const one = (detector: Detector, z: number[]): number => detector.score({ logits: [z] })[0]!;
/** The softmax is 1/8, 2/8, 5/8. */
const eighths = [0, log(2), log(5)];
const training = { logits: [eighths, [3, 0, 0], [2, 0, 1], [0, 0, 4]] };

const all: Record<string, Detector> = {
  maxSoftmax: maxSoftmax(),
  'maxSoftmax, T = 7': maxSoftmax({ temperature: 7 }),
  maxLogit: maxLogit(),
  energy: energy(),
  entropy: entropy(),
  generalizedEntropy: generalizedEntropy(),
  klMatching: await klMatching(training),
};

test('by hand: probabilities 1/8, 2/8 and 5/8', () => {
  expect(one(maxSoftmax(), eighths)).toBeCloseTo(-5 / 8, 15);
  expect(one(maxLogit(), eighths)).toBe(-log(5));
  expect(one(energy(), eighths)).toBeCloseTo(-log(8), 15);
  expect(one(entropy(), eighths)).toBeCloseTo((log(8) + 2 * log(4) + 5 * log(8 / 5)) / 8, 15);
  const gen = generalizedEntropy({ gamma: 0.5, top: 2 });
  expect(one(gen, eighths)).toBeCloseTo((sqrt(5 * 3) + sqrt(2 * 6)) / 8, 15);
  const everything = generalizedEntropy({ gamma: 0.5 });
  expect(one(everything, eighths)).toBeCloseTo((sqrt(15) + sqrt(12) + sqrt(7)) / 8, 15);
});

test('by hand: a temperature divides the logits, and energy is in their unit', () => {
  const z = eighths.map((value) => 3 * value);
  expect(one(maxSoftmax({ temperature: 3 }), z)).toBeCloseTo(-5 / 8, 15);
  expect(one(energy({ temperature: 3 }), z)).toBeCloseTo(-3 * log(8), 14);
});

test('by hand: klMatching takes the nearest mean posterior of the rows predicted as a class', async () => {
  const rows = [
    [0, 0], // predicted 0 (the first of equals): ½, ½
    [log(3), 0], // predicted 0: ¾, ¼; the mean is 5/8, 3/8
    [0, log(4)], // predicted 1: 1/5, 4/5
  ];
  const detector = await klMatching({ logits: rows });
  const divergence = (p: number[], q: number[]) => p.reduce((sum, v, j) => sum + v * log(v / q[j]!), 0);
  expect(one(detector, [0, 0])).toBeCloseTo(divergence([0.5, 0.5], [5 / 8, 3 / 8]), 15);
  expect(one(detector, [0, log(4)])).toBeCloseTo(0, 15);
});

test('klMatching leaves out a class that no training row is predicted as', async () => {
  const detector = await klMatching({
    logits: [
      [5, 0, 0],
      [0, 5, 0],
    ],
  });
  expect(one(detector, [0, 0, 9])).toBeGreaterThan(1);
  expect(one(detector, [5, 0, 0])).toBeCloseTo(0, 12);
});

test('what softmax says does not change when all logits move; energy and maxLogit move along', () => {
  const logits = fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(logits, fc.integer({ min: -50, max: 50 }), (z, shift) => {
      const moved = z.map((value) => value + shift);
      for (const [name, detector] of Object.entries(all)) {
        const by = name === 'energy' || name === 'maxLogit' ? -shift : 0;
        expect(one(detector, moved), name).toBeCloseTo(one(detector, z) + by, 8);
      }
    }),
  );
});

test('the order of the classes does not matter where no class is learned', () => {
  for (const [name, detector] of Object.entries(all))
    if (name !== 'klMatching')
      expect(one(detector, [1, 5, -2]), name).toBeCloseTo(one(detector, [5, -2, 1]), 14);
});

describe('logits of ±10,000', () => {
  const sure = [1e4, -1e4, 0];
  test('give finite scores, those of full confidence', async () => {
    expect(one(maxSoftmax(), sure)).toBe(-1);
    expect(one(maxLogit(), sure)).toBe(-1e4);
    expect(one(energy(), sure)).toBe(-1e4);
    expect(one(energy(), [-1e4, -1e4, -1e4])).toBeCloseTo(1e4 - log(3), 9);
    expect(one(entropy(), sure)).toBeCloseTo(0, 15);
    expect(one(entropy(), [-1e4, -1e4, -1e4])).toBeCloseTo(log(3), 12);
    expect(one(generalizedEntropy(), sure)).toBeCloseTo(0, 15);
    expect(one(await klMatching({ logits: [sure] }), sure)).toBeCloseTo(0, 12);
  });

  test('klMatching stays finite where a probability underflows in training but not here', async () => {
    const score = one(await klMatching({ logits: [sure] }), [0, 0, 0]);
    expect(score).toBeGreaterThan(400);
    expect(score).toBeLessThan(Infinity);
  });

  test('equal logits are the least sure, and one class is always sure', () => {
    for (const detector of [maxSoftmax(), entropy(), generalizedEntropy()]) {
      expect(one(detector, [2, 2, 2])).toBeGreaterThan(one(detector, [2, 2, 1.9]));
      expect(one(detector, [7])).toBe(detector.name === 'maxSoftmax' ? -1 : 0);
    }
  });
});

test('generalizedEntropy orders rows that tie in maxSoftmax because 1 − p is below rounding', () => {
  expect(one(maxSoftmax(), [40, 0])).toBe(one(maxSoftmax(), [60, 0]));
  expect(one(generalizedEntropy(), [40, 0])).toBeGreaterThan(one(generalizedEntropy(), [60, 0]));
  // p^γ (1 − p)^γ of both classes, with 1 − p = e⁻⁴⁰
  expect(one(generalizedEntropy({ gamma: 1 }), [40, 0])).toBeCloseTo(2 * E ** -40, 30);
});

test('temperatureScaling is maxSoftmax at the best temperature', async () => {
  // p = 3/4 for the first class in all rows, as often as it is right: log 3 = 6 / T
  const detector = await temperatureScaling({
    logits: [
      [6, 0],
      [6, 0],
      [6, 0],
      [6, 0],
    ],
    labels: [0, 0, 1, 0],
  });
  expect(detector.toJSON().temperature).toBeCloseTo(6 / log(3), 12);
  expect(one(detector, [6, 0])).toBeCloseTo(-0.75, 14);
});

test('mistakes are named', async () => {
  expect(() => maxSoftmax({ temperature: 0 })).toThrow(
    'maxSoftmax: temperature must be a finite number in (0, ∞); got 0',
  );
  expect(() => energy({ T: 1 } as never)).toThrow('energy: unknown option "T"; known are temperature');
  expect(() => generalizedEntropy({ gamma: 2 })).toThrow(
    'generalizedEntropy: gamma must be a finite number in (0, 1]; got 2',
  );
  await expect(klMatching({} as never)).rejects.toThrow('klMatching: logits are missing; got {  }');
  const fitted = await klMatching(training);
  expect(() => fitted.score({ logits: [[1, 2]] })).toThrow(
    'klMatching.score: logits: X has 2 features; this model was fitted on 3',
  );
  await expect(temperatureScaling({ logits: [[1, 0]] } as never)).rejects.toThrow(
    'temperatureScaling: labels are missing: the class of each row',
  );
});
