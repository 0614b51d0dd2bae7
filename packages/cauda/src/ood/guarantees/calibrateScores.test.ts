import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { saveArray } from '../../serialize.ts';
import { betaCdf } from './beta.ts';
import { Calibration, calibrateScores, calibrationRowsNeeded } from './calibrateScores.ts';
import { conformalPValues } from './conformal.ts';

const uniforms = (random: Random, n: number) => Float64Array.from({ length: n }, () => random.uniform());

test('by hand: 59 scores allow 5 % with confidence 0.95, by their maximum, and 58 do not', () => {
  const scores = Array.from({ length: 59 }, (_, i) => i);
  const calibration = calibrateScores(scores, { alpha: 0.05 });
  expect(calibration).toMatchObject({ threshold: 58, rank: 1, alpha: 0.05, confidence: 0.95 });
  expect(calibration.falseAlarmInterval.expected).toBe(1 / 60);
  expect(calibration.falseAlarmInterval.high).toBeCloseTo(1 - 0.05 ** (1 / 59), 14); // 0.0495
  expect(calibration.falseAlarmInterval.low).toBeCloseTo(1 - 0.95 ** (1 / 59), 14);
  expect(calibration.inDistribution(58)).toBe(true); // a tie with the threshold is no alarm
  expect(calibration.inDistribution(58.001)).toBe(false);
  expect(calibration.pValue(58.001)).toBe(1 / 60);
  expect(() => calibrateScores(scores.slice(1), { alpha: 0.05 })).toThrow(
    'calibrateScores: alpha 0.05 with confidence 0.95 needs at least 59 calibration scores; got 58; take more rows, a larger alpha or a lower confidence',
  );
});

test('calibrationRowsNeeded is the least n with (1 − alpha)ⁿ ≤ 1 − confidence', () => {
  expect(calibrationRowsNeeded({ alpha: 0.05 })).toBe(59);
  expect(calibrationRowsNeeded({ alpha: 0.01 })).toBe(299);
  expect(calibrationRowsNeeded({ alpha: 0.9, confidence: 0.1 })).toBe(1);
  for (const alpha of [0.2, 0.003, 1e-5])
    for (const confidence of [0.5, 0.9, 0.999]) {
      const n = calibrationRowsNeeded({ alpha, confidence });
      expect((1 - alpha) ** n).toBeLessThanOrEqual((1 - confidence) * (1 + 1e-12));
      expect((1 - alpha) ** (n - 1)).toBeGreaterThan((1 - confidence) * (1 - 1e-12));
    }
});

test('the rank is the largest that keeps the promise', () => {
  const random = new Random(1);
  for (const [n, alpha, confidence] of [
    [59, 0.05, 0.95],
    [100, 0.3, 0.99],
    [1000, 0.01, 0.9],
    [40, 0.5, 0.05],
    [7, 0.99, 0.5],
  ] as const) {
    const { rank } = calibrateScores(uniforms(random, n), { alpha, confidence });
    expect(betaCdf(alpha, rank, n + 1 - rank)).toBeGreaterThanOrEqual(confidence);
    if (rank < n) expect(betaCdf(alpha, rank + 1, n - rank)).toBeLessThan(confidence);
  }
});

test('a row is flagged exactly if its p-value is at most rank / (n + 1), with ties too', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 10, maxLength: 60 }),
      fc.integer({ min: -6, max: 6 }),
      (scores, score) => {
        const calibration = calibrateScores(scores, { alpha: 0.3, confidence: 0.9 });
        const p = calibration.pValue(score);
        expect(p).toBe(conformalPValues(scores, [score])[0]);
        expect(calibration.pValues([score])[0]).toBe(p);
        expect(calibration.inDistribution(score)).toBe(p > calibration.rank / (scores.length + 1));
      },
    ),
  );
});

test('over thousands of calibration sets the false-alarm rate follows Beta(l, n + 1 − l), and exceeds alpha as seldom as promised', () => {
  const random = new Random(3);
  const [n, alpha, confidence, trials] = [300, 0.05, 0.9, 5000];
  const rates = new Float64Array(trials);
  let inInterval = 0;
  let rank = 0;
  for (let trial = 0; trial < trials; trial++) {
    const calibration = calibrateScores(uniforms(random, n), { alpha, confidence });
    rates[trial] = 1 - calibration.threshold; // the chance that a new uniform score exceeds it
    rank = calibration.rank;
    const { low, high } = calibration.falseAlarmInterval;
    if (rates[trial]! >= low && rates[trial]! <= high) inInterval++;
  }
  rates.sort();
  let distance = 0; // Kolmogorov and Smirnov's
  rates.forEach((rate, i) => {
    distance = Math.max(distance, Math.abs(betaCdf(rate, rank, n + 1 - rank) - (i + 0.5) / trials));
  });
  expect(distance).toBeLessThan(1.95 / Math.sqrt(trials)); // 99.9 %
  const broken = rates.filter((rate) => rate > alpha).length;
  expect(broken / trials).toBeLessThan(
    1 - confidence + 3 * Math.sqrt((confidence * (1 - confidence)) / trials),
  );
  expect(Math.abs(inInterval / trials - (2 * confidence - 1))).toBeLessThan(
    3 * Math.sqrt((0.8 * 0.2) / trials),
  );
});

