import { paced } from '../breather.ts';
import { checkOptions, controlRules, flag, type Rule } from '../check.ts';
import { admit } from '../door.ts';
import { log } from '../kernels/elementary.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import type { FitControl } from '../parallel/session.ts';
import { type Step, stepOf } from '../pipeline/step.ts';
import { chunksOf } from '../rows.ts';
import { type SavedArray, SavedReader, saveArray, saveMatrix } from '../serialize.ts';
import { principalAxes } from './principalAxes.ts';
import { copyRow, timesTransposed } from './product.ts';

const who = 'pca';

export interface PcaOptions extends FitControl {
  /**
   * How many components to keep: an integer in [1, min(rows, columns)], or a fraction in (0, 1) for as many as
   * explain more than that share of the variance. Defaults to min(rows, columns).
   */
  nComponents?: number;
  /** Whether `transform` divides each component by its standard deviation; defaults to false. */
  whiten?: boolean;
}

/** A PCA as plain data. */
export interface SavedPca {
  readonly format: 'cauda.pca';
  readonly version: 2;
  readonly whiten: boolean;
  readonly mean: SavedArray;
  readonly components: SavedArray;
  readonly explainedVariance: SavedArray;
  readonly explainedVarianceRatio: SavedArray;
  readonly singularValues: SavedArray;
  readonly noiseVariance: number;
}

const LOG_2_PI = 1.8378770664093453;

/**
 * Principal components: the orthogonal directions of largest variance, from the eigenvectors of the covariance matrix.
 * The smaller of rows and columns may be some two thousand, the other is free. A singular value below about 1e-8 of
 * the largest (3e-4 for float32 data) is rounding. Signs are fixed: in each component the entry of largest magnitude
 * is positive, as in scikit-learn since 1.5.
 * @param X rows to learn from (nSamples × nFeatures), at least 2
 * @throws RangeError if X has fewer than 2 rows, is ragged, not finite or so large that variances overflow, or
 *   nComponents is out of range; the signal's reason when aborted
 */
export async function pca(X: MatrixLike, options: PcaOptions = {}): Promise<PcaModel> {
  const matrix = admit(who, X);
  const { rows, cols } = matrix;
  if (rows < 2) throw new RangeError('pca: expected at least 2 rows, to have a variance; got 1');
  const rank = Math.min(rows, cols);
  const rules: Record<keyof PcaOptions, Rule> = {
    ...controlRules,
    nComponents: componentsUpTo(rank),
    whiten: flag,
  };
  const checked = checkOptions(who, options, rules, { nComponents: rank, whiten: false });
  const { nComponents: wanted, whiten, signal } = checked;

  signal?.throwIfAborted();
  const mean = await columnMeans(matrix, signal);
  const { variances: values, axes } = await paced(principalAxes(matrix, mean), signal);
  const variances = values.map((value) => Math.max(0, value)); // below 0 only by rounding
  const total = variances.reduce((sum, value) => sum + value, 0);
  const ratios = variances.map((value) => (total > 0 ? value / total : 0));
  const nComponents = wanted < 1 ? enough(ratios, wanted) : wanted;
  const left = variances.subarray(nComponents);
  return new PcaModel({
    whiten,
    mean,
    components: new Matrix(axes.slice(0, nComponents * cols), nComponents, cols),
    explainedVariance: variances.slice(0, nComponents),
    explainedVarianceRatio: ratios.slice(0, nComponents),
    singularValues: variances.slice(0, nComponents).map((value) => Math.sqrt(value * (rows - 1))),
    noiseVariance: left.length ? left.reduce((sum, value) => sum + value, 0) / left.length : 0,
  });
}

/** `pca` as a step of a pipeline. */
export function pcaStep(options: Omit<PcaOptions, keyof FitControl> = {}): Step<PcaModel> {
  return stepOf(who, options, pca);
}

