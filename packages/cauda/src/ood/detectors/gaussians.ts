import { Breather, paced } from '../../breather.ts';
import { checkOptions, controlRules, describe, numberIn } from '../../check.ts';
import { choleskyFactors } from '../../decompose/cholesky.ts';
import { columnMeans, covariancePieces } from '../../decompose/covariance.ts';
import { timesTransposed } from '../../decompose/product.ts';
import { checkLabels, distinct, indicesIn, type Labels } from '../../labels.ts';
import { Matrix } from '../../matrix.ts';
import {
  type ClassGaussianMixtureOptions,
  classGaussianMixture,
} from '../../mixture/classGaussianMixture.ts';
import { gaussianMixture } from '../../mixture/gaussianMixture.ts';
import { GaussianMixtureModel } from '../../mixture/model.ts';
import type { GaussianMixtureOptions } from '../../mixture/options.ts';
import type { FitControl } from '../../parallel/session.ts';
import type { SavedReader } from '../../serialize.ts';
import { dot } from '../../vectors.ts';
import type { Views } from '../../views.ts';
import { type Detector, type DetectorKind, detectorOf } from './base/detector.ts';
import { doubleRowsOf, rowsOf, scoreRows } from './base/input.ts';
import type { FeatureTraining, LabeledFeatures } from './training.ts';

/**
 * Detectors that take features to be normally distributed: in the same way for all classes, in each class, or in each
 * component.
 */

export interface CovarianceOptions extends FitControl {
  /** Added to the diagonal of the covariance, ≥ 0; defaults to 1e-6. */
  regCovar?: number;
}

/** The options of `classGaussianMixture` that make sense without EM. */
export type ClassGaussiansOptions = Omit<ClassGaussianMixtureOptions, 'maxIter' | 'tol' | 'sampleWeight'>;

export interface MixtureDetectorOptions extends Omit<GaussianMixtureOptions, 'nComponents'> {
  /** Number of components; of several, the one with the lowest BIC on the training rows is taken. */
  nComponents: number | readonly number[];
}

/** Normal distributions with one covariance Σ = L Lᵀ. They are moved by an origin and whitened by M = L⁻¹. */
interface Whitened {
  readonly origin: Float64Array;
  /** Lower triangular, d × d. */
  readonly factor: Matrix;
  /** M (μ − origin) of each distribution, k × d. */
  readonly centers: Matrix;
}

export const mahalanobisKind: DetectorKind<Whitened> = {
  name: 'mahalanobis',
  score: (parts, input) =>
    leastDistances(parts, doubleRowsOf('mahalanobis.score', input, 'features', parts.origin.length)),
  read: (saved) => readWhitened(saved),
};

/**
 * The least squared Mahalanobis distance to a class mean, min_c (x − μ_c)ᵀ Σ⁻¹ (x − μ_c), with the covariance that all
 * classes share: Σ = Σ_i (x_i − μ)(x_i − μ)ᵀ / n + regCovar I. Lee et al.: *A simple unified framework for detecting
 * out-of-distribution samples and adversarial attacks*, NeurIPS 2018.
 * @throws RangeError if the covariance is not positive definite; the signal's reason when aborted
 */
export async function mahalanobis(
  training: LabeledFeatures,
  options: CovarianceOptions = {},
): Promise<Detector> {
  const who = 'mahalanobis';
  const features = doubleRowsOf(who, training, 'features');
  const labels = checkedLabels(who, training, features.rows);
  const { regCovar, signal } = checkCovarianceOptions(who, options);
  return detectorOf(mahalanobisKind, await fitWhitened(who, features, labels, regCovar, signal));
}

interface Relative extends Whitened {
  readonly background: Matrix;
}

export const relativeMahalanobisKind: DetectorKind<Relative> = {
  name: 'relativeMahalanobis',
  score: (parts, input) => {
    const { origin, background } = parts;
    const features = doubleRowsOf('relativeMahalanobis.score', input, 'features', origin.length);
    const whole = scoreRows(whitened(features, origin, background), (z) => dot(z, z));
    return leastDistances(parts, features).map((distance, i) => distance - whole[i]!);
  },
  read: (saved) => {
    const parts = readWhitened(saved);
    const d = parts.origin.length;
    return { ...parts, background: saved.matrix('background', d, d) };
  },
};

