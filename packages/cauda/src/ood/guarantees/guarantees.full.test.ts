/** The promises of docs/guarantees.md, by simulation with many thousands of repetitions. */
import { describe, expect, test } from 'vitest';
import { gaussianMixture } from '../../mixture/index.ts';
import { Random } from '../../random.ts';
import {
  calibrateScores,
  conditionalPValues,
  conformalPValues,
  type Monitor,
  type MonitorOptions,
  monitor,
  selectOutliers,
} from '../index.ts';
import { betaCdf } from './beta.ts';

const uniforms = (random: Random, n: number) => Float64Array.from({ length: n }, () => random.uniform());
/** Three standard errors of a share that is p in truth. */
const noise = (p: number, trials: number) => 3 * Math.sqrt((p * (1 - p)) / trials);

test.each([
  [59, 0.05, 0.95],
  [300, 0.05, 0.9],
  [1000, 0.01, 0.99],
  [500, 0.3, 0.5],
])('thresholds: %i scores, alpha %f, confidence %f, 20,000 calibration sets', (n, alpha, confidence) => {
  const random = new Random(n);
  const trials = 20_000;
  let rank = 0;
  const rates = Float64Array.from({ length: trials }, () => {
    const calibration = calibrateScores(uniforms(random, n), { alpha, confidence });
    rank = calibration.rank;
    return 1 - calibration.threshold;
  }).sort();
  const distance = rates.reduce(
    (worst, rate, i) => Math.max(worst, Math.abs(betaCdf(rate, rank, n + 1 - rank) - (i + 0.5) / trials)),
    0,
  );
  expect(distance).toBeLessThan(1.95 / Math.sqrt(trials)); // 99.9 % of Kolmogorov and Smirnov's
  const broken = rates.filter((rate) => rate > alpha).length / trials;
  expect(broken).toBeLessThan(1 - confidence + noise(confidence, trials));
});

test('thresholds on a fitted mixture keep the promise; calibrated on the rows it was fitted on they break it', async () => {
  const random = new Random(1);
  const d = 10;
  const rows = (n: number) =>
    Array.from({ length: n }, () => Array.from({ length: d }, () => random.normal()));
  const [alpha, confidence, trials] = [0.1, 0.9, 300];
  let broken = 0;
  let brokenOnTraining = 0;
  for (let trial = 0; trial < trials; trial++) {
    const training = rows(60);
    const mixture = await gaussianMixture(training, { nComponents: 1, workers: 0 });
    const scores = (X: number[][]) => mixture.scoreSamples(X).map((logp) => -logp);
    const fresh = scores(rows(2000));
    const rate = (calibrationScores: Float64Array) => {
      const calibration = calibrateScores(calibrationScores, { alpha, confidence });
      return fresh.filter((score) => !calibration.inDistribution(score)).length / fresh.length;
    };
    if (rate(scores(rows(60))) > alpha) broken++;
    if (rate(scores(training)) > alpha) brokenOnTraining++;
  }
  // a rate that is just alpha in truth is seen above it half of the time: room for 2000 fresh rows
  expect(broken / trials).toBeLessThan(1 - confidence + noise(confidence, trials) + 0.02);
  expect(brokenOnTraining / trials).toBeGreaterThan(0.9);
});

test('conformal p-values reach no level too often, with ties and without, over 100,000 rows', () => {
  const random = new Random(2);
  const trials = 100_000;
  for (const steps of [3, 10, 2 ** 32]) {
    const counts = { plain: 0, smoothed: 0 };
    for (let trial = 0; trial < trials; trial++) {
      const values = Array.from({ length: 20 }, () => random.integer(steps));
      const [row, rest] = [values.slice(0, 1), values.slice(1)];
      if (conformalPValues(rest, row)[0]! <= 0.1) counts.plain++;
      if (conformalPValues(rest, row, { smoothed: true, seed: trial })[0]! <= 0.1) counts.smoothed++;
    }
    expect(counts.plain / trials).toBeLessThan(0.1 + noise(0.1, trials));
    expect(Math.abs(counts.smoothed / trials - 0.1)).toBeLessThan(noise(0.1, trials) * 1.2);
  }
});