/** Mean of each column, in float64. */
async function columnMeans(X: Matrix, signal: AbortSignal | undefined): Promise<Float64Array> {
  const { rows, cols } = X;
  const mean = new Float64Array(cols);
  for await (const { chunk } of chunksOf(X, signal))
    for (let i = 0, at = 0; i < chunk.rows; i++)
      for (let j = 0; j < cols; j++, at++) mean[j]! += chunk.data[at]!;
  for (let j = 0; j < cols; j++) mean[j]! /= rows;
  return mean;
}

type Fitted = Pick<
  PcaModel,
  | 'whiten'
  | 'mean'
  | 'components'
  | 'explainedVariance'
  | 'explainedVarianceRatio'
  | 'singularValues'
  | 'noiseVariance'
>;

/** A fitted PCA of k components in d features. */
export class PcaModel {
  static readonly format: string = 'cauda.pca';
  readonly whiten: boolean;
  /** Mean of each feature; length d. */
  readonly mean: Float64Array;
  /** Unit vectors, one a row, by decreasing variance (k × d, float64). */
  readonly components: Matrix;
  /** Variance along each component, divided by n − 1; length k. */
  readonly explainedVariance: Float64Array;
  /** Its share of the total variance, 0 if that is 0; length k. */
  readonly explainedVarianceRatio: Float64Array;
  /** Singular values of the centered data, √((n − 1) · variance); length k. */
  readonly singularValues: Float64Array;
  /** Mean variance of the directions left out, σ² of probabilistic PCA; 0 if none was. */
  readonly noiseVariance: number;
  readonly nComponents: number;

  /** Use `pca` or `PcaModel.fromJSON`. */
  constructor(fitted: Fitted) {
    this.whiten = fitted.whiten;
    this.mean = fitted.mean;
    this.components = fitted.components;
    this.explainedVariance = fitted.explainedVariance;
    this.explainedVarianceRatio = fitted.explainedVarianceRatio;
    this.singularValues = fitted.singularValues;
    this.noiseVariance = fitted.noiseVariance;
    this.nComponents = fitted.components.rows;
    Object.freeze(this);
  }

  /**
   * Coordinates of the rows along the components (nSamples × k), in the precision of X; divided by the components'
   * standard deviations if `whiten`.
   * @throws RangeError if X does not have the fitted number of features
   */
  transform(X: MatrixLike): Matrix {
    const d = this.mean.length;
    const k = this.nComponents;
    const matrix = Matrix.from(X, { who: 'PcaModel.transform', cols: d });
    const spread = this.#spread();
    const directions = this.components.data.map((entry, at) => entry / spread[Math.floor(at / d)]!);
    const centered = (i: number, out: Float64Array | Float32Array, at: number): void => {
      for (let j = 0; j < d; j++) out[at + j] = matrix.data[i * d + j]! - this.mean[j]!;
    };
    return new Matrix(timesTransposed(matrix, centered, directions as Float64Array, k, d), matrix.rows, k);
  }

  /**
   * The rows of the original space that have these coordinates (nSamples × d), in the precision of Z.
   * @throws RangeError if Z does not have one column a component
   */
  inverseTransform(Z: MatrixLike): Matrix {
    const d = this.mean.length;
    const k = this.nComponents;
    const matrix = Matrix.from(Z, { who: 'PcaModel.inverseTransform' });
    if (matrix.cols !== k)
      throw new RangeError(
        `PcaModel.inverseTransform: Z has ${matrix.cols} columns; this model has ${k} component${k === 1 ? '' : 's'}`,
      );
    const spread = this.#spread();
    const columns = new Float64Array(d * k);
    for (let c = 0; c < k; c++)
      for (let j = 0; j < d; j++) columns[j * k + c] = this.components.data[c * d + j]! * spread[c]!;
    const data = timesTransposed(matrix, copyRow(matrix), columns, d, k);
    for (let i = 0, at = 0; i < matrix.rows; i++)
      for (let j = 0; j < d; j++, at++) data[at]! += this.mean[j]!;
    return new Matrix(data, matrix.rows, d);
  }

