import { checkOptions, oneOf, type Rule, seedRule } from '../../check.ts';
import { exp, log } from '../../kernels/elementary.ts';
import { type SavedArray, SavedReader, saveArray } from '../../serialize.ts';
import { type ConditionalMethod, conditionalBounds, methodRule, shareRule } from './conditional.ts';
import { checkScore, countAtLeast, sortCalibration } from './conformal.ts';

export interface MonitorOptions {
  /**
   * For "shiryaevRoberts" and "cusum": the mean number of in-distribution rows from one false alarm to the next is at
   * least this, a number in [2, ∞).
   */
  alarmEvery?: number;
  /** For "ville": the chance of any false alarm, however long the stream, is at most this, in (0, 1). */
  alarmProbability?: number;
  /**
   * How evidence is gathered; defaults to "shiryaevRoberts".
   * - "shiryaevRoberts": the sum of the gains of bets begun at every row so far. It starts anew after an alarm.
   * - "cusum": the gain of one bet, begun anew whenever it has lost. It starts anew after an alarm; slower.
   * - "ville": the gain of one bet begun at the first row, for deciding once whether the stream is in-distribution.
   */
  rule?: 'shiryaevRoberts' | 'cusum' | 'ville';
  /**
   * What is bet on small p-values; defaults to "mixture".
   * - "power": ε p^(ε − 1) with ε = `power`;
   * - "mixture": equal stakes on ε = 1/32, 1/16, 1/8, 1/4, 1/2, 3/4, for rare and extreme as for common and mild outliers;
   * - "simpleJumper": 3/2 − p or no bet, moving between the two; for mild shifts that come and go.
   */
  bet?: 'power' | 'mixture' | 'simpleJumper';
  /** The exponent ε of the bet "power", in (0, 1); smaller for rarer and more extreme outliers. Defaults to 0.5. */
  power?: number;
  /** The share of calibration sets for which the promise holds, in (0, 1); defaults to 0.95. */
  confidence?: number;
  /** How the calibration's own error is bounded, as in `conditionalPValues`; defaults to "monteCarlo". */
  method?: ConditionalMethod;
  /** Seed of that method's simulation; defaults to 0. */
  seed?: number;
}

const rules: Record<keyof MonitorOptions, Rule> = {
  alarmEvery: {
    expected: 'a finite number in [2, ∞)',
    kind: (value) => typeof value === 'number',
    range: (value: number) => value >= 2 && value < Infinity,
  },
  alarmProbability: shareRule,
  rule: oneOf('shiryaevRoberts', 'cusum', 'ville'),
  bet: oneOf('power', 'mixture', 'simpleJumper'),
  power: shareRule,
  confidence: shareRule,
  method: methodRule,
  seed: seedRule,
};
type Defaulted = 'rule' | 'bet' | 'power' | 'confidence' | 'method' | 'seed';
const defaults: Required<Pick<MonitorOptions, Defaulted>> = {
  rule: 'shiryaevRoberts',
  bet: 'mixture',
  power: 0.5,
  confidence: 0.95,
  method: 'monteCarlo',
  seed: 0,
};
type CheckedMonitorOptions = Readonly<MonitorOptions & typeof defaults>;

/** All that a monitor remembers of a stream, as plain data that JSON keeps to the bit. */
export interface MonitorState {
  readonly format: 'cauda.monitorState';
  readonly version: 2;
  readonly rule: NonNullable<MonitorOptions['rule']>;
  readonly bet: NonNullable<MonitorOptions['bet']>;
  /** How many rows the monitor has seen. */
  readonly rows: number;
  /** The logarithm of what is staked on each kind of bet at the next row. */
  readonly logStakes: readonly number[];
}

/** What the monitor says after one row. */
export interface MonitorStep {
  /** The state to go on with. */
  readonly state: MonitorState;
  /** Whether the evidence has reached the threshold with this row. */
  readonly alarm: boolean;
  /** The logarithm of the evidence against "still in-distribution". The alarm is raised at `logThreshold`. */
  readonly logStatistic: number;
  /** The row's calibration-conditional p-value, which the bet was on. */
  readonly pValue: number;
}

