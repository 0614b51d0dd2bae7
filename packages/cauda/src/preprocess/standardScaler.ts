import { checkOptions, controlRules, flag, type Rule } from '../check.ts';
import { admit, openRows } from '../door.ts';
import { like, Matrix, type MatrixLike } from '../matrix.ts';
import type { FitControl } from '../parallel/session.ts';
import { type Step, stepOf } from '../pipeline/step.ts';
import { chunksOf } from '../rows.ts';
import { type SavedArray, SavedReader, saveArray } from '../serialize.ts';
import type { MatrixSource, Source } from '../source.ts';
import { checkWeights, weightRule } from '../weights.ts';

const who = 'standardScaler';

export interface StandardScalerOptions extends FitControl {
  /** Whether to subtract each column's mean; defaults to true. */
  withMean?: boolean;
  /** Whether to divide by each column's standard deviation; defaults to true. */
  withStd?: boolean;
  /** A weight ≥ 0 for each row of X, not all of them 0; defaults to 1 for every row. */
  sampleWeight?: ArrayLike<number>;
}

const rules: Record<keyof StandardScalerOptions, Rule> = {
  ...controlRules,
  withMean: flag,
  withStd: flag,
  sampleWeight: weightRule,
};
const defaults = { withMean: true, withStd: true };

/** A scaler as plain data. */
export interface SavedStandardScaler {
  readonly format: 'cauda.standardScaler';
  readonly version: 2;
  readonly withMean: boolean;
  readonly withStd: boolean;
  readonly mean: SavedArray;
  readonly variance: SavedArray;
  readonly scale: SavedArray;
  readonly nSamplesSeen: SavedArray;
}

/**
 * Moves each column to mean 0 and scales it to variance 1: z = (x − mean) / scale.
 *
 * NaN marks a missing entry: it is left out of its column's mean and variance and stays NaN. A column that is
 * constant, as far as rounding can tell, is moved but not scaled. Mean and variance are float64 for float32 data too,
 * and come from the corrected two-pass algorithm, so a large offset costs no digits (Chan, Golub, LeVeque: *Algorithms
 * for computing the sample variance*, The American Statistician 37, 1983).
 * @param X rows to learn from (nSamples × nFeatures), NaN allowed; or a source of more rows than memory holds, which is
 *   read twice and gives the same bits as the same rows in memory
 * @returns the fitted scaler; `onProgress` is told of the two passes, and the objective of such an event is NaN
 * @throws TypeError or RangeError for options or data that make no sense, and if a column has no observed entry of
 *   positive weight; the signal's reason when aborted
 */
export async function standardScaler(
  X: MatrixLike | MatrixSource,
  options: StandardScalerOptions = {},
): Promise<StandardScalerModel> {
  const door = admit(who, X, { allowNaN: true });
  const checked = checkOptions(who, options, rules, defaults);
  const { withMean, withStd, sampleWeight, signal, onProgress } = checked;
  signal?.throwIfAborted();
  const weights = checkWeights(who, sampleWeight, door.rows);
  const rows = await openRows(who, door, { allowNaN: true, signal });
  const passed = (pass: number): void =>
    onProgress?.({ task: who, iteration: pass, maxIterations: 2, run: 0, runs: 1, objective: NaN });
  const { mean, variance, count } = await columnMoments(rows, weights, signal, passed);
  const scale = Float64Array.from(variance, (v, j) =>
    withStd && !isConstant(v, mean[j]!, count[j]!) ? Math.sqrt(v) : 1,
  );
  return new StandardScalerModel({ withMean, withStd, mean, variance, scale, nSamplesSeen: count });
}

/** `standardScaler` as a step of a pipeline. */
export function standardScalerStep(
  options: Omit<StandardScalerOptions, keyof FitControl | 'sampleWeight'> = {},
): Step<StandardScalerModel> {
  return stepOf(who, options, standardScaler);
}

/** A fitted scaler. All arrays have one entry a column. */
export class StandardScalerModel {
  static readonly format: string = 'cauda.standardScaler';
  readonly withMean: boolean;
  readonly withStd: boolean;
  /** Mean of the observed entries; it is subtracted if `withMean`. */
  readonly mean: Float64Array;
  /** Their variance, divided by n and not n − 1. */
  readonly variance: Float64Array;
  /** What a column is divided by: its standard deviation, 1 where it is constant or `withStd` is false. */
  readonly scale: Float64Array;
  /** The number of observed entries, or the sum of their weights. */
  readonly nSamplesSeen: Float64Array;

  /** Use `standardScaler` or `StandardScalerModel.fromJSON`. */
  constructor(fitted: Omit<StandardScalerModel, 'transform' | 'inverseTransform' | 'toJSON'>) {
    this.withMean = fitted.withMean;
    this.withStd = fitted.withStd;
    this.mean = fitted.mean;
    this.variance = fitted.variance;
    this.scale = fitted.scale;
    this.nSamplesSeen = fitted.nSamplesSeen;
    Object.freeze(this);
  }

