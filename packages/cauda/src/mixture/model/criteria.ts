import { checkOptions } from '../../check.ts';
import { relativeWeights } from '../../countingRows.ts';
import { log } from '../../kernels/elementary.ts';
import { checkWeights, weightRule } from '../../weights.ts';
import { sum, weightedSum } from '../rows/sums.ts';

/** How rows count in a mean or a criterion. */
export interface ScoreOptions {
  /** A weight for each row, ≥ 0 and not all zero; 3 counts as three copies. Defaults to 1 for all. */
  sampleWeight?: ArrayLike<number>;
}

/** The rows of a score: how many there are in all, and what each counts for. */
export interface Counted {
  /** Their number, or the sum of their weights. */
  readonly total: number;
  /** The weighted sum of one value a row. */
  sum(values: Float64Array): number;
  /** The weighted mean of one value a row. */
  mean(values: Float64Array): number;
}

/** @throws TypeError or RangeError for weights that make no sense */
export function counted(who: string, options: ScoreOptions, rows: number): Counted {
  const { sampleWeight } = checkOptions(who, options, { sampleWeight: weightRule }, {});
  const weights = checkWeights(who, sampleWeight, rows);
  const { sampleWeight: relative, unit } = relativeWeights(weights);
  const whole = relative ? sum(relative) : rows;
  const added = (values: Float64Array): number => (relative ? weightedSum(values, relative) : sum(values));
  const finite = (total: number): number => {
    if (unit * whole === Infinity)
      throw new RangeError(`${who}: the sum of sampleWeight must be finite; got Infinity`);
    return total;
  };
  return {
    get total() {
      return finite(unit * whole);
    },
    sum: (values) => finite(unit * added(values)),
    mean: (values) => added(values) / whole,
  };
}

/** −2 log L + nParameters log nSamples. */
export function bicOf(logLikelihood: number, nParameters: number, nSamples: number): number {
  return -2 * logLikelihood + nParameters * log(nSamples);
}

/** −2 log L + 2 nParameters. */
export function aicOf(logLikelihood: number, nParameters: number): number {
  return -2 * logLikelihood + 2 * nParameters;
}

/** log r of each row's most probable component. */
export function logLargest(probabilities: Float64Array, k: number): Float64Array {
  return Float64Array.from({ length: probabilities.length / k }, (_, i) => {
    let most = 0;
    for (let c = 0; c < k; c++) most = Math.max(most, probabilities[i * k + c]!);
    return log(most);
  });
}