/** A monitor as plain data, without the stream's state. */
export interface SavedMonitor {
  readonly format: 'cauda.monitor';
  readonly version: 2;
  readonly options: CheckedMonitorOptions;
  readonly scores: SavedArray;
}

/**
 * Watches a stream of outlier scores for a change of distribution, with a bound on false alarms.
 *
 * Each row is a fair bet on its p-value being small: f(p) with f ≥ 0 decreasing and ∫ f = 1. As long as the rows are
 * independent and distributed like the calibration rows, no way of betting gains on average: the gain of one bet exceeds
 * c ever with probability ≤ 1/c (Ville), and the sum of the gains of bets begun at every row takes ≥ c rows on average
 * to reach c (Shiryaev and Roberts).
 *
 * That needs P(p ≤ a | all before) ≤ a, and conformal p-values against a *fixed* calibration set do not have it: one
 * set makes all of them too small together, and such a bet wins without end. So the bets here are on calibration-
 * conditional p-values (`conditionalPValues`), and only decreasing ones are made. The promise holds for a share
 * `confidence` of calibration sets, for the whole stream at once. The price is blindness to shifts smaller than what the
 * calibration set can resolve, about n^(−½) in the distribution of p.
 *
 * Volkhonskiy et al.: *Inductive conformal martingales for change-point detection*, 2017; Vovk et al.: *Retrain or not
 * retrain*, 2021 (jumper, CUSUM, Shiryaev-Roberts); Bates et al. 2023 (conditional p-values).
 *
 *     const watch = monitor(calibrationScores, { alarmEvery: 10_000 });
 *     let state = watch.start;
 *     for (const score of stream) {
 *       const step = watch.update(state, score);
 *       if (step.alarm) …
 *       state = step.state;
 *     }
 * @param calibrationScores outlier scores, larger = further out, of in-distribution rows that the detector was not
 *   fitted on (length n, finite)
 * @throws RangeError if n is too small for any row to count as evidence; TypeError or RangeError for a score that is no
 *   finite number, and for a bound that does not belong to the rule
 */
export function monitor(calibrationScores: ArrayLike<number>, options: MonitorOptions): Monitor {
  const checked: CheckedMonitorOptions = checkOptions('monitor', options, rules, defaults);
  const [bound, other] =
    checked.rule === 'ville'
      ? (['alarmProbability', 'alarmEvery'] as const)
      : (['alarmEvery', 'alarmProbability'] as const);
  if (checked[bound] === undefined)
    throw new TypeError(`monitor: rule "${checked.rule}" requires ${bound}: ${rules[bound].expected}`);
  if (checked[other] !== undefined)
    throw new TypeError(`monitor: rule "${checked.rule}" takes ${bound}, not ${other}`);
  return new Monitor(checked, sortCalibration('monitor', calibrationScores));
}

/** A bound on false alarms, ready to watch any number of streams; see `monitor`. */
export class Monitor {
  static readonly format: string = 'cauda.monitor';

  readonly options: CheckedMonitorOptions;
  /** The calibration scores, increasing. */
  readonly scores: Float64Array;
  /** The evidence at which there is an alarm: log `alarmEvery`, or −log `alarmProbability`. */
  readonly logThreshold: number;
  /** The state before the first row. */
  readonly start: MonitorState;
  readonly #bounds: Float64Array;
  readonly #bets: Bets;

