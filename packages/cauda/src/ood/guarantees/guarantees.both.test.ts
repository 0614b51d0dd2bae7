import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import {
  calibrateScores,
  conditionalPValues,
  conformalPValues,
  labelConditionalPValues,
  monitor,
  selectOutliers,
} from '../index.ts';

// The same bits in Node and in Chromium: toBe and toEqual, not toBeCloseTo.
const random = new Random(12);
const calibration = Float64Array.from({ length: 500 }, () => random.normal());
const scores = Float64Array.from({ length: 40 }, (_, i) => random.normal() + (i < 30 ? 0 : 3));
const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);

test('thresholds and their intervals', () => {
  const { threshold, rank, falseAlarmInterval } = calibrateScores(calibration, { alpha: 0.05 });
  expect({ threshold, rank, ...falseAlarmInterval }).toEqual({
    threshold: 1.8705961489637086,
    rank: 17,
    low: 0.021777660669602673,
    expected: 0.033932135728542916,
    high: 0.04819814866904696,
  });
});

test('p-values of every kind, and the rows selected by them', () => {
  const p = conformalPValues(calibration, scores);
  expect(sum(p)).toBe(13.61477045908184);
  expect(sum(conformalPValues(calibration, scores, { smoothed: true, seed: 3 }))).toBe(13.571611094516687);
  const labels = Array.from(calibration, (_, i) => i % 3);
  expect(sum(labelConditionalPValues(calibration, labels, scores))).toBe(15.065547476475622);
  const conditional = (['simes', 'dkwm', 'asymptotic', 'monteCarlo'] as const).map((method) =>
    sum(conditionalPValues(calibration, scores, { method })),
  );
  expect(conditional).toEqual([19.537176718734013, 16.048709701442387, 15.50360303218059, 15.44089318373538]);
  expect(Array.from(selectOutliers(p, { fdr: 0.2 }))).toEqual([
    0, 5, 18, 29, 30, 31, 32, 33, 34, 35, 37, 38, 39,
  ]);
});

test('the evidence of every kind of bet', () => {
  const evidence = (['power', 'mixture', 'simpleJumper'] as const).map((bet) => {
    const watcher = monitor(calibration, { alarmEvery: 1000, bet });
    let state = watcher.start;
    let logStatistic = 0;
    for (const score of scores.subarray(0, 32)) ({ state, logStatistic } = watcher.update(state, score));
    return logStatistic;
  });
  expect(evidence).toEqual([4.851081259336674, 4.455577877536971, 3.309670974994144]);
});