test.each(['simes', 'monteCarlo', 'dkwm'] as const)(
  '%s: all levels hold at once for the promised share of 20,000 calibration sets',
  (method) => {
    const random = new Random(3);
    const [n, confidence, trials] = [200, 0.9, 20_000];
    const ranks = Float64Array.from({ length: n }, (_, i) => i); // increasing scores, each just above the one before
    const bounds = conditionalPValues(
      ranks,
      ranks.map((i) => i + 0.5),
      { method, confidence },
    ).reverse();
    let kept = 0;
    for (let trial = 0; trial < trials; trial++) {
      const lowest = uniforms(random, n).sort(); // 1 − score, the largest score first
      if (lowest.every((rate, i) => rate <= bounds[i]!)) kept++;
    }
    // of "monteCarlo" one simulation is judged, which has noise of its own: √(0.9 × 0.1 / 1000) = 0.0095
    expect(kept / trials).toBeGreaterThan(
      confidence - noise(confidence, trials) - (method === 'monteCarlo' ? 0.02 : 0),
    );
    if (method !== 'dkwm') expect(kept / trials).toBeLessThan(confidence + noise(confidence, trials) + 0.02);
  },
);

describe.each([
  [99, 180, 20],
  [100, 50, 50],
  [1000, 20, 0],
  [201, 10, 90],
])('selection with %i calibration scores, %i rows in-distribution and %i out', (n, nNull, nOut) => {
  test.each(['benjaminiHochberg', 'storey'] as const)(
    '%s: false discoveries ≤ q over 10,000 batches',
    (method) => {
      const random = new Random(n);
      const [fdr, trials] = [0.2, 10_000];
      let sum = 0;
      let squares = 0;
      for (let trial = 0; trial < trials; trial++) {
        const scores = Float64Array.from(
          { length: nNull + nOut },
          (_, i) => random.normal() + (i < nNull ? 0 : 3),
        );
        const calibration = Float64Array.from({ length: n }, () => random.normal());
        const picked = selectOutliers(conformalPValues(calibration, scores), { fdr, method });
        const proportion = picked.filter((i) => i < nNull).length / Math.max(1, picked.length);
        sum += proportion;
        squares += proportion ** 2;
      }
      const mean = sum / trials;
      const pi0 = method === 'storey' ? 1 : nNull / (nNull + nOut);
      expect(mean).toBeLessThan(pi0 * fdr + 3 * Math.sqrt((squares / trials - mean ** 2) / trials));
    },
  );
});

/** Rows to the first alarm, at most cap. */
function rowsToAlarm(watcher: Monitor, random: Random, cap: number): number {
  let state = watcher.start;
  for (let rows = 1; rows <= cap; rows++) {
    const step = watcher.update(state, random.uniform());
    if (step.alarm) return rows;
    state = step.state;
  }
  return cap;
}

const bets: Pick<MonitorOptions, 'bet' | 'power'>[] = [
  { bet: 'power', power: 0.9 },
  { bet: 'mixture' },
  { bet: 'simpleJumper' },
];

test.each(bets.flatMap((bet) => (['shiryaevRoberts', 'cusum'] as const).map((rule) => ({ ...bet, rule }))))(
  'monitor, $bet, $rule: the mean time to a false alarm is kept for the promised share of calibration sets',
  (options) => {
    const random = new Random(4);
    const [alarmEvery, sets, streams] = [50, 150, 40];
    let broken = 0;
    for (let set = 0; set < sets; set++) {
      const watcher = monitor(uniforms(random, 100), { ...options, alarmEvery, confidence: 0.9, seed: set });
      let sum = 0;
      let squares = 0;
      for (let stream = 0; stream < streams; stream++) {
        const rows = rowsToAlarm(watcher, random, 8 * alarmEvery);
        sum += rows;
        squares += rows ** 2;
      }
      const mean = sum / streams;
      if (mean < alarmEvery - 2 * Math.sqrt((squares / streams - mean ** 2) / streams)) broken++;
    }
    expect(broken / sets).toBeLessThan(0.1 + noise(0.1, sets));
  },
);

test.each(bets)('monitor, $bet, Ville: false alarms ever, in 4000 rows, of 300 calibration sets', (bet) => {
  const random = new Random(5);
  const [alarmProbability, confidence, sets, rows] = [0.05, 0.9, 300, 4000];
  let alarmed = 0;
  for (let set = 0; set < sets; set++) {
    const options = { ...bet, rule: 'ville', alarmProbability, confidence, seed: set } as const;
    if (rowsToAlarm(monitor(uniforms(random, 100), options), random, rows) < rows) alarmed++;
  }
  expect(alarmed / sets).toBeLessThan(alarmProbability + 1 - confidence + noise(0.15, sets));
});
