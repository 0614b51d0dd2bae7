import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { conditionalPValues } from './conditional.ts';
import { conformalPValues } from './conformal.ts';
import { Monitor, type MonitorOptions, type MonitorState, type MonitorStep, monitor } from './monitor.ts';

const uniforms = (random: Random, n: number) => Float64Array.from({ length: n }, () => random.uniform());
const calibration = uniforms(new Random(1), 200);

/** All steps of a stream. */
function watch(
  watcher: Monitor,
  scores: Iterable<number>,
  state: MonitorState = watcher.start,
): MonitorStep[] {
  return Array.from(scores, (score) => {
    const step = watcher.update(state, score);
    state = step.state;
    return step;
  });
}

const everyKind: MonitorOptions[] = (['power', 'mixture', 'simpleJumper'] as const).flatMap((bet) => [
  { bet, rule: 'shiryaevRoberts', alarmEvery: 50 },
  { bet, rule: 'cusum', alarmEvery: 50 },
  { bet, rule: 'ville', alarmProbability: 0.01 },
]);
const textbookGains: Record<NonNullable<MonitorOptions['bet']>, ((p: number) => number)[]> = {
  power: [(p) => 0.5 * p ** -0.5],
  mixture: [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4].map((e) => (p: number) => e * p ** (e - 1)),
  simpleJumper: [(p) => 1 - (p - 0.5), () => 1],
};

test.each(everyKind)('$bet, $rule: the steps are the textbook’s recursion, not in logarithms', (options) => {
  const random = new Random(2);
  const scores = Array.from({ length: 60 }, (_, i) =>
    i < 30 ? random.uniform() : 0.9 + 0.1 * random.uniform(),
  );
  const steps = watch(monitor(calibration, options), scores);
  const p = conditionalPValues(calibration, scores);
  const gains = textbookGains[options.bet!];
  const share = 1 / gains.length;
  const jump = options.bet === 'simpleJumper' ? 0.01 : 0;

  let stakes = gains.map(() => share);
  let alarms = 0;
  steps.forEach((step, t) => {
    expect(step.pValue).toBe(p[t]);
    const all = stakes.reduce((a, b) => a + b);
    const won = stakes.map((stake, j) => ((1 - jump) * stake + jump * all * share) * gains[j]!(p[t]!));
    const statistic = won.reduce((a, b) => a + b);
    expect(step.logStatistic).toBeCloseTo(Math.log(statistic), 10);
    expect(step.alarm).toBe(statistic >= (options.alarmEvery ?? 1 / options.alarmProbability!));
    expect(step.state.rows).toBe(t + 1);
    if (step.alarm) alarms++;
    if (options.rule === 'ville') stakes = won;
    else if (step.alarm) stakes = gains.map(() => share);
    else if (options.rule === 'cusum') stakes = statistic < 1 ? gains.map(() => share) : won;
    else stakes = won.map((stake) => stake + share);
  });
  expect(alarms).toBeGreaterThan(0);
});

test('by hand: Shiryaev–Roberts with the power bet, r ← (r + 1) ½ p^(−½)', () => {
  const scores = Array.from({ length: 40 }, (_, i) => i);
  const watcher = monitor(scores, { alarmEvery: 4, bet: 'power', method: 'simes' });
  const [first, second, third] = watch(watcher, [45, 37.5, 45]);
  // k = 20: b₁ = 1 − 0.05^(1/20), and b₃ has (38 … 19) / (40 … 21) = 20 · 19 / (40 · 39) beside the 0.05
  const [p1, p3] = [1 - 0.05 ** 0.05, 1 - (0.05 * (380 / 1560)) ** 0.05]; // 0.139, 0.198
  expect(first!.pValue).toBeCloseTo(p1, 14);
  expect(second!.pValue).toBeCloseTo(p3, 14);
  const r1 = 0.5 / Math.sqrt(p1); // 1.34
  const r2 = ((r1 + 1) * 0.5) / Math.sqrt(p3); // 2.63
  expect(first!.logStatistic).toBeCloseTo(Math.log(r1), 13);
  expect(second!.logStatistic).toBeCloseTo(Math.log(r2), 13);
  expect(third!.logStatistic).toBeCloseTo(Math.log((r2 + 1) * r1), 13); // log 4.87
  expect([first!.alarm, second!.alarm, third!.alarm]).toEqual([false, false, true]);
  expect(third!.state.logStakes).toEqual(watcher.start.logStakes);
});

test('bets are fair, ∫ f = 1, and fall as p rises', () => {
  for (const gain of Object.values(textbookGains).flat()) {
    const cells = 100_000;
    let integral = 0;
    for (let i = 0; i < cells; i++) {
      const u = (i + 0.5) / cells;
      integral += (gain(u ** 40) * 40 * u ** 39) / cells; // p = u⁴⁰ tames the pole at 0
    }
    expect(integral).toBeCloseTo(1, 3);
    for (let i = 1; i < 100; i++) expect(gain((i + 1) / 100)).toBeLessThanOrEqual(gain(i / 100));
  }
});

