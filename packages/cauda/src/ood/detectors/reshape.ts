import { checkOptions, controlRules, oneOf, type Rule } from '../../check.ts';
import { columnMeans } from '../../decompose/covariance.ts';
import { exp } from '../../kernels/elementary.ts';
import { Matrix } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import { percentile, total } from '../../vectors.ts';
import { type Detector, type DetectorKind, detectorOf } from './base/detector.ts';
import { doubleRowsOf, scoreRows } from './base/input.ts';
import { checkHead, type Head, type HeadParts, logitsOf, readHead } from './head.ts';
import { logSumExp } from './softmax.ts';
import type { HeadTraining } from './training.ts';

/** Detectors that change the features, or the head, before the logits, and score these by their energy. */

export interface PercentileOptions extends FitControl {
  /** In [0, 100); defaults to 90. */
  percentile?: number;
}

export interface AshOptions extends PercentileOptions {
  /**
   * What happens to the activations that are kept: nothing ("p"), all become their share of the whole sum ("b"), or
   * they grow by exp(whole sum / kept sum) ("s"). Defaults to "s".
   */
  variant?: 'p' | 'b' | 's';
}

const percentileRule: Rule = {
  expected: 'a number in [0, 100)',
  kind: (value) => typeof value === 'number',
  range: (value: number) => value >= 0 && value < 100,
};

function checkPercentile(who: string, options: PercentileOptions): number {
  const rules = { ...controlRules, percentile: percentileRule };
  const { percentile, signal } = checkOptions(who, options, rules, { percentile: 90 });
  signal?.throwIfAborted();
  return percentile;
}

/** −log Σ exp of the logits that the head gives to the features. */
function energyOf(head: HeadParts, features: Matrix): Float64Array {
  return scoreRows(logitsOf(head, features), (z) => -logSumExp(z));
}

interface Clip extends HeadParts {
  readonly threshold: number;
}

export const reactKind: DetectorKind<Clip> = {
  name: 'react',
  score: (parts, input) => {
    const { data, rows, cols } = doubleRowsOf('react.score', input, 'features', parts.weights.cols);
    const clipped = data.map((value) => Math.min(value, parts.threshold));
    return energyOf(parts, new Matrix(clipped, rows, cols));
  },
  read: (saved) => ({ ...readHead(saved), threshold: saved.number('threshold') }),
};

/**
 * The energy after no activation is let above a percentile of all training activations. Sun, Guo and Li: *ReAct:
 * Out-of-distribution detection with rectified activations*, NeurIPS 2021.
 * @throws TypeError or RangeError for rows or options that make no sense; the signal's reason when aborted
 */
export async function react(training: HeadTraining, options: PercentileOptions = {}): Promise<Detector> {
  const features = doubleRowsOf('react', training, 'features');
  const threshold = percentile(features.data, checkPercentile('react', options));
  return detectorOf(reactKind, { ...checkHead('react', training.head, features.cols), threshold });
}

interface Shape extends HeadParts {
  /** One of ASH's variants, or "scale", where all activations grow as those do that variant "s" keeps. */
  readonly variant: 'p' | 'b' | 's' | 'scale';
  readonly percentile: number;
}

/** ASH and SCALE differ only in what happens to the activations that are not kept. */
function shapeKind(name: string, variants: readonly Shape['variant'][]): DetectorKind<Shape> {
  return {
    name,
    score: (parts, input) => {
      const who = `${name}.score`;
      const features = doubleRowsOf(who, input, 'features', parts.weights.cols);
      return energyOf(parts, reshaped(who, features, parts));
    },
    read: (saved) => {
      const percentile = saved.number('percentile', 0, 100);
      if (percentile === 100) saved.fail('percentile', percentileRule.expected);
      return { ...readHead(saved), percentile, variant: saved.choice('variant', variants) };
    },
  };
}

export const ashKind: DetectorKind<Shape> = shapeKind('ash', ['p', 'b', 's']);
export const scaleKind: DetectorKind<Shape> = shapeKind('scale', ['scale']);