/**
 * The `mahalanobis` distance less that to all training rows taken as one class, whose covariance is also divided by n.
 * Ren et al.: *A simple fix to Mahalanobis distance for improving near-OOD detection*, 2021 (arXiv 2106.09022).
 * @throws RangeError if a covariance is not positive definite; the signal's reason when aborted
 */
export async function relativeMahalanobis(
  training: LabeledFeatures,
  options: CovarianceOptions = {},
): Promise<Detector> {
  const who = 'relativeMahalanobis';
  const features = doubleRowsOf(who, training, 'features');
  const labels = checkedLabels(who, training, features.rows);
  const { regCovar, signal } = checkCovarianceOptions(who, options);
  const background = await fitWhitened(who, features, new Int32Array(features.rows), regCovar, signal);
  return detectorOf(relativeMahalanobisKind, {
    ...(await fitWhitened(who, features, labels, regCovar, signal)),
    background: background.factor,
  });
}

/** @param labels 0 … k − 1, each at least once */
async function fitWhitened(
  who: string,
  features: Matrix,
  labels: Int32Array,
  regCovar: number,
  signal: AbortSignal | undefined,
): Promise<Whitened> {
  const breather = new Breather(signal);
  const { data, rows: n, cols: d } = features;
  const origin = columnMeans(features);
  const k = labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  const means = new Float64Array(k * d);
  const counts = new Float64Array(k);
  await breather.breathe();
  for (let i = 0; i < n; i++) {
    counts[labels[i]!]!++;
    for (let j = 0; j < d; j++) means[labels[i]! * d + j]! += data[i * d + j]! - origin[j]!;
  }
  for (let at = 0; at < k * d; at++) means[at]! /= counts[Math.floor(at / d)]!;
  await breather.breathe();
  const within = new Float64Array(n * d);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < d; j++)
      within[i * d + j] = data[i * d + j]! - origin[j]! - means[labels[i]! * d + j]!;
  await breather.breathe();
  const sigma =
    n > 1
      ? await paced(covariancePieces(new Matrix(within, n, d), new Float64Array(d)), signal)
      : new Float64Array(d * d);
  for (let at = 0; at < d * d; at++)
    sigma[at] = (sigma[at]! * (n - 1)) / n + (at % (d + 1) === 0 ? regCovar : 0);
  await breather.breathe();
  const factor = await inverseFactor(who, sigma, d, breather);
  return { origin, factor, centers: whitened(new Matrix(means, k, d), new Float64Array(d), factor) };
}

/** Computes M = L⁻¹ for Σ = L Lᵀ. */
async function inverseFactor(
  who: string,
  sigma: Float64Array,
  d: number,
  breather: Breather,
): Promise<Matrix> {
  const lower = choleskyFactors(
    sigma,
    d,
    () =>
      new RangeError(
        `${who}: the covariance of the features is not positive definite; try a larger regCovar, or scaled features`,
      ),
  );
  const inverse = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    const row = inverse.subarray(i * d, (i + 1) * d);
    row[i] = 1;
    for (let m = 0; m < i; m++) {
      const weight = lower[i * d + m]!;
      for (let j = 0; j <= m; j++) row[j]! -= weight * inverse[m * d + j]!;
    }
    for (let j = 0; j <= i; j++) row[j]! /= lower[i * d + i]!;
    await breather.breathe();
  }
  return new Matrix(inverse, d, d);
}

/** Computes M (x − origin) for each row. */
function whitened({ data, rows, cols: d }: Matrix, origin: Float64Array, factor: Matrix): Matrix {
  const write = (i: number, out: Float64Array | Float32Array, at: number): void => {
    for (let j = 0; j < d; j++) out[at + j] = data[i * d + j]! - origin[j]!;
  };
  const X = new Matrix(data, rows, d);
  return new Matrix(timesTransposed(X, write, factor.data as Float64Array, d, d), rows, d);
}

/** The squared distance of each row to the nearest of the centers, summed over differences. */
function leastDistances({ origin, factor, centers }: Whitened, features: Matrix): Float64Array {
  const d = origin.length;
  const k = centers.rows;
  return scoreRows(whitened(features, origin, factor), (z) => {
    let least = Infinity;
    for (let c = 0; c < k; c++) {
      let squared = 0;
      for (let j = 0; j < d; j++) {
        const difference = z[j]! - centers.data[c * d + j]!;
        squared += difference * difference;
      }
      if (squared < least) least = squared;
    }
    return least;
  });
}

