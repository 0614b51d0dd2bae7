import { Breather } from '../../breather.ts';
import { checkOptions, controlRules, integerIn, numberIn } from '../../check.ts';
import { exp, log } from '../../kernels/elementary.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import type { SavedReader } from '../../serialize.ts';
import { argmax, dot } from '../../vectors.ts';
import { type Detector, type DetectorKind, detectorOf } from './base/detector.ts';
import { doubleRowsOf, scoreRows } from './base/input.ts';
import { logSoftmax, logSumExp, softmax } from './softmax.ts';
import { bestTemperature, checkClasses } from './temperature.ts';
import type { LabeledLogits } from './training.ts';

export interface TemperatureOptions {
  /** What the logits are divided by first, > 0; defaults to 1. */
  temperature?: number;
}

export interface GeneralizedEntropyOptions {
  /** The exponent, in (0, 1]; defaults to 0.1. */
  gamma?: number;
  /** How many of the largest probabilities count; defaults to 100. */
  top?: number;
}

/** A kind of detector that gives each row of logits a score by itself. */
function rowKind<Parts extends object>(
  name: string,
  read: (saved: SavedReader) => Parts,
  score: (z: Float64Array, parts: Parts) => number,
): DetectorKind<Parts> {
  return {
    name,
    read,
    score: (parts, input) =>
      scoreRows(doubleRowsOf(`${name}.score`, input, 'logits'), (z) => score(z, parts)),
  };
}

const positive = numberIn(0, Infinity, { openLow: true });
const readNothing = (): object => ({});
const readTemperature = (saved: SavedReader): { temperature: number } => ({
  temperature: saved.number('temperature', Number.MIN_VALUE),
});

function checkTemperature(who: string, options: TemperatureOptions): { temperature: number } {
  const { temperature } = checkOptions(who, options, { temperature: positive }, { temperature: 1 });
  return { temperature };
}

export const maxSoftmaxKind: DetectorKind<{ temperature: number }> = rowKind(
  'maxSoftmax',
  readTemperature,
  (z, { temperature }) => -exp((z[argmax(z)]! - logSumExp(z, temperature)) / temperature),
);

/**
 * Minus the largest probability, −max softmax(z / T). Hendrycks and Gimpel: *A baseline for detecting misclassified
 * and out-of-distribution examples*, ICLR 2017. Many rows tie at −1 when the network is sure.
 */
export function maxSoftmax(options: TemperatureOptions = {}): Detector {
  return detectorOf(maxSoftmaxKind, checkTemperature('maxSoftmax', options));
}

/**
 * `maxSoftmax` at the temperature that `fitTemperature` finds. Guo et al.: *On calibration of modern neural networks*,
 * ICML 2017.
 * @param heldOut rows that the classifier was not trained on
 * @throws RangeError if no finite temperature is best; the signal's reason when aborted
 */
export async function temperatureScaling(
  heldOut: LabeledLogits,
  options: FitControl = {},
): Promise<Detector> {
  const who = 'temperatureScaling';
  const logits = doubleRowsOf(who, heldOut, 'logits');
  const labels = checkClasses(who, heldOut.labels, logits.rows, logits.cols);
  const { signal } = checkOptions(who, options, controlRules, {});
  return maxSoftmax({ temperature: await bestTemperature(who, logits, labels, new Breather(signal)) });
}

export const maxLogitKind: DetectorKind<object> = rowKind('maxLogit', readNothing, (z) => -z[argmax(z)]!);

/**
 * Minus the largest logit. Hendrycks et al.: *Scaling out-of-distribution detection for real-world settings*, ICML
 * 2022.
 */
export function maxLogit(): Detector {
  return detectorOf(maxLogitKind, {});
}

export const energyKind: DetectorKind<{ temperature: number }> = rowKind(
  'energy',
  readTemperature,
  (z, { temperature }) => -logSumExp(z, temperature),
);

/** The free energy, −T log Σ exp(z / T). Liu et al.: *Energy-based out-of-distribution detection*, NeurIPS 2020. */
export function energy(options: TemperatureOptions = {}): Detector {
  return detectorOf(energyKind, checkTemperature('energy', options));
}

export const entropyKind: DetectorKind<object> = rowKind('entropy', readNothing, (z) => {
  const logs = logSoftmax(z);
  return -dot(logs.map(exp), logs);
});