/**
 * The energy after, in each row, only the largest activations are kept, those above its percentile; the others become
 * 0. Djurisic, Bozanic, Ashok and Liu: *Extremely simple activation shaping for out-of-distribution detection*, ICLR
 * 2023. For activations ≥ 0, as after a ReLU; it needs no training rows.
 * @throws TypeError or RangeError for a head or options that make no sense; the signal's reason when aborted
 */
export async function ash(training: { readonly head: Head }, options: AshOptions = {}): Promise<Detector> {
  const rules = { ...controlRules, percentile: percentileRule, variant: oneOf('p', 'b', 's') };
  const defaults = { percentile: 90, variant: 's' as const };
  const { percentile, variant, signal } = checkOptions('ash', options, rules, defaults);
  signal?.throwIfAborted();
  return detectorOf<Shape>(ashKind, { ...checkHead('ash', training?.head), percentile, variant });
}

/**
 * The energy after all activations of a row grow by exp(its whole sum / the sum of those above its percentile). Xu,
 * Chen, Franchi and Yao: *Scaling for training time and post-hoc out-of-distribution detection enhancement*, ICLR
 * 2024. For activations ≥ 0, as after a ReLU; it needs no training rows.
 * @throws TypeError or RangeError for a head or options that make no sense; the signal's reason when aborted
 */
export async function scale(
  training: { readonly head: Head },
  options: PercentileOptions = {},
): Promise<Detector> {
  const head = checkHead('scale', training?.head);
  return detectorOf<Shape>(scaleKind, {
    ...head,
    percentile: checkPercentile('scale', options),
    variant: 'scale',
  });
}

/** Beyond this, exp of the ratio would soon overflow; float32 code overflows at 88. */
const LARGEST_EXPONENT = 80;

function reshaped(who: string, { data, rows, cols }: Matrix, { variant, percentile }: Shape): Matrix {
  const wrong = data.findIndex((value) => value < 0);
  if (wrong >= 0)
    throw new RangeError(
      `${who}: features must be ≥ 0, as after a ReLU; got ${data[wrong]} in row ${Math.floor(wrong / cols)}`,
    );
  const count = Math.max(1, cols - Math.round((cols * percentile) / 100));
  const result = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * cols, (i + 1) * cols);
    const largest = Array.from(row.keys())
      .sort((a, b) => row[b]! - row[a]! || a - b)
      .slice(0, count);
    const whole = total(row);
    const kept = total(largest.map((j) => row[j]!));
    if (kept === 0) continue; // nothing but zeros
    const growth = exp(Math.min(whole / kept, LARGEST_EXPONENT));
    if (variant === 'scale') for (let j = 0; j < cols; j++) result[i * cols + j] = row[j]! * growth;
    else
      for (const j of largest)
        result[i * cols + j] = { p: row[j]!, b: whole / count, s: row[j]! * growth }[variant];
  }
  return new Matrix(result, rows, cols);
}

export const diceKind: DetectorKind<HeadParts> = {
  name: 'dice',
  score: (parts, input) => energyOf(parts, doubleRowsOf('dice.score', input, 'features', parts.weights.cols)),
  read: (saved) => readHead(saved),
};

/**
 * The energy of a head that keeps only the weights that contribute most: those whose product with the mean training
 * activation is above the percentile of all such products. Sun and Li: *DICE: Leveraging sparsification for
 * out-of-distribution detection*, ECCV 2022.
 * @throws TypeError or RangeError for rows or options that make no sense; the signal's reason when aborted
 */
export async function dice(training: HeadTraining, options: PercentileOptions = {}): Promise<Detector> {
  const features = doubleRowsOf('dice', training, 'features');
  const { weights, bias } = checkHead('dice', training.head, features.cols);
  const mean = columnMeans(features);
  const contributions = weights.data.map((weight, at) => weight * mean[at % mean.length]!);
  const threshold = percentile(contributions, checkPercentile('dice', options));
  const kept = weights.data.map((weight, at) => (contributions[at]! > threshold ? weight : 0));
  return detectorOf(diceKind, { weights: new Matrix(kept, weights.rows, weights.cols), bias });
}
