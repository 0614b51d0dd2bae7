import type { Metric } from '../options.ts';

/** Turns a sum of squared distances into the cost of the metric: between unit vectors 1 − cos is half the square. */
export function asCost(squared: number, metric: Metric): number {
  return metric === 'cosine' ? squared / 2 : squared;
}

/** Turns a squared distance into the distance of the metric. */
export function asDistance(squared: number, metric: Metric): number {
  return metric === 'cosine' ? squared / 2 : Math.sqrt(squared);
}