test.each(everyKind)('$bet, $rule: a saved state goes on to the bit, in a saved monitor', (options) => {
  const random = new Random(3);
  const scores = uniforms(random, 200).map((u) => u ** 0.3);
  const watcher = monitor(calibration, options);
  const all = watch(watcher, scores);
  const again = Monitor.fromJSON(JSON.parse(JSON.stringify(watcher)));
  const middle = again.restore(JSON.parse(JSON.stringify(all[99]!.state)));
  expect(middle).toStrictEqual(all[99]!.state);
  expect(watch(again, scores.subarray(100), middle)).toStrictEqual(all.slice(100));
  expect(again.restore(JSON.parse(JSON.stringify(watcher.start)))).toStrictEqual(watcher.start);
});

test('an update changes nothing, and what it gives is frozen', () => {
  const watcher = monitor(calibration, { alarmEvery: 100 });
  const once = watcher.update(watcher.start, 0.99);
  expect(watcher.update(watcher.start, 0.99)).toStrictEqual(once);
  for (const value of [watcher, watcher.start, once, once.state, once.state.logStakes])
    expect(Object.isFrozen(value)).toBe(true);
});

test('logarithms stay finite through twenty thousand rows of either extreme', () => {
  for (const options of everyKind)
    for (const score of [-Infinity, Infinity]) {
      const watcher = monitor(calibration, options);
      let state = watcher.start;
      let alarms = 0;
      let finite = true;
      for (let row = 0; row < 20_000; row++) {
        const step = watcher.update(state, score);
        finite &&= Number.isFinite(step.logStatistic) && step.state.logStakes.every(Number.isFinite);
        state = step.state;
        if (step.alarm) alarms++;
      }
      expect(finite).toBe(true);
      expect(state.rows).toBe(20_000);
      if (score > 0) expect(alarms).toBeGreaterThan(1000);
      // The jumper's other stake does not bet, so its sum of gains grows by ½ a row whatever comes.
      else if (options.bet !== 'simpleJumper' || options.rule !== 'shiryaevRoberts') expect(alarms).toBe(0);
      else expect(alarms).toBeLessThan(20_000 / 50);
    }
});

/** Mean rows to the first alarm for one calibration set, its standard error, over `streams` streams of ≤ cap rows. */
function runLength(watcher: Monitor, random: Random, streams: number, cap: number): [number, number] {
  let sum = 0;
  let squares = 0;
  for (let stream = 0; stream < streams; stream++) {
    let state = watcher.start;
    let rows = 0;
    for (let alarm = false; !alarm && rows < cap; rows++) {
      const step = watcher.update(state, random.uniform());
      state = step.state;
      alarm = step.alarm;
    }
    sum += rows;
    squares += rows * rows;
  }
  const mean = sum / streams;
  return [mean, Math.sqrt((squares / streams - mean ** 2) / streams)];
}

test('false alarms come no oftener than promised, given the calibration set, for the promised share of sets', () => {
  const random = new Random(4);
  const alarmEvery = 20;
  const sets = 100;
  let broken = 0;
  let mean = 0;
  for (let set = 0; set < sets; set++) {
    const watcher = monitor(uniforms(random, 100), { alarmEvery, bet: 'simpleJumper', seed: set });
    const [rows, error] = runLength(watcher, random, 25, 6 * alarmEvery);
    if (rows < alarmEvery - 2 * error) broken++;
    mean += rows / sets;
  }
  expect(broken).toBeLessThanOrEqual(5 + 3 * 2.2); // 5 % of 100, and three standard deviations
  expect(mean).toBeLessThan(3 * alarmEvery); // and the promise is not kept by never betting
});

test('Ville: the chance of ever a false alarm is as promised; with plain conformal p-values it is many times that', () => {
  const random = new Random(5);
  const alarmProbability = 0.02;
  const [sets, rows] = [200, 2000];
  const power = 0.9; // loses slowly, so that a calibration set's own error decides whether it wins
  let alarmed = 0;
  let plainAlarmed = 0;
  let smoothedAlarmed = 0;
  for (let set = 0; set < sets; set++) {
    const scores = uniforms(random, 100);
    const stream = uniforms(random, rows);
    const watcher = monitor(scores, { rule: 'ville', alarmProbability, bet: 'power', power, seed: set });
    if (watch(watcher, stream).some(({ alarm }) => alarm)) alarmed++;
    const everAlarmed = (smoothed: boolean) => {
      let logGain = 0;
      return conformalPValues(scores, stream, { smoothed, seed: set }).some((p) => {
        logGain += Math.log(power) + (power - 1) * Math.log(p);
        return logGain >= -Math.log(alarmProbability);
      });
    };
    if (everAlarmed(false)) plainAlarmed++;
    if (everAlarmed(true)) smoothedAlarmed++;
  }
  expect(alarmed / sets).toBeLessThan(0.07); // 2 %, and 5 % of the sets for which nothing is promised
  expect(plainAlarmed / sets).toBeGreaterThan(0.1);
  expect(smoothedAlarmed / sets).toBeGreaterThan(0.15);
});

