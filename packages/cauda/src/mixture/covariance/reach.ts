import type { Precision } from '../../kernels/kernels.ts';
import { type CovarianceType, varianceAt } from './type.ts';

/** The error that rounding a row may make, in a component's standard deviations: its square is 2⁻¹² of a variance. */
const MOST_ERROR = { F32: 2 ** -6, F64: 2 ** -20 };

/**
 * Whether rounding the rows, measured from an origin, takes more than a few bits of a component whose mean is `reach`
 * standard deviations from there: a row of it is rounded by as much as u × reach, u = 2⁻²⁴ in float32, 2⁻⁵³ in float64.
 */
export function isCoarse(reach: number, precision: Precision): boolean {
  return !(reach * (precision === 'F32' ? 2 ** -24 : 2 ** -53) <= MOST_ERROR[precision]);
}

/** The furthest that a mean is from the origin in one column, in the component's standard deviations there. */
export function columnReach(
  type: CovarianceType,
  means: Float64Array,
  covariances: Float64Array,
  d: number,
): number {
  return means.reduce((most, mean, i) => {
    const variance = covariances[varianceAt(type, Math.floor(i / d), i % d, d)]!;
    return mean === 0 ? most : Math.max(most, Math.abs(mean) / Math.sqrt(Math.max(0, variance)));
  }, 0);
}
