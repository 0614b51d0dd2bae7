import type { Metric } from '../options.ts';

/** A sum of squared distances as the cost of the metric: between unit vectors, 1 − cos is half the square. */
export function asCost(squared: number, metric: Metric): number {
  return metric === 'cosine' ? squared / 2 : squared;
}

/** A squared distance as the distance of the metric. */
export function asDistance(squared: number, metric: Metric): number {
  return metric === 'cosine' ? squared / 2 : Math.sqrt(squared);
}