  /** Use `monitor` or `Monitor.fromJSON`. */
  constructor(options: CheckedMonitorOptions, scores: Float64Array) {
    const { rule, bet, alarmEvery, alarmProbability, method, confidence, seed } = options;
    this.options = options;
    this.scores = scores;
    this.logThreshold = rule === 'ville' ? -log(alarmProbability!) : log(alarmEvery!);
    this.#bounds = conditionalBounds('monitor', scores.length, method, confidence, seed);
    this.#bets = betsOf(options);
    const smallest = this.#bounds[0]!;
    if (!this.#bets.logGains.some((logGain) => logGain(smallest) > 0))
      throw new RangeError(
        `monitor: with ${scores.length} calibration scores, bet "${bet}" and method "${method}" no row would ever be evidence (the smallest p-value is ${smallest.toPrecision(3)}); take more`,
      );
    this.start = this.#state(0, this.#bets.logShares);
    Object.freeze(this);
  }

  /**
   * Takes in the stream's next row. The monitor itself does not change: the same state and score give the same step.
   * @param state `start`, the state of the step before, or what `restore` gave
   * @throws TypeError or RangeError if the score is not a number; RangeError if the state is another monitor's
   */
  update(state: MonitorState, score: number): MonitorStep {
    const { rule, bet } = this.options;
    const { logShares, logGains, jump } = this.#bets;
    if (state.rule !== rule || state.bet !== bet)
      throw new RangeError('Monitor.update: the state belongs to another monitor; begin with start');
    const pValue = this.#bounds[countAtLeast(this.scores, checkScore('Monitor.update', score))]!;

    // Before the row a share `jump` of all stakes is dealt out anew; then each stake is multiplied by its bet's gain.
    const logAll = logSum(state.logStakes);
    const logWon = state.logStakes.map((logStake, j) => {
      const dealt = jump ? logAdd(log(1 - jump) + logStake, log(jump) + logAll + logShares[j]!) : logStake;
      return dealt + logGains[j]!(pValue);
    });
    const logStatistic = logSum(logWon);
    const alarm = logStatistic >= this.logThreshold;

    let logStakes: readonly number[] = logWon;
    if (rule === 'shiryaevRoberts') logStakes = logWon.map((won, j) => logAdd(won, logShares[j]!)); // a bet begun anew
    if (rule !== 'ville' && (alarm || (rule === 'cusum' && logStatistic < 0))) logStakes = logShares;
    return Object.freeze({ state: this.#state(state.rows + 1, logStakes), alarm, logStatistic, pValue });
  }

  /**
   * Reads a state that was saved as JSON.
   * @throws TypeError or RangeError naming what is wrong with `value`
   */
  restore(value: unknown): MonitorState {
    const saved = new SavedReader('Monitor.restore', value, 'cauda.monitorState', 2);
    saved.choice('rule', [this.options.rule]);
    saved.choice('bet', [this.options.bet]);
    const rows = saved.number('rows', 0, Number.MAX_SAFE_INTEGER, true);
    return this.#state(rows, Array.from(saved.list('logStakes', this.#bets.logShares.length)));
  }

  /** The monitor as plain data, which `fromJSON` reads back to the same bits. */
  toJSON(): SavedMonitor {
    return { format: 'cauda.monitor', version: 2, options: this.options, scores: saveArray(this.scores) };
  }

  /** @throws TypeError or RangeError naming what is wrong with `value` */
  static fromJSON(value: unknown): Monitor {
    const saved = new SavedReader('Monitor.fromJSON', value, Monitor.format, 2);
    return monitor(saved.numbers('scores'), saved.field('options') as MonitorOptions);
  }

  #state(rows: number, logStakes: readonly number[]): MonitorState {
    const { rule, bet } = this.options;
    const frozen = Object.freeze([...logStakes]);
    return Object.freeze({ format: 'cauda.monitorState', version: 2, rule, bet, rows, logStakes: frozen });
  }
}

/**
 * The bets that run side by side: what is staked on each at first, its log f(p), and the share dealt out anew at each
 * row.
 */
interface Bets {
  readonly logShares: readonly number[];
  readonly logGains: readonly ((p: number) => number)[];
  readonly jump: number;
}

function betsOf({ bet, power }: CheckedMonitorOptions): Bets {
  if (bet === 'simpleJumper') {
    // Vovk et al.'s states −1 and 0; their state +1 bets on large p-values, of which nothing is known here.
    return { logShares: [-Math.LN2, -Math.LN2], logGains: [(p) => log(1.5 - p), () => 0], jump: 0.01 };
  }
  const exponents = bet === 'power' ? [power] : [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4];
  return {
    logShares: exponents.map(() => log(1 / exponents.length)),
    logGains: exponents.map((e) => (p) => log(e) + (e - 1) * log(p)),
    jump: 0,
  };
}

/** log Σ eˣ. */
function logSum(values: readonly number[]): number {
  const largest = values.reduce((a, b) => Math.max(a, b));
  return largest + log(values.reduce((sum, value) => sum + exp(value - largest), 0));
}

/** log (eᵃ + eᵇ). */
function logAdd(a: number, b: number): number {
  return logSum([a, b]);
}
