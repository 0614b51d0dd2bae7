import { expect, test } from 'vitest';
import { worstError } from '../../test/oracles.ts';
import { atOnce } from '../breather.ts';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { columnMeans, covariance } from './covariance.ts';
import { principalAxes } from './principalAxes.ts';
import { symmetricEigen } from './symmetricEigen.ts';

const gaussian = (rows: number, cols: number, spread: (i: number) => number) => {
  const random = new Random(rows * 1000 + cols);
  const data = Float64Array.from({ length: rows * cols }, (_, at) => spread(at % cols) * random.normal());
  return new Matrix(data, rows, cols);
};

/** The largest entry of |V Vᵀ − 1|. */
function notOrthonormal(axes: Float64Array, k: number, d: number): number {
  let worst = 0;
  for (let a = 0; a < k; a++)
    for (let b = 0; b < k; b++) {
      let dot = 0;
      for (let j = 0; j < d; j++) dot += axes[a * d + j]! * axes[b * d + j]!;
      worst = Math.max(worst, Math.abs(dot - (a === b ? 1 : 0)));
    }
  return worst;
}

test.each([
  [2, 3],
  [5, 80],
  [30, 31],
  [40, 300],
])('fewer rows than columns (%i × %i): the axes of the covariance matrix, found from the rows', (n, d) => {
  const X = gaussian(n, d, (j) => 1 + (j % 7));
  const mean = columnMeans(X);
  const { variances, axes } = atOnce(principalAxes(X, mean));
  const whole = symmetricEigen(covariance(X, mean), d);
  expect(variances).toHaveLength(n);
  expect(worstError(variances, whole.values.subarray(0, n))).toBeLessThan(1e-12);
  expect(worstError(axes.subarray(0, (n - 1) * d), whole.vectors.subarray(0, (n - 1) * d))).toBeLessThan(
    1e-8,
  );
  expect(notOrthonormal(axes, n, d)).toBeLessThan(1e-13);
});

test('axes stay orthonormal when variances span 24 decades, and where there is no variance', () => {
  for (const X of [
    gaussian(20, 50, (j) => 10 ** (-j / 4)),
    gaussian(20, 50, (j) => (j < 3 ? 1e9 : 0)),
    gaussian(20, 50, () => 0),
    new Matrix(new Float64Array(200).fill(0.1), 4, 50),
  ]) {
    const { axes } = atOnce(principalAxes(X, columnMeans(X)));
    expect(notOrthonormal(axes, X.rows, X.cols)).toBeLessThan(1e-13);
  }
});