function readWhitened(saved: SavedReader): Whitened {
  const centers = saved.matrix('centers');
  const d = centers.cols;
  return { centers, origin: saved.numbers('origin', d), factor: saved.matrix('factor', d, d) };
}

interface Density {
  readonly mixture: GaussianMixtureModel;
}

function densityKind(name: string): DetectorKind<Density> {
  return {
    name,
    score: ({ mixture }, input) =>
      mixture
        .scoreSamples(doubleRowsOf(`${name}.score`, input, 'features', mixture.means.cols))
        .map((logp) => -logp),
    scoreAsync: async ({ mixture }, input, control) => {
      const features = doubleRowsOf(`${name}.scoreAsync`, input, 'features', mixture.means.cols);
      return (await mixture.scoreSamplesAsync(features, control)).map((logp) => -logp);
    },
    classes: ({ mixture }) => mixture.classes && distinct(mixture.classes),
    examine: ({ mixture }, input) => {
      const features = doubleRowsOf(`${name}.examine`, input, 'features', mixture.means.cols);
      const { logProb, labels } = mixture.scoreAndPredict(features);
      const { classes } = mixture;
      const nearest = classes && labels.map((component) => classes[component]!);
      return { scores: logProb.map((logp) => -logp), nearest };
    },
    read: (saved) => ({ mixture: GaussianMixtureModel.fromJSON(saved.field('mixture')) }),
  };
}

export const classGaussiansKind: DetectorKind<Density> = densityKind('classGaussians');
export const mixtureDetectorKind: DetectorKind<Density> = densityKind('mixtureDetector');

/**
 * −log Σ_c w_c N(x | μ_c, Σ_c), in nats, with a covariance for each class, or for each of `perClass` K-means clusters
 * within it, and their shares of the rows as weights: `classGaussianMixture` in float64. No EM: likelihood is not
 * detection.
 * @throws TypeError or RangeError as `classGaussianMixture`; Error if a covariance is not positive definite; the
 *   signal's reason when aborted
 */
export async function classGaussians(
  training: LabeledFeatures,
  options: ClassGaussiansOptions = {},
): Promise<Detector> {
  const who = 'classGaussians';
  const features = doubleRowsOf(who, training, 'features');
  checkedLabels(who, training, features.rows);
  return detectorOf(classGaussiansKind, {
    mixture: await classGaussianMixture(features, training.labels, options),
  });
}

/**
 * −log p(x), in nats, under a Gaussian mixture fitted to the features by EM in their precision, without labels. With
 * several `nComponents` the fit of the lowest BIC is taken.
 * @throws TypeError, RangeError or Error as `gaussianMixture`
 */
export async function mixtureDetector(
  training: FeatureTraining,
  options: MixtureDetectorOptions,
): Promise<Detector> {
  const features = rowsOf('mixtureDetector', training, 'features');
  const { nComponents, ...rest } = options ?? {};
  const counts: readonly unknown[] = Array.isArray(nComponents) ? nComponents : [nComponents];
  if (counts.length === 0 || !counts.every((count) => typeof count === 'number'))
    throw new TypeError(
      `mixtureDetector: nComponents must be an integer or an array of them; got ${describe(nComponents)}`,
    );
  let best: { mixture: GaussianMixtureModel; bic: number } | undefined;
  for (const count of counts as number[]) {
    const mixture = await gaussianMixture(features, { ...rest, nComponents: count });
    const bic = counts.length > 1 ? mixture.bic(features) : 0;
    if (!best || bic < best.bic) best = { mixture, bic };
  }
  return detectorOf(mixtureDetectorKind, { mixture: best!.mixture });
}

/**
 * Checks the labels and numbers the classes.
 * @returns for each row the index of its class, 0 … k − 1
 */
function checkedLabels(who: string, training: Views & { labels?: Labels }, rows: number): Int32Array {
  const { labels } = training;
  if (labels === undefined) throw new TypeError(`${who}: labels are missing: the class of each row`);
  const checked = checkLabels(who, labels, rows);
  return indicesIn(distinct(checked), checked);
}

function checkCovarianceOptions(
  who: string,
  options: CovarianceOptions,
): Readonly<CovarianceOptions & { regCovar: number }> {
  const rules = { ...controlRules, regCovar: numberIn(0, Infinity) };
  return checkOptions(who, options, rules, { regCovar: 1e-6 });
}
