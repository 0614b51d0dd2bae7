import { Breather } from '../../breather.ts';
import { checkOptions, controlRules, numberIn } from '../../check.ts';
import { columnMeans } from '../../decompose/covariance.ts';
import { Matrix } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import { argmax, dot, norm } from '../../vectors.ts';
import { type Detector, type DetectorKind, detectorOf } from './base/detector.ts';
import { doubleRowsOf, scoreRows } from './base/input.ts';
import { checkHead, type HeadParts, logitsOf, readHead } from './head.ts';
import { checkClasses } from './temperature.ts';
import type { HeadTraining, LabeledHeadTraining } from './training.ts';

/** Detectors that compare a row's direction with what its predicted class looks like. */

export interface NciOptions extends FitControl {
  /** What the L1 norm of the features counts, ≥ 0; defaults to 1e-4. */
  alpha?: number;
}

interface Patterns extends HeadParts {
  /** Mean of each class's rightly classified training rows (nClasses × nFeatures); 0 where there are none. */
  readonly patterns: Matrix;
}

export const sheKind: DetectorKind<Patterns> = {
  name: 'she',
  score: (parts, input) => {
    const features = doubleRowsOf('she.score', input, 'features', parts.weights.cols);
    const logits = logitsOf(parts, features);
    return scoreRows(features, (x, i) => -dot(x, parts.patterns.row(argmax(logits.row(i)))));
  },
  read: (saved) => {
    const head = readHead(saved);
    return { ...head, patterns: saved.matrix('patterns', head.weights.rows, head.weights.cols) };
  },
};

/**
 * Minus the inner product of a row with the pattern of the class that the head predicts: the mean of the training rows
 * rightly classified as it (0 without any). Zhang et al.: *Out-of-distribution detection based on in-distribution data
 * patterns memorization with modern Hopfield energy*, ICLR 2023.
 * @throws TypeError or RangeError for rows or options that make no sense; the signal's reason when aborted
 */
export async function she(training: LabeledHeadTraining, options: FitControl = {}): Promise<Detector> {
  const features = doubleRowsOf('she', training, 'features');
  const head = checkHead('she', training.head, features.cols);
  const { rows: k, cols: d } = head.weights;
  const labels = checkClasses('she', training.labels, features.rows, k);
  const breather = new Breather(checkOptions('she', options, controlRules, {}).signal);
  const logits = logitsOf(head, features);
  const patterns = new Float64Array(k * d);
  const counts = new Float64Array(k);
  for (let i = 0; i < features.rows; i++) {
    if (i % 1024 === 0) await breather.breathe();
    const c = argmax(logits.row(i));
    if (c !== labels[i]) continue;
    counts[c]!++;
    for (let j = 0; j < d; j++) patterns[c * d + j]! += features.data[i * d + j]!;
  }
  for (let at = 0; at < k * d; at++) patterns[at]! /= counts[Math.floor(at / d)]! || 1;
  return detectorOf(sheKind, { ...head, patterns: new Matrix(patterns, k, d) });
}

interface Centered extends HeadParts {
  readonly mean: Float64Array;
}

export const nciKind: DetectorKind<Centered & { readonly alpha: number }> = {
  name: 'nci',
  score: (parts, input) => {
    const features = doubleRowsOf('nci.score', input, 'features', parts.mean.length);
    const logits = logitsOf(parts, features);
    return scoreRows(features, (x, i) => {
      const centered = x.map((value, j) => value - parts.mean[j]!);
      const along = dot(parts.weights.row(argmax(logits.row(i))), centered);
      return -((along && along / norm(centered)) + parts.alpha * absoluteSum(x));
    });
  },
  read: (saved) => ({ ...readCentered(saved), alpha: saved.number('alpha', 0) }),
};

/**
 * Minus how far a row, seen from the training mean μ, points along the weights of its predicted class, and minus its
 * size: −(⟨w, x − μ⟩ / ‖x − μ‖ + alpha ‖x‖₁). Liu and Qin: *Detecting out-of-distribution through the lens of neural
 * collapse*, CVPR 2025.
 * @throws TypeError or RangeError for rows or options that make no sense; the signal's reason when aborted
 */
export async function nci(training: HeadTraining, options: NciOptions = {}): Promise<Detector> {
  const rules = { ...controlRules, alpha: numberIn(0, Infinity) };
  const { alpha, signal } = checkOptions('nci', options, rules, { alpha: 1e-4 });
  signal?.throwIfAborted();
  return detectorOf(nciKind, { ...centered('nci', training), alpha });
}

export const fdbdKind: DetectorKind<Centered> = {
  name: 'fdbd',
  score: (parts, input) => {
    const features = doubleRowsOf('fdbd.score', input, 'features', parts.mean.length);
    const logits = logitsOf(parts, features);
    const distances = new Map<number, Float64Array>(); // of the classes that are predicted, to all
    return scoreRows(features, (x, i) => {
      const z = logits.row(i);
      const predicted = argmax(z);
      if (!distances.has(predicted)) distances.set(predicted, classDistances(parts.weights, predicted));
      const apart = distances.get(predicted)!;
      let sum = 0;
      for (let c = 0; c < z.length; c++) if (apart[c]! > 0) sum += (z[predicted]! - z[c]!) / apart[c]!;
      const fromMean = norm(x.map((value, j) => value - parts.mean[j]!));
      return sum === 0 ? 0 : -sum / fromMean;
    });
  },
  read: (saved) => readCentered(saved),
};

/**
 * Minus the distances to the decision boundaries of all other classes, together, in units of the distance to the
 * training mean μ: −Σ_c (z_max − z_c) / ‖w_max − w_c‖ / ‖x − μ‖. −Infinity at the mean. Liu and Qin: *Fast decision
 * boundary based out-of-distribution detector*, ICML 2024. Classes with the same weights have no boundary.
 * @throws TypeError or RangeError for rows or options that make no sense; the signal's reason when aborted
 */
export async function fdbd(training: HeadTraining, options: FitControl = {}): Promise<Detector> {
  checkOptions('fdbd', options, controlRules, {}).signal?.throwIfAborted();
  return detectorOf(fdbdKind, centered('fdbd', training));
}

function centered(who: string, training: HeadTraining): Centered {
  const features = doubleRowsOf(who, training, 'features');
  return { ...checkHead(who, training.head, features.cols), mean: columnMeans(features) };
}

function readCentered(saved: Parameters<typeof readHead>[0]): Centered {
  const head = readHead(saved);
  return { ...head, mean: saved.numbers('mean', head.weights.cols) };
}

/** ‖w_c − w‖ for the weights w of one class and those of each class c. */
function classDistances(weights: Matrix, index: number): Float64Array {
  const own = weights.row(index);
  return Float64Array.from({ length: weights.rows }, (_, c) =>
    norm(weights.row(c).map((value, j) => value - own[j]!)),
  );
}

function absoluteSum(x: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < x.length; j++) sum += Math.abs(x[j]!);
  return sum;
}