  /**
   * (x − mean) / scale, in the precision of X; NaN stays NaN.
   * @throws RangeError if X does not have the fitted number of features
   */
  transform(X: MatrixLike): Matrix {
    const cols = this.mean.length;
    const { data, rows } = Matrix.from(X, { who: 'StandardScalerModel.transform', allowNaN: true, cols });
    const shift = this.#shift();
    const { scale } = this;
    const Z = like(data, data.length);
    for (let i = 0, at = 0; i < rows; i++)
      for (let j = 0; j < cols; j++, at++) Z[at] = (data[at]! - shift[j]!) / scale[j]!;
    return new Matrix(Z, rows, cols);
  }

  /**
   * z × scale + mean, in the precision of Z: undoes `transform` but for rounding.
   * @throws RangeError if Z does not have the fitted number of features
   */
  inverseTransform(Z: MatrixLike): Matrix {
    const cols = this.mean.length;
    const { data, rows } = Matrix.from(Z, {
      who: 'StandardScalerModel.inverseTransform',
      allowNaN: true,
      cols,
    });
    const shift = this.#shift();
    const { scale } = this;
    const X = like(data, data.length);
    for (let i = 0, at = 0; i < rows; i++)
      for (let j = 0; j < cols; j++, at++) X[at] = data[at]! * scale[j]! + shift[j]!;
    return new Matrix(X, rows, cols);
  }

  /** The scaler as plain data, which `fromJSON` reads back to the same bits. */
  toJSON(): SavedStandardScaler {
    return {
      format: 'cauda.standardScaler',
      version: 2,
      withMean: this.withMean,
      withStd: this.withStd,
      mean: saveArray(this.mean),
      variance: saveArray(this.variance),
      scale: saveArray(this.scale),
      nSamplesSeen: saveArray(this.nSamplesSeen),
    };
  }

  /** @throws TypeError or RangeError naming what is wrong with `value` */
  static fromJSON(value: unknown): StandardScalerModel {
    const saved = new SavedReader('StandardScalerModel.fromJSON', value, StandardScalerModel.format, 2);
    const mean = saved.numbers('mean');
    if (mean.length === 0) saved.fail('mean', 'an array of at least one number');
    const positive = (name: string): Float64Array => {
      const numbers = saved.numbers(name, mean.length);
      if (!numbers.every((v) => v > 0)) saved.fail(name, 'positive numbers');
      return numbers;
    };
    return new StandardScalerModel({
      withMean: saved.flag('withMean'),
      withStd: saved.flag('withStd'),
      mean,
      variance: saved.numbers('variance', mean.length),
      scale: positive('scale'),
      nSamplesSeen: positive('nSamplesSeen'),
    });
  }

  #shift(): Float64Array {
    return this.withMean ? this.mean : new Float64Array(this.mean.length);
  }
}

/** Weighted mean and variance (÷ n) of each column's observed entries, and the sum of their weights, in two passes. */
async function columnMoments(
  X: Matrix | Source,
  weights: Float64Array | undefined,
  signal: AbortSignal | undefined,
  passed: (pass: number) => void,
): Promise<Record<'mean' | 'variance' | 'count', Float64Array>> {
  const { cols } = X;
  const count = new Float64Array(cols);
  const mean = new Float64Array(cols);
  for await (const { chunk, first } of chunksOf(X, signal)) {
    const { data, rows } = chunk;
    for (let i = 0, at = 0; i < rows; i++) {
      const weight = weights ? weights[first + i]! : 1;
      for (let j = 0; j < cols; j++, at++) {
        const x = data[at]!;
        if (Number.isNaN(x)) continue;
        count[j]! += weight;
        mean[j]! += weight * x;
      }
    }
  }
  const empty = count.indexOf(0);
  if (empty >= 0)
    throw new RangeError(
      `standardScaler: column ${empty} has no observed entry of positive weight; remove the column`,
    );
  for (let j = 0; j < cols; j++) mean[j]! /= count[j]!;
  passed(1);

  const squares = new Float64Array(cols);
  const rest = new Float64Array(cols); // Σ w (x − mean): what rounding left in the mean
  for await (const { chunk, first } of chunksOf(X, signal)) {
    const { data, rows } = chunk;
    for (let i = 0, at = 0; i < rows; i++) {
      const weight = weights ? weights[first + i]! : 1;
      for (let j = 0; j < cols; j++, at++) {
        const difference = data[at]! - mean[j]!;
        if (Number.isNaN(difference)) continue;
        rest[j]! += weight * difference;
        squares[j]! += weight * difference * difference;
      }
    }
  }
  passed(2);
  const variance = squares;
  for (let j = 0; j < cols; j++) {
    const correction = rest[j]! / count[j]!;
    variance[j] = Math.max(0, squares[j]! / count[j]! - correction * correction);
    mean[j]! += correction;
  }
  return { mean, variance, count };
}

/**
 * Whether a variance is no larger than rounding makes that of a constant: n ε σ² + (n ε μ)², the error bound of the
 * two-pass algorithm, as scikit-learn's StandardScaler has it.
 */
function isConstant(variance: number, mean: number, n: number): boolean {
  const error = n * mean * Number.EPSILON;
  return variance <= n * Number.EPSILON * variance + error * error;
}
