import { checkOptions, describe, oneOf, type Rule } from '../../check.ts';
import { Random } from '../../random.ts';
import type { Views } from '../../views.ts';
import {
  type BootstrapOptions,
  bootstrapRules,
  countDrawn,
  drawRows,
  type Interval,
  percentileInterval,
} from './bootstrap.ts';
import { type Figures, figuresOf } from './metrics.ts';
import { checkScores, distinctValues, places } from './scores.ts';

/** All that `evaluate` asks of a detector: an outlier score a row, larger = further out. */
export interface Scorer<Input = Views> {
  score(input: Input): ArrayLike<number>;
}

/** What detectors are evaluated on: rows that none of them was fitted on. */
export interface EvaluationData<Input = Views> {
  /** Rows of the distribution that the detectors know. */
  readonly id: Input;
  /** Sets of other rows by their names, near and far together. */
  readonly ood: Readonly<Record<string, Input>>;
}

export interface EvaluateOptions extends BootstrapOptions {
  /** How many times the rows of every set are drawn anew; defaults to 200. */
  resamples?: number;
  /** The detector that the others are compared with; defaults to the first. */
  reference?: string;
}

/** How well one detector tells one set of rows from the familiar ones, each figure with its bootstrap interval. */
export interface EvaluationRow extends Figures<Interval> {
  readonly detector: string;
  /** Name of the out-of-distribution set. */
  readonly ood: string;
  /** Rows of that set. */
  readonly nOod: number;
  /**
   * This detector's AUROC less the reference's, on the same rows of every resample; 0 for the reference. An interval
   * that does not contain 0 says that the difference is more than the chance of which rows were drawn.
   */
  readonly aurocDifference: Interval;
}

/** The table that `evaluate` makes: frozen, plain data. */
export interface Evaluation {
  /** Rows of the in-distribution set. */
  readonly nId: number;
  readonly reference: string;
  readonly confidence: number;
  readonly resamples: number;
  readonly seed: number;
  /** One for each set and detector: set after set, detectors in their order. */
  readonly rows: readonly EvaluationRow[];
}

const who = 'evaluate';
const defaults = { confidence: 0.95, resamples: 200, seed: 0 };

/**
 * Compares detectors on familiar rows and on sets of others: AUROC, AUPR, FPR at 95 % TPR in both conventions and
 * detection error, with percentile bootstrap intervals, and the difference of each AUROC to that of a reference.
 * Each resample draws the rows of both sets anew, the same rows for every detector, so that differences are paired:
 * their intervals are narrower than those of the two figures suggest. Intervals are those of `bootstrap` with the same
 * options; they tell what other rows would have given, not what another training of the network would.
 * Every detector scores every set once.
 *
 *     evaluate({ id, ood: { near, far } }, { energy: energy(), guard }, { reference: 'energy' })
 * @param detectors by name; anything with `score` will do
 * @throws TypeError or RangeError naming detector, set and row of a score that is no number, or detectors that do not
 *   score the same rows
 */
export function evaluate<Input = Views>(
  data: EvaluationData<Input>,
  detectors: Readonly<Record<string, Scorer<Input>>>,
  options: EvaluateOptions = {},
): Evaluation {
  const names = namesOf('detectors', detectors);
  const sets = namesOf('ood', data?.ood);
  const rules: Record<keyof EvaluateOptions, Rule> = { ...bootstrapRules, reference: oneOf(...names) };
  const checked = checkOptions(who, options, rules, { ...defaults, reference: names[0]! });
  const id = scoresOf(detectors, 'id', data.id);
  const rows = sets.flatMap((set) =>
    compare(names, set, id, scoresOf(detectors, `ood.${set}`, data.ood[set]!), checked),
  );
  const { reference, confidence, resamples, seed } = checked;
  return Object.freeze({
    nId: id[0]!.length,
    reference,
    confidence,
    resamples,
    seed,
    rows: Object.freeze(rows),
  });
}

function namesOf(name: string, record: unknown): string[] {
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    throw new TypeError(`${who}: ${name} must be an object of at least one name; got ${describe(record)}`);
  const names = Object.keys(record);
  if (names.length === 0) throw new RangeError(`${who}: ${name} is empty; expected at least one name`);
  return names;
}

/** Asks every detector, in their order, for its scores of one set. */
function scoresOf<Input>(
  detectors: Readonly<Record<string, Scorer<Input>>>,
  set: string,
  input: Input,
): Float64Array[] {
  const scores = Object.entries(detectors).map(([name, detector]) => {
    if (typeof detector?.score !== 'function')
      throw new TypeError(
        `${who}: detector ${describe(name)} must have a method score; got ${describe(detector)}`,
      );
    return checkScores(`${who}: scores of ${set} by ${describe(name)}`, detector.score(input));
  });
  const counts = scores.map(({ length }) => length);
  if (counts.some((count) => count !== counts[0]))
    throw new RangeError(
      `${who}: all detectors must score the same rows of ${set}; got ${counts.join(', ')} scores`,
    );
  return scores;
}

/** Makes the rows of the table for one out-of-distribution set. */
function compare(
  names: readonly string[],
  set: string,
  id: readonly Float64Array[],
  ood: readonly Float64Array[],
  { confidence, resamples, seed, reference }: Required<EvaluateOptions>,
): EvaluationRow[] {
  const ranked = names.map((_, d) => {
    const values = distinctValues(id[d]!, ood[d]!);
    return { values, id: places(values, id[d]!), ood: places(values, ood[d]!) };
  });
  const idRows = new Uint32Array(id[0]!.length).fill(1);
  const oodRows = new Uint32Array(ood[0]!.length).fill(1);
  // Every figure of each detector: of the rows themselves, then of every resample.
  const measured: Figures<number>[][] = names.map(() => []);
  const random = new Random(seed);
  for (let r = 0; r <= resamples; r++) {
    if (r > 0) {
      drawRows(random, idRows);
      drawRows(random, oodRows);
    }
    ranked.forEach(({ values, id, ood }, d) => {
      measured[d]!.push(figuresOf(countDrawn(values, id, idRows), countDrawn(values, ood, oodRows)));
    });
  }
  const interval = ([value, ...drawn]: readonly number[]) =>
    percentileInterval(value!, Float64Array.from(drawn), confidence);
  const against = measured[names.indexOf(reference)]!;
  return names.map((detector, d) => {
    const figures = (Object.keys(against[0]!) as (keyof Figures<number>)[]).map(
      (name) => [name, interval(measured[d]!.map((figures) => figures[name]))] as const,
    );
    return Object.freeze({
      detector,
      ood: set,
      nOod: oodRows.length,
      ...(Object.fromEntries(figures) as unknown as Figures<Interval>),
      aurocDifference: interval(measured[d]!.map(({ auroc }, r) => auroc - against[r]!.auroc)),
    });
  });
}
