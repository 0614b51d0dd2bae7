import { Matrix } from './matrix.ts';
import type { Source } from './source.ts';

/** What weights say besides a common factor. */
export interface RelativeWeights {
  /** The weights divided by `unit`; undefined where all are equal. */
  readonly sampleWeight: Float64Array | undefined;
  /** What a relative weight of 1 stands for; totals are multiplied by it. */
  readonly unit: number;
}

/**
 * Weights without their common factor, so that no sum of them overflows or vanishes. Equal weights are none; others are
 * divided by the power of two that brings the largest to [1, 2), which rounds nothing.
 */
export function relativeWeights(weights: Float64Array | undefined): RelativeWeights {
  if (!weights) return { sampleWeight: undefined, unit: 1 };
  const most = weights.reduce((a, b) => Math.max(a, b));
  if (weights.every((weight) => weight === most)) return { sampleWeight: undefined, unit: most };
  let unit = 1;
  while (most / unit >= 2) unit *= 2;
  while (most / unit < 1) unit /= 2;
  return { sampleWeight: unit === 1 ? weights : weights.map((weight) => weight / unit), unit };
}

/** Rows that count, with their relative weights. */
export interface CountingRows<X> extends RelativeWeights {
  readonly X: X;
  /** Where these rows were among all; undefined where all count. */
  readonly indices: Int32Array | undefined;
}

/**
 * The rows of positive weight: a row of weight 0 is absent, from sums, from the origin that rows are measured from and
 * from draws.
 */
export function countingRows<X extends Matrix | Source>(
  X: X,
  weights: Float64Array | undefined,
): CountingRows<X> {
  if (!weights?.includes(0)) return { X, indices: undefined, ...relativeWeights(weights) };
  const indices = Int32Array.from(weights.keys()).filter((row) => weights[row]! > 0);
  const rows = X instanceof Matrix ? X.take(indices) : X.only(indices);
  return { X: rows as X, indices, ...relativeWeights(weights.filter((weight) => weight > 0)) };
}
