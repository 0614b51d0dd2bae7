import { checkOptions, integerIn, type Rule } from '../../check.ts';
import { admit } from '../../door.ts';
import { log } from '../../kernels/elementary.ts';
import { like, Matrix, type MatrixLike } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { type Counts, countsOf, countsRule } from '../../selection.ts';
import { countDistinctRows } from '../distinctRows.ts';
import { fitKMeans } from '../kmeansSteps.ts';
import type { KMeansOptions } from '../options.ts';
import { missingRule, type SweepOptions, SweepProgress, sweepRules } from './sweep.ts';

export interface GapStatisticOptions extends SweepOptions {
  /** The K to compare, each in [1, nSamples − 1]: a list, or `{ from, to }` for all of a range. */
  nClusters: Counts;
  /** Data sets without clusters to compare with; defaults to 10. */
  nReferences?: number;
  /**
   * How to treat NaN, as for `kmeans`; the references then miss the same entries as X. Without it NaN is an error.
   */
  missing?: KMeansOptions['missing'];
}

/** What one K explains beyond what it would of data without clusters. */
export interface Gap {
  readonly nClusters: number;
  /** The mean of log(inertia) over the references, less that of the data. */
  readonly gap: number;
  /** The deviation of the reference values × √(1 + 1 / nReferences). */
  readonly deviation: number;
}

/**
 * The gap statistic: how much better K clusters fit X than they fit data of the same extent without clusters. The K to
 * choose is the smallest whose gap is at least the next one's less that one's deviation. Tibshirani, Walther and
 * Hastie, *Estimating the number of clusters in a data set via the gap statistic*, J. R. Stat. Soc. B 63 (2001); the
 * references are uniform in each column's range.
 *
 * There is no `sampleWeight`: the references are rows without a weight of their own, and giving them those of X would
 * compare with data that are not uniform.
 * @param X nSamples × nFeatures
 * @returns the chosen `nClusters`, and the gap of every K, increasing
 * @throws RangeError where K clusters fit the data exactly: log 0 is no number; TypeError or RangeError for options or
 * data that make no sense; the signal's reason when aborted
 */
export async function gapStatistic(
  X: MatrixLike,
  options: GapStatisticOptions,
): Promise<{ nClusters: number; gaps: readonly Gap[] }> {
  const who = 'gapStatistic';
  const matrix = admit(who, X, { allowNaN: options?.missing !== undefined });
  const rules: Record<keyof GapStatisticOptions, Rule> = {
    ...sweepRules,
    nClusters: countsRule('clusters'),
    nReferences: integerIn(1, Infinity),
    missing: missingRule,
  };
  const checked = checkOptions(who, options, rules, { nReferences: 10, seed: 0 });
  const { nClusters, nReferences, onProgress, ...fit } = checked;
  const counts = countsOf(`${who}: nClusters`, nClusters, 1, matrix.rows - 1, 'nSamples − 1');
  const progress = new SweepProgress(onProgress, counts.length * (1 + nReferences));
  const inertias = [];
  for (const k of counts) {
    const control = { ...fit, nClusters: k, allowFewer: true, onProgress: progress.next() };
    inertias.push((await fitKMeans(who, matrix, control)).inertia);
  }
  const gaps = await gapsOf(who, matrix, counts, inertias, nReferences, fit, progress);
  return { nClusters: gaps[chosenGap(gaps)]!.nClusters, gaps };
}

/** The gaps of fits whose inertias are known. */
export async function gapsOf(
  who: string,
  X: Matrix,
  counts: readonly number[],
  inertias: readonly number[],
  nReferences: number,
  fit: Omit<SweepOptions, 'onProgress'> & Pick<KMeansOptions, 'missing'> & { seed: number },
  progress: SweepProgress,
): Promise<readonly Gap[]> {
  // what is left of an exact fit may be rounding; with a prior, missing entries cost something in any case
  const distinct =
    typeof fit.missing === 'object'
      ? Infinity
      : await countDistinctRows(X, undefined, Math.max(...counts) + 1);
  const exact = counts.findIndex((k, c) => inertias[c] === 0 || k >= distinct);
  if (exact >= 0)
    throw new RangeError(
      `${who}: ${counts[exact]} clusters fit X exactly, and the logarithm of 0 is no number; try fewer clusters`,
    );
  const random = new Random(fit.seed);
  const references: number[][] = counts.map(() => []);
  for (let r = 0; r < nReferences; r++) {
    const reference = uniformLike(X, random.stream(r));
    for (const [c, nClusters] of counts.entries()) {
      const control = { ...fit, nClusters, allowFewer: true, onProgress: progress.next() };
      references[c]!.push(log((await fitKMeans(who, reference, control)).inertia));
    }
  }
  return counts.map((nClusters, c) => {
    const values = references[c]!;
    const mean = values.reduce((a, b) => a + b, 0) / nReferences;
    const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / nReferences;
    return {
      nClusters,
      gap: mean - log(inertias[c]!),
      deviation: Math.sqrt(variance * (1 + 1 / nReferences)),
    };
  });
}

/** The index of the smallest K whose gap is at least the next one's less its deviation, or else of the last one. */
export function chosenGap(gaps: readonly Gap[]): number {
  const found = gaps.findIndex(
    ({ gap }, i) => i + 1 < gaps.length && gap >= gaps[i + 1]!.gap - gaps[i + 1]!.deviation,
  );
  return found < 0 ? gaps.length - 1 : found;
}

/** As many rows as X has, uniform between the least and the largest value of each column; NaN where X has NaN. */
function uniformLike({ data, rows, cols }: Matrix, random: Random): Matrix {
  const low = new Float64Array(cols).fill(Infinity);
  const high = new Float64Array(cols).fill(-Infinity);
  data.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    low[i % cols] = Math.min(low[i % cols]!, value);
    high[i % cols] = Math.max(high[i % cols]!, value);
  });
  const values = like(data, data.length);
  for (let i = 0; i < values.length; i++)
    values[i] = Number.isNaN(data[i])
      ? NaN
      : low[i % cols]! + random.uniform() * (high[i % cols]! - low[i % cols]!);
  return new Matrix(values, rows, cols);
}
