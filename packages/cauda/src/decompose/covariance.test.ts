import { describe, expect, test } from 'vitest';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { columnMeans, covariance } from './covariance.ts';

/** The covariance by its definition, in float64. */
function byDefinition(X: Matrix, mean: Float64Array): number[] {
  const { rows, cols, data } = X;
  return Array.from({ length: cols * cols }, (_, at) => {
    const i = Math.floor(at / cols);
    const j = at % cols;
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += (data[r * cols + i]! - mean[i]!) * (data[r * cols + j]! - mean[j]!);
    return sum / (rows - 1);
  });
}

describe.each([
  ['float64', Float64Array, 1e-14],
  ['float32', Float32Array, 1e-6],
] as const)('covariance in %s', (_, Floats, tolerance) => {
  test('is that of the definition at every width 1 … 33, around 64, and around a block of rows', () => {
    const random = new Random(7);
    const sizes = [...Array.from({ length: 33 }, (_, d) => [10 + d, d + 1]), [63, 8], [64, 9], [65, 64]];
    sizes.push([130, 63], [200, 128]);
    for (const [rows, cols] of sizes as [number, number][]) {
      const X = new Matrix(
        new Floats(rows * cols).map(() => 5 + random.normal()),
        rows,
        cols,
      );
      const mean = columnMeans(X);
      const expected = byDefinition(X, mean);
      const ours = covariance(X, mean);
      let worst = 0;
      for (let at = 0; at < ours.length; at++) worst = Math.max(worst, Math.abs(ours[at]! - expected[at]!));
      expect(worst, `${rows} × ${cols}`).toBeLessThan(tolerance);
      for (let i = 0; i < cols; i++)
        for (let j = 0; j < i; j++) expect(ours[i * cols + j]).toBe(ours[j * cols + i]);
    }
  });
});

test('columnMeans of an offset of 1e9 are right to the last digits', () => {
  const X = new Matrix(Float64Array.of(1e9 + 1, 0, 1e9 + 2, 2, 1e9 + 6, 4), 3, 2);
  expect([...columnMeans(X)]).toEqual([1e9 + 3, 2]);
});
