import { expect, test } from 'vitest';
import { kmeans } from './cluster/index.ts';
import { adjustedRandScore, mutualInfoScore, pairConfusionMatrix, silhouetteScore } from './index.ts';
import { checkGrouping, checkLabels, integersOf, type Labels } from './labels.ts';
import { classGaussianMixture, gaussianMixture } from './mixture/index.ts';
import { mlpClassifier } from './nn/index.ts';
import { labelConditionalPValues, mahalanobis } from './ood/index.ts';

test('labels of 64 bits, which runtimes hand out, are labels everywhere', async () => {
  const labels = [0, 1, 1, 0, 0, 1];
  const long = BigInt64Array.from(labels, BigInt);
  const X = [
    [0, 1],
    [5, 6],
    [6, 5],
    [1, 0],
    [1, 2],
    [5, 4],
  ];
  const answers = async (given: Labels): Promise<unknown[]> => [
    checkLabels('f', given, 6),
    checkGrouping('f: labels', given, 6, 2, 'cluster'),
    adjustedRandScore(given, labels),
    mutualInfoScore(labels, given),
    pairConfusionMatrix(given, given).data,
    await silhouetteScore(X, given),
    (await kmeans(X, { nClusters: 2, init: { labels: given } })).centers.data,
    (await gaussianMixture(X, { nComponents: 2, init: { labels: given } })).means.data,
    (await classGaussianMixture(X, given)).means.data,
    (await mlpClassifier(X, given, { hiddenLayers: [2], epochs: 1 })).score(X, given),
    (await mahalanobis({ features: X, labels: given })).score({ features: X }),
    labelConditionalPValues([1, 2, 3, 4, 5, 6], given, [2, 4], {
      labels: given instanceof BigInt64Array ? BigInt64Array.of(0n, 1n) : [0, 1],
    }),
  ];
  expect(await answers(long)).toEqual(await answers(labels));
});

test.each([
  [[0, null], 'f: labels[1] must be a 32-bit integer; got null'],
  [[0, '1'], 'f: labels[1] must be a 32-bit integer; got "1"'],
  [[0, true], 'f: labels[1] must be a 32-bit integer; got true'],
  [[0, 0.5], 'f: labels[1] must be a 32-bit integer; got 0.5'],
  [new Array(2), 'f: labels[0] must be a 32-bit integer; got a hole'],
  [[0, 2n ** 40n], 'f: labels[1] must be a 32-bit integer; got 1099511627776n, a bigint'],
  [[0], 'f: labels has 1 entries but X has 2 rows'],
  [null, 'f: labels must be an array of integers, one a row; got null'],
  ['01', 'f: labels must be an array of integers, one a row; got "01"'],
])('labels %o are refused', (labels, message) => {
  expect(() => checkLabels('f', labels as Labels, 2)).toThrow(message);
});

test('any integers that doubles hold are labels of a score; others are named', () => {
  expect(integersOf('f', [-5, 2n ** 52n])).toEqual(Float64Array.of(-5, 2 ** 52));
  expect(() => integersOf('f: a', [1, 2n ** 60n])).toThrow(
    'f: a[1] must be an integer; got 1152921504606846976n',
  );
  expect(() => integersOf('f: a', [null] as unknown as Labels)).toThrow(
    'f: a[0] must be an integer; got null',
  );
  expect(() => adjustedRandScore(null as unknown as Labels, [1])).toThrow(
    'adjustedRandScore: labelsTrue must be an array of integers; got null',
  );
});