  /**
   * Log-density of each row, in nats, under probabilistic PCA: a Gaussian with the components' variances along them
   * and σ² = `noiseVariance` in all other directions. Tipping and Bishop, JRSS B 61, 1999; Bishop, PRML, §12.2.1.
   * @returns length nSamples
   * @throws RangeError if X does not have the fitted number of features, or a variance of the model is 0
   */
  scoreSamples(X: MatrixLike): Float64Array {
    const d = this.mean.length;
    const k = this.nComponents;
    const { data, rows } = Matrix.from(X, { who: 'PcaModel.scoreSamples', cols: d });
    const variances = [...this.explainedVariance, ...(k < d ? [this.noiseVariance] : [])];
    if (variances.some((variance) => variance === 0))
      throw new RangeError(
        'PcaModel.scoreSamples: the model has a variance of 0, so no density; fit fewer components or drop constant columns',
      );
    const logDet =
      this.explainedVariance.reduce((sum, variance) => sum + log(variance), 0) +
      (k < d ? (d - k) * log(this.noiseVariance) : 0);
    const scores = new Float64Array(rows);
    const rest = new Float64Array(d);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < d; j++) rest[j] = data[i * d + j]! - this.mean[j]!;
      let distance = 0;
      for (let c = 0; c < k; c++) {
        const component = this.components.row(c);
        let along = 0;
        for (let j = 0; j < d; j++) along += rest[j]! * component[j]!;
        for (let j = 0; j < d; j++) rest[j]! -= along * component[j]!;
        distance += (along * along) / this.explainedVariance[c]!;
      }
      if (k < d) for (let j = 0; j < d; j++) distance += (rest[j]! * rest[j]!) / this.noiseVariance;
      scores[i] = -0.5 * (d * LOG_2_PI + logDet + distance);
    }
    return scores;
  }

  /** The model as plain data, which `fromJSON` reads back to the same bits. */
  toJSON(): SavedPca {
    return {
      format: 'cauda.pca',
      version: 2,
      whiten: this.whiten,
      mean: saveArray(this.mean),
      components: saveMatrix(this.components),
      explainedVariance: saveArray(this.explainedVariance),
      explainedVarianceRatio: saveArray(this.explainedVarianceRatio),
      singularValues: saveArray(this.singularValues),
      noiseVariance: this.noiseVariance,
    };
  }

  /** @throws TypeError or RangeError naming what is wrong with `value` */
  static fromJSON(value: unknown): PcaModel {
    const saved = new SavedReader('PcaModel.fromJSON', value, PcaModel.format, 2);
    const mean = saved.numbers('mean');
    const components = saved.matrix('components', undefined, mean.length);
    const perComponent = (name: string): Float64Array => {
      const numbers = saved.numbers(name, components.rows);
      if (!numbers.every((number) => number >= 0)) saved.fail(name, 'numbers of at least 0');
      return numbers;
    };
    return new PcaModel({
      whiten: saved.flag('whiten'),
      mean,
      components,
      explainedVariance: perComponent('explainedVariance'),
      explainedVarianceRatio: perComponent('explainedVarianceRatio'),
      singularValues: perComponent('singularValues'),
      noiseVariance: saved.number('noiseVariance', 0),
    });
  }

  /** What whitening divides by: the standard deviations, 1 where whitening is off or the variance is 0. */
  #spread(): Float64Array {
    return this.explainedVariance.map((variance) => (this.whiten && variance > 0 ? Math.sqrt(variance) : 1));
  }
}

function componentsUpTo(rank: number): Rule {
  return {
    expected: `an integer in [1, ${rank}], the smaller of rows and columns, or a fraction in (0, 1)`,
    kind: (value) => typeof value === 'number',
    range: (value: number) =>
      (value > 0 && value < 1) || (Number.isInteger(value) && value >= 1 && value <= rank),
  };
}

/** How many of the ratios add up to more than `share`. */
function enough(ratios: Float64Array, share: number): number {
  let sum = 0;
  const last = ratios.findIndex((ratio) => (sum += ratio) > share);
  return last < 0 ? ratios.length : last + 1;
}
