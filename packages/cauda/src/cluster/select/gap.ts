import { checkOptions, integerIn, type Rule } from '../../check.ts';
import { log } from '../../kernels/elementary.ts';
import { like, Matrix, type MatrixLike } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { kmeans } from '../kmeans.ts';
import {
  type Candidates,
  candidatesOf,
  candidatesRule,
  type SweepOptions,
  sweepRules,
} from './candidates.ts';

export interface GapStatisticOptions extends SweepOptions {
  /** The K to compare, each in [1, nSamples − 1]: a list, or `{ from, to }` for all of a range. */
  nClusters: Candidates;
  /** Data sets without clusters to compare with; defaults to 10. */
  nReferences?: number;
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
 * The gap statistic: how much better K clusters fit the data than data of the same extent without clusters. The K to
 * choose is the smallest whose gap is at least the next one's less that one's deviation. Tibshirani, Walther and
 * Hastie, *Estimating the number of clusters in a data set via the gap statistic*, J. R. Stat. Soc. B 63 (2001); the
 * references are uniform in each column's range.
 * @param X nSamples × nFeatures
 * @returns the chosen `nClusters`, and the gap of every K, increasing
 * @throws RangeError where K clusters fit the data exactly: log 0 is no number
 */
export async function gapStatistic(
  X: MatrixLike,
  options: GapStatisticOptions,
): Promise<{ nClusters: number; gaps: readonly Gap[] }> {
  const who = 'gapStatistic';
  const matrix = Matrix.from(X, { who: `${who}: X` });
  const rules: Record<keyof GapStatisticOptions, Rule> = {
    ...sweepRules,
    nClusters: candidatesRule,
    nReferences: integerIn(1, Infinity),
  };
  const { nClusters, nReferences, ...fit } = checkOptions(who, options, rules, { nReferences: 10, seed: 0 });
  const candidates = candidatesOf(who, nClusters, 1, matrix.rows);
  const inertias = [];
  for (const k of candidates)
    inertias.push((await kmeans(matrix, { ...fit, nClusters: k, allowFewer: true })).inertia);
  const gaps = await gapsOf(who, matrix, candidates, inertias, nReferences, fit);
  return { nClusters: gaps[chosenGap(gaps)]!.nClusters, gaps };
}

/** The gaps of fits whose inertias are known. */
export async function gapsOf(
  who: string,
  X: Matrix,
  candidates: readonly number[],
  inertias: readonly number[],
  nReferences: number,
  fit: SweepOptions & { seed: number },
): Promise<readonly Gap[]> {
  const exact = inertias.indexOf(0);
  if (exact >= 0)
    throw new RangeError(
      `${who}: ${candidates[exact]} clusters fit X exactly, and the logarithm of 0 is no number; try fewer clusters`,
    );
  const random = new Random(fit.seed);
  const references: number[][] = candidates.map(() => []);
  for (let r = 0; r < nReferences; r++) {
    const reference = uniformLike(X, random.stream(r));
    for (const [c, nClusters] of candidates.entries())
      references[c]!.push(log((await kmeans(reference, { ...fit, nClusters, allowFewer: true })).inertia));
  }
  return candidates.map((nClusters, c) => {
    const values = references[c]!;
    const mean = values.reduce((a, b) => a + b, 0) / nReferences;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / nReferences;
    return {
      nClusters,
      gap: mean - log(inertias[c]!),
      deviation: Math.sqrt(variance * (1 + 1 / nReferences)),
    };
  });
}

/** The place of the smallest K whose gap is at least the next one's less its deviation; else of the last. */
export function chosenGap(gaps: readonly Gap[]): number {
  const found = gaps.findIndex(
    ({ gap }, i) => i + 1 < gaps.length && gap >= gaps[i + 1]!.gap - gaps[i + 1]!.deviation,
  );
  return found < 0 ? gaps.length - 1 : found;
}

/** As many rows as X has, uniform between the least and the largest value of each column. */
function uniformLike({ data, rows, cols }: Matrix, random: Random): Matrix {
  const low = new Float64Array(cols).fill(Infinity);
  const high = new Float64Array(cols).fill(-Infinity);
  data.forEach((value, i) => {
    low[i % cols] = Math.min(low[i % cols]!, value);
    high[i % cols] = Math.max(high[i % cols]!, value);
  });
  const values = like(data, data.length);
  for (let i = 0; i < values.length; i++)
    values[i] = low[i % cols]! + random.uniform() * (high[i % cols]! - low[i % cols]!);
  return new Matrix(values, rows, cols);
}
