import { expect, test } from 'vitest';
import { kmeans } from './cluster/index.ts';
import { gaussianMixture } from './mixture/index.ts';
import { standardScaler } from './preprocess/standardScaler.ts';
import { checkWeights } from './weights.ts';

test.each([
  [[1, null, '1'], 'f: sampleWeight[1]: expected a number; got null'],
  [[1, '1', 1], 'f: sampleWeight[1]: expected a number; got "1"'],
  [[1, true, 1], 'f: sampleWeight[1]: expected a number; got true'],
  [[1, 1, 2n], 'f: sampleWeight[2]: expected a number; got 2n, a bigint'],
  [new Array(3), 'f: sampleWeight[0]: expected a number; got a hole'],
  [BigInt64Array.of(1n, 1n, 1n), 'f: sampleWeight[0]: expected a number; got 1n, a bigint'],
  [[1, 1, -1], 'f: sampleWeight[2] must be a finite number ≥ 0; got -1'],
  [[1, NaN, 1], 'f: sampleWeight[1] must be a finite number ≥ 0; got NaN'],
])('weights %o are refused', (weights, message) => {
  expect(() => checkWeights('f', weights as number[], 3)).toThrow(message);
});

test('every estimator names the weight that is no number', async () => {
  const sampleWeight = [1, null, '1'] as unknown as number[];
  const X = [[0], [1], [5]];
  const where = 'sampleWeight[1]: expected a number; got null';
  await expect(kmeans(X, { nClusters: 2, sampleWeight })).rejects.toThrow(`kmeans: ${where}`);
  await expect(gaussianMixture(X, { nComponents: 2, sampleWeight })).rejects.toThrow(
    `gaussianMixture: ${where}`,
  );
  await expect(standardScaler(X, { sampleWeight })).rejects.toThrow(`standardScaler: ${where}`);
});