test('a change is noticed: outliers within a few rows, a mild shift within a hundred, whichever the bet', () => {
  const random = new Random(6);
  const scores = Float64Array.from({ length: 1000 }, () => random.normal());
  for (const bet of ['mixture', 'simpleJumper', 'power'] as const)
    for (const [shift, within] of [
      [3, 15],
      [1, 100],
    ] as const) {
      const watcher = monitor(scores, { alarmEvery: 1000, bet });
      const stream = Array.from({ length: 300 }, (_, i) => random.normal() + (i < 150 ? 0 : shift));
      const steps = watch(watcher, stream);
      const alarm = steps.findIndex((step, i) => step.alarm && i >= 150);
      expect(alarm, `${bet}, ${shift}`).toBeGreaterThanOrEqual(150);
      expect(alarm, `${bet}, ${shift}`).toBeLessThan(150 + within);
    }
});

test('errors say where and what to try', () => {
  expect(() => monitor([1, 2], { alarmEvery: 100 })).toThrow(
    /^monitor: with 2 calibration scores, bet "mixture" and method "monteCarlo" no row would ever be evidence \(the smallest p-value is \d.*\); take more$/,
  );
  expect(() => monitor(calibration, {})).toThrow(
    'monitor: rule "shiryaevRoberts" requires alarmEvery: a finite number in [2, ∞)',
  );
  expect(() => monitor(calibration, { rule: 'ville' })).toThrow(
    'monitor: rule "ville" requires alarmProbability: a number in (0, 1)',
  );
  expect(() => monitor(calibration, { rule: 'ville', alarmProbability: 0.1, alarmEvery: 10 })).toThrow(
    'monitor: rule "ville" takes alarmProbability, not alarmEvery',
  );
  expect(() => monitor(calibration, { alarmEvery: 1 })).toThrow(
    'monitor: alarmEvery must be a finite number in [2, ∞); got 1',
  );
  expect(() => monitor([1, -Infinity], { alarmEvery: 10 })).toThrow(
    'monitor: calibrationScores[1] must be finite; got -Infinity',
  );
  expect(() => monitor(calibration, { alarmEvery: 10, bet: 'all' as never })).toThrow(
    'monitor: bet must be "power", "mixture" or "simpleJumper"; got "all"',
  );
  const watcher = monitor(calibration, { alarmEvery: 10 });
  const other = monitor(calibration, { alarmEvery: 10, bet: 'power' });
  expect(() => watcher.update(watcher.start, NaN)).toThrow('Monitor.update: score is NaN; expected a number');
  expect(() => watcher.update(other.start, 1)).toThrow(
    'Monitor.update: the state belongs to another monitor; begin with start',
  );
});

test('a damaged state or monitor is refused', () => {
  const watcher = monitor(calibration, { alarmEvery: 10 });
  const { start } = watcher;
  const restore = (changes: object) => () => watcher.restore({ ...start, ...changes });
  expect(() => watcher.restore(null)).toThrow('Monitor.restore: expected a saved "cauda.monitorState"; got');
  expect(restore({ version: 1 })).toThrow(
    'Monitor.restore: this Cauda reads version 2 of "cauda.monitorState"; got version 1',
  );
  expect(restore({ bet: 'power' })).toThrow('Monitor.restore: bet must be "mixture"; got "power"');
  expect(restore({ rows: -1 })).toThrow(
    'Monitor.restore: rows must be an integer in [0, 9007199254740991]; got -1',
  );
  expect(restore({ logStakes: [0] })).toThrow(
    'Monitor.restore: logStakes must be a list of 6 numbers; got an array of 1',
  );
  expect(restore({ logStakes: [0, 0, 0, 0, 0, null] })).toThrow(
    'logStakes[5] must be a finite number; got null',
  );

  const saved = watcher.toJSON();
  expect(() => Monitor.fromJSON({ ...saved, options: null })).toThrow(
    'monitor: options must be an object; got null',
  );
  expect(() => Monitor.fromJSON({ ...saved, options: { ...saved.options, seeds: 1 } })).toThrow(
    'monitor: unknown option "seeds"',
  );
  expect(() => Monitor.fromJSON({ ...saved, scores: [1] })).toThrow(
    'Monitor.fromJSON: scores must be an array of numbers; got an array of 1',
  );
});
