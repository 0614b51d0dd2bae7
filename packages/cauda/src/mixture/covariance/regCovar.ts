import type { Rule } from '../../check.ts';
import type { Matrix } from '../../matrix.ts';
import { columnMoments } from './columns.ts';

/** What is added to the diagonal of every covariance: a number, or a share of the mean variance of the columns. */
export type RegCovar = number | { readonly relative: number };

/** The rule of `regCovar` in all its forms. */
export const regCovarRule: Rule = {
  expected: 'a finite number in [0, ∞) or { relative: such a number }',
  kind: (value) => typeof amountOf(value) === 'number',
  range: (value: RegCovar) => amountOf(value) >= 0 && amountOf(value) < Infinity,
};

const amountOf = (value: unknown): number =>
  (typeof value === 'object' ? (value as { relative?: number } | null)?.relative : value) as number;

/** What is added to the variances. */
export function absoluteRegCovar(regCovar: RegCovar, X: Matrix, weights: Float64Array | undefined): number {
  if (typeof regCovar === 'number') return regCovar;
  const { variances } = columnMoments(X, weights);
  return (regCovar.relative * variances.reduce((sum, variance) => sum + variance, 0)) / variances.length;
}