test('the usual threshold, the (1 − alpha) quantile, breaks the promise for about half of the calibration sets', () => {
  const random = new Random(4);
  const [n, alpha, trials] = [300, 0.05, 2000];
  let broken = 0;
  for (let trial = 0; trial < trials; trial++)
    if (1 - uniforms(random, n).sort()[n - Math.floor(alpha * (n + 1))]! > alpha) broken++;
  expect(broken / trials).toBeGreaterThan(0.4);
});

test('ties: scores that saturate cost detection, never false alarms; flagging “≥ threshold” breaks the promise', () => {
  const random = new Random(5);
  const [n, alpha, trials] = [200, 0.05, 1000];
  // 10 % of in-distribution rows share the largest score.
  let worst = 0;
  let worstAtLeast = 0;
  for (let trial = 0; trial < trials; trial++) {
    const { threshold } = calibrateScores(
      uniforms(random, n).map((u) => Math.min(u, 0.9)),
      { alpha },
    );
    worst = Math.max(worst, threshold >= 0.9 ? 0 : 1 - threshold);
    worstAtLeast = Math.max(worstAtLeast, 1 - threshold);
  }
  expect(worst).toBe(0);
  expect(worstAtLeast).toBeGreaterThan(0.09);
});

test('a calibration is frozen, leaves the caller’s array alone, and comes back from JSON to the bit', () => {
  const random = new Random(6);
  const scores = uniforms(random, 500).map((u) => u - 0.5);
  const before = scores.slice();
  const calibration = calibrateScores(scores, { alpha: 0.02, confidence: 0.9 });
  expect(scores).toEqual(before);
  expect(Object.isFrozen(calibration)).toBe(true);
  const again = Calibration.fromJSON(JSON.parse(JSON.stringify(calibration)));
  expect(again).toEqual(calibration);
  expect(again.pValues(scores)).toEqual(calibration.pValues(scores));
});

test('a saved calibration that was damaged is refused', () => {
  const saved = calibrateScores([1, 2, 3], { alpha: 0.9 }).toJSON();
  const load = (changes: object) => () => Calibration.fromJSON({ ...saved, ...changes });
  expect(load({ format: 'cauda.monitor' })).toThrow(
    'Calibration.fromJSON: expected a saved "cauda.calibration"; got "cauda.monitor"',
  );
  expect(load({ version: 1 })).toThrow(
    'Calibration.fromJSON: this Cauda reads version 2 of "cauda.calibration"; got version 1',
  );
  expect(load({ scores: saveArray(Float64Array.of(1, NaN)) })).toThrow(
    'Calibration.fromJSON: scores[1] must be a finite number; got NaN',
  );
  expect(load({ scores: saveArray(new Float64Array()) })).toThrow(
    'Calibration.fromJSON: calibrationScores is empty; expected at least one score',
  );
  expect(load({ scores: saveArray(Float64Array.of(1)) })).toThrow(
    'needs at least 2 calibration scores; got 1',
  );
  expect(load({ alpha: '0.1' })).toThrow('Calibration.fromJSON: alpha must be a finite number');
  expect(load({ confidence: 1 })).toThrow(
    'Calibration.fromJSON: confidence must be a number in (0, 1); got 1',
  );
});

test('errors say where', () => {
  expect(() => calibrateScores([1, Infinity], { alpha: 0.9 })).toThrow(
    'calibrateScores: calibrationScores[1] must be finite; got Infinity',
  );
  expect(() => calibrateScores([1], {} as never)).toThrow(
    'calibrateScores: alpha is required: a number in [1e-9, 1)',
  );
  expect(() => calibrateScores([1], { alpha: 0 })).toThrow(
    'calibrateScores: alpha must be a number in [1e-9, 1); got 0',
  );
  const calibration = calibrateScores([1, 2, 3], { alpha: 0.9 });
  expect(() => calibration.inDistribution(NaN)).toThrow(
    'Calibration.inDistribution: score is NaN; expected a number',
  );
  expect(() => calibration.pValue('3' as never)).toThrow(
    'Calibration.pValue: score must be a number; got "3"',
  );
  expect(() => calibration.pValues([1, NaN])).toThrow(
    'Calibration.pValues: scores[1] is NaN; expected a number',
  );
  expect(calibration.inDistribution(Infinity)).toBe(false);
});
