import { describe, expect, test } from 'vitest';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { gaussianMixture } from '../gaussianMixture.ts';
import { TiedScatter } from './scatter.ts';

const n = 3000;
const d = 6;

/** Three correlated clouds, `apart` standard deviations from each other. */
function clouds(apart: number): { X: Matrix; labels: Int32Array } {
  const random = new Random(4);
  const data = new Float64Array(n * d);
  for (let i = 0; i < n; i++) {
    const shared = random.normal();
    for (let j = 0; j < d; j++)
      data[i * d + j] = 0.5 * random.normal() + shared + (j === 1 ? apart * (i % 3) : 0);
  }
  return { X: new Matrix(data, n, d), labels: Int32Array.from({ length: n }, (_, i) => i % 3) };
}

/** The tied covariance of known components: their rows' products around their means. */
function within(X: Matrix, labels: Int32Array, weight: (i: number) => number): Float64Array {
  const means = Array.from({ length: 3 }, () => new Float64Array(d));
  const totals = [0, 0, 0];
  for (let i = 0; i < n; i++) totals[labels[i]!]! += weight(i);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < d; j++)
      means[labels[i]!]![j]! += (weight(i) * X.data[i * d + j]!) / totals[labels[i]!]!;
  const S = new Float64Array(d * d);
  for (let i = 0; i < n; i++)
    for (let a = 0; a < d; a++)
      for (let b = 0; b < d; b++)
        S[a * d + b]! +=
          weight(i) *
          (X.data[i * d + a]! - means[labels[i]!]![a]!) *
          (X.data[i * d + b]! - means[labels[i]!]![b]!);
  const whole = totals.reduce((a, b) => a + b);
  return S.map((value) => value / whole);
}

describe('the scatter of all rows', () => {
  // far apart, every row is wholly in its component: the answer is known
  test.each([
    ['gives tied covariances where it has the digits', 100, 1e-11],
    ['is given up where the means are so far apart that it has not', 1e7, 1e-7],
  ])('%s', async (_, apart, tolerance) => {
    const { X, labels } = clouds(apart);
    const sampleWeight = Float64Array.from({ length: n }, (_, i) => 0.5 + (i % 4));
    const options = { nComponents: 3, covarianceType: 'tied', init: { labels }, sampleWeight } as const;
    const model = await gaussianMixture(X, { ...options, regCovar: 0, tol: 0, maxIter: 3 });
    const wanted = within(X, labels, (i) => sampleWeight[i]!);
    model.covariances.data.forEach((value, at) => {
      expect(Math.abs(value - wanted[at]!)).toBeLessThan(tolerance);
    });
  });

  test('knows which covariances it has digits for', async () => {
    // one row and the products 4, 2, 9 around the origin: variances far below them are lost
    const sums = { sum: async () => Float64Array.of(1, 4, 2, 9) };
    const scatter = await TiedScatter.of(sums as never, 2);
    expect(scatter.hasDigitsFor(Float64Array.of(1, 0, 0, 1))).toBe(true);
    expect(scatter.hasDigitsFor(Float64Array.of(4e-6, 0, 0, 9))).toBe(true);
    expect(scatter.hasDigitsFor(Float64Array.of(3e-6, 0, 0, 9))).toBe(false);
    expect(scatter.hasDigitsFor(Float64Array.of(1, 1, 1, 1 + 8e-6))).toBe(false); // nearly collinear
    expect(scatter.hasDigitsFor(Float64Array.of(1, 2, 2, 1))).toBe(false);
    // around (1, 1): 4 − 2 s − n, with s = 1 of n = 1
    const moments = { total: Float64Array.of(1), first: Float64Array.of(1, 2), second: new Float64Array() };
    expect(Array.from(scatter.complete(moments, Float64Array.of(1, 1)).second)).toEqual([1, -2, 4]);
  });
});
