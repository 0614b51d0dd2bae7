import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { conformalPValues, labelConditionalPValues } from './conformal.ts';

const scoreArray = (minLength: number) =>
  fc.array(fc.integer({ min: -4, max: 4 }), { minLength, maxLength: 30 }); // ties nearly always

test('by hand: p = (1 + how many calibration scores are at least as large) / (n + 1)', () => {
  const calibration = [3, 1, 2, 2];
  expect(Array.from(conformalPValues(calibration, [4, 3, 2.5, 2, 1, 0]))).toEqual([
    1 / 5,
    2 / 5,
    2 / 5,
    4 / 5,
    1,
    1,
  ]);
  expect(Array.from(conformalPValues(calibration, [Infinity, -Infinity]))).toEqual([1 / 5, 1]);
  expect(Array.from(conformalPValues([Infinity], [Infinity, 1e300]))).toEqual([1, 1]);
});

test('p is what counting gives, a larger score never has a larger p, and the arrays are left alone', () => {
  fc.assert(
    fc.property(scoreArray(1), scoreArray(1), (calibration, scores) => {
      const before = [...calibration];
      const p = conformalPValues(calibration, scores);
      scores.forEach((score, i) => {
        expect(p[i]).toBe((1 + calibration.filter((c) => c >= score).length) / (calibration.length + 1));
      });
      expect(calibration).toEqual(before);
    }),
  );
});

test('with any ties, P(p ≤ a) ≤ a where each of n + 1 values is in turn the new one', () => {
  // Exchangeability, all of it: given the n + 1 values, each is equally likely to be the new one.
  fc.assert(
    fc.property(scoreArray(2), (values) => {
      const p = values.map((value, i) => conformalPValues(values.toSpliced(i, 1), [value])[0]!);
      for (const a of p) expect(p.filter((other) => other <= a).length / p.length).toBeLessThanOrEqual(a);
    }),
  );
});

test('without the + 1, or counting only larger scores, tied values break the promise', () => {
  const values = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]; // as a saturated softmax gives
  const rate = (pValue: (rest: number[], value: number) => number) =>
    values.filter((value, i) => pValue(values.toSpliced(i, 1), value) <= 0.1).length / values.length;
  expect(rate((rest, value) => rest.filter((r) => r > value).length / rest.length)).toBe(0.3);
  expect(rate((rest, value) => (1 + rest.filter((r) => r > value).length) / (rest.length + 1))).toBe(0.3);
  expect(rate((rest, value) => conformalPValues(rest, [value])[0]!)).toBe(0);
  const distinct = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const rateWithoutOne = distinct.filter(
    (value, i) => distinct.toSpliced(i, 1).filter((r) => r >= value).length / 9 <= 0.05,
  ).length;
  expect(rateWithoutOne).toBe(1); // 10 % at a = 5 %
});

test('smoothed p-values are uniform, whatever the ties, and never 0', () => {
  const random = new Random(1);
  const bins = new Float64Array(20);
  const trials = 20_000;
  for (let trial = 0; trial < trials; trial++) {
    const values = Array.from({ length: 8 }, () => random.integer(3));
    const [p] = conformalPValues(values.slice(1), values.slice(0, 1), { smoothed: true, seed: trial });
    expect(p).toBeGreaterThan(0);
    expect(p).toBeLessThanOrEqual(1);
    bins[Math.min(19, Math.floor(p! * 20))]! += 1;
  }
  const chiSquare = bins.reduce((sum, count) => sum + (count - trials / 20) ** 2 / (trials / 20), 0);
  expect(chiSquare).toBeLessThan(43.8); // 99.9 % of χ² with 19 degrees of freedom
});

test('smoothed p-values lie between their neighbors and follow the seed', () => {
  const calibration = [1, 2, 2, 3];
  const scores = [2, 2, 2, 5];
  const smoothed = (seed: number) => conformalPValues(calibration, scores, { smoothed: true, seed });
  expect(smoothed(3)).toEqual(smoothed(3));
  expect(smoothed(3)).not.toEqual(smoothed(4));
  const [a, b, c, top] = smoothed(3);
  for (const p of [a!, b!, c!]) {
    expect(p).toBeGreaterThan(1 / 5); // one calibration score is larger
    expect(p).toBeLessThanOrEqual(4 / 5); // three are at least as large
  }
  expect(a).not.toBe(b);
  expect(top).toBeLessThanOrEqual(1 / 5);
});

test('by hand: label-conditional p-values, for a given label and over all classes', () => {
  const scores = [1, 2, 3, 10, 20];
  const classes = [0, 0, 0, 7, 7];
  const given = labelConditionalPValues(scores, classes, [5, 5, 15, 15, 5], { labels: [0, 7, 0, 7, 3] });
  expect(Array.from(given)).toEqual([1 / 4, 1, 1 / 4, 2 / 3, 1]);
  expect(Array.from(labelConditionalPValues(scores, classes, [5, 15, 25, 0]))).toEqual([1, 2 / 3, 1 / 3, 1]);
});

test('label-conditional p-values keep the promise in a rare class with large scores, where plain ones break it', () => {
  const random = new Random(2);
  const draw = (rare: boolean) => random.normal() + (rare ? 3 : 0);
  let plain = 0;
  let given = 0;
  let largest = 0;
  const trials = 4000;
  for (let trial = 0; trial < trials; trial++) {
    const classes = Array.from({ length: 110 }, (_, i) => (i < 10 ? 1 : 0));
    const calibration = classes.map((label) => draw(label === 1));
    const row = [draw(true)];
    if (conformalPValues(calibration, row)[0]! <= 0.1) plain++;
    if (labelConditionalPValues(calibration, classes, row, { labels: [1] })[0]! <= 0.1) given++;
    if (labelConditionalPValues(calibration, classes, row)[0]! <= 0.1) largest++;
  }
  const noise = 3 * Math.sqrt(0.1 * 0.9 * trials);
  expect(plain / trials).toBeGreaterThan(0.5);
  expect(Math.abs(given - (trials * 1) / 11)).toBeLessThan(noise); // ⌊11 × 0.1⌋ / 11
  expect(largest).toBeLessThanOrEqual(given);
});

test('errors say where', () => {
  expect(() => conformalPValues([], [1])).toThrow(
    'conformalPValues: calibrationScores is empty; expected at least one score',
  );
  expect(() => conformalPValues([1], [1, NaN])).toThrow(
    'conformalPValues: scores[1] is NaN; expected a number',
  );
  expect(() => conformalPValues([1], [1], { smooth: true } as never)).toThrow(
    'conformalPValues: unknown option "smooth"; known are smoothed, seed',
  );
  expect(() => labelConditionalPValues([1, 2], [0], [1])).toThrow(
    'labelConditionalPValues: calibrationLabels must have 2 labels, one for each score; got 1',
  );
  expect(() => labelConditionalPValues([1, 2], [0, 0.5], [1])).toThrow(
    'labelConditionalPValues: calibrationLabels[1] must be an integer; got 0.5',
  );
  expect(() => labelConditionalPValues([1, 2], [0, 1], [1], { labels: [0, 0] })).toThrow(
    'labelConditionalPValues: labels must have 1 labels, one for each score; got 2',
  );
});