/** The entropy of the softmax, −Σ p log p, in nats. */
export function entropy(): Detector {
  return detectorOf(entropyKind, {});
}

export const generalizedEntropyKind: DetectorKind<{ gamma: number; top: number }> = rowKind(
  'generalizedEntropy',
  (saved) => ({
    gamma: saved.number('gamma', Number.MIN_VALUE, 1),
    top: saved.number('top', 1, Infinity, true),
  }),
  (z, { gamma, top }) => {
    const largest = argmax(z);
    const others = z.filter((_, j) => j !== largest);
    // 1 − p of the likeliest class is what the others have together: no digits are lost where p is near 1
    const rest = others.length ? logSumExp(others) - logSumExp(z) : -Infinity;
    const logs = logSoftmax(z).sort().reverse();
    let sum = 0;
    for (let j = 0; j < Math.min(top, logs.length); j++)
      sum += exp(gamma * (logs[j]! + (j === 0 ? rest : log(1 - exp(logs[j]!)))));
    return sum;
  },
);

/**
 * Σ p^γ (1 − p)^γ over the `top` likeliest classes. Liu, Lochman and Zach: *GEN: Pushing the limits of softmax-based
 * out-of-distribution detection*, CVPR 2023.
 */
export function generalizedEntropy(options: GeneralizedEntropyOptions = {}): Detector {
  const rules = { gamma: numberIn(0, 1, { openLow: true }), top: integerIn(1, Number.MAX_SAFE_INTEGER) };
  const { gamma, top } = checkOptions('generalizedEntropy', options, rules, { gamma: 0.1, top: 100 });
  return detectorOf(generalizedEntropyKind, { gamma, top });
}

/**
 * The logarithm of the mean softmax of the training rows predicted as a class, a row for each class that was
 * predicted.
 */
interface Posteriors {
  readonly logPosteriors: Matrix;
}

export const klMatchingKind: DetectorKind<Posteriors> = {
  name: 'klMatching',
  score: ({ logPosteriors }, input) =>
    scoreRows(doubleRowsOf('klMatching.score', input, 'logits', logPosteriors.cols), (z) => {
      const logs = logSoftmax(z);
      const p = logs.map(exp);
      let least = Infinity;
      for (let c = 0; c < logPosteriors.rows; c++) {
        const posterior = logPosteriors.row(c);
        let divergence = 0;
        for (let j = 0; j < p.length; j++) divergence += p[j]! * (logs[j]! - posterior[j]!);
        least = Math.min(least, divergence);
      }
      return least;
    }),
  read: (saved) => ({ logPosteriors: saved.matrix('logPosteriors') }),
};

/**
 * The least Kullback–Leibler divergence, Σ p log(p / q_c), of a row's softmax p from the mean softmax q_c of the training
 * rows predicted as class c. Hendrycks et al.: *Scaling out-of-distribution detection for real-world settings*, ICML
 * 2022. Classes that no training row is predicted as are left out; probabilities that underflow count as 5e-324.
 * @throws TypeError or RangeError for rows or options that make no sense; the signal's reason when aborted
 */
export async function klMatching(
  training: { readonly logits: MatrixLike },
  options: FitControl = {},
): Promise<Detector> {
  const who = 'klMatching';
  const logits = doubleRowsOf(who, training, 'logits');
  const breather = new Breather(checkOptions(who, options, controlRules, {}).signal);
  const k = logits.cols;
  const sums = new Float64Array(k * k);
  const counts = new Float64Array(k);
  for (let i = 0; i < logits.rows; i++) {
    const p = softmax(logits.row(i));
    const c = argmax(logits.row(i));
    counts[c]!++;
    for (let j = 0; j < k; j++) sums[c * k + j]! += p[j]!;
    if (i % 1024 === 0) await breather.breathe();
  }
  const predicted = Array.from({ length: k }, (_, c) => c).filter((c) => counts[c]! > 0);
  const logPosteriors = predicted.map((c) =>
    Array.from({ length: k }, (_, j) => log(Math.max(sums[c * k + j]! / counts[c]!, Number.MIN_VALUE))),
  );
  return detectorOf(klMatchingKind, { logPosteriors: Matrix.from(logPosteriors) });
}
