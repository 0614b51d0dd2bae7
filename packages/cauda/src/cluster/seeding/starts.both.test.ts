import { describe, expect, test } from 'vitest';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { kmeans } from '../index.ts';

/** Rows around `k` places. */
function clouds(n: number, d: number, k: number, dtype: 'float32' | 'float64' = 'float64'): Matrix {
  const random = new Random(9);
  const places = Float64Array.from({ length: k * d }, () => 5 * random.normal());
  const data = new (dtype === 'float64' ? Float64Array : Float32Array)(n * d).map(
    (_, i) => places[(Math.floor(i / d) % k) * d + (i % d)]! + random.normal(),
  );
  return new Matrix(data, n, d);
}

describe('a start from labels', () => {
  test('is the start from their means, by hand', async () => {
    // labels {0, 13} and {1, 10}: means 6.5 and 5.5; then {10, 13} and {0, 1}: 11.5 and 0.5
    const X = [[0], [1], [10], [13]];
    const options = { nClusters: 2, init: { labels: [0, 1, 1, 0] } };
    const once = await kmeans(X, { ...options, maxIter: 1 });
    expect(once.centers.toArray()).toEqual([[11.5], [0.5]]);
    const weighted = await kmeans(X, {
      nClusters: 2,
      init: { labels: [0, 0, 1, 1] },
      sampleWeight: [3, 1, 0, 2],
      maxIter: 1,
      tol: 0,
    });
    expect(weighted.centers.toArray()).toEqual([[0.25], [13]]);
  });

  test('stays at a labeling that no row wants to leave', async () => {
    const X = clouds(300, 3, 4);
    const { labels, centers } = await kmeans(X, { nClusters: 4, tol: 0, nInit: 3 });
    const again = await kmeans(X, { nClusters: 4, init: { labels }, tol: 0 });
    expect(again.labels).toEqual(labels);
    expect(again.nIter).toBeLessThanOrEqual(2); // the second only finds that they rest
    again.centers.data.forEach((value, i) => {
      expect(value).toBeCloseTo(centers.data[i]!, 10);
    });
  });

  test('takes the column’s mean where a label has observed nothing', async () => {
    const X = [
      [0, 1],
      [1, 3],
      [8, NaN],
      [9, NaN],
    ];
    const model = await kmeans(X, { nClusters: 2, init: { labels: [0, 0, 1, 1] }, missing: 'observed' });
    expect(model.centers.toArray()).toEqual([
      [0.5, 2],
      [8.5, 2],
    ]);
  });

  test.each([
    [[0, 1], 'kmeans: init.labels must have one label a row, 3; got an array of 2'],
    [[0, 1, 2], 'kmeans: init.labels[2] must be an integer in [0, 1]; got 2'],
    [[0, 1, NaN], 'kmeans: init.labels[2] must be an integer in [0, 1]; got NaN'],
    [[1, 1, 1], 'kmeans: init.labels gives cluster 0 no row; give each of the 2 at least one'],
    [undefined, 'kmeans: init.labels must have one label a row, 3; got undefined'],
  ])('labels %j are refused', async (labels, message) => {
    const fit = kmeans([[1], [2], [3]], { nClusters: 2, init: { labels } as never });
    await expect(fit).rejects.toThrow(message);
  });

  test('a label whose rows weigh nothing is refused', async () => {
    const fit = kmeans([[1], [2]], { nClusters: 2, init: { labels: [0, 1] }, sampleWeight: [1, 0] });
    await expect(fit).rejects.toThrow('kmeans: init.labels gives cluster 1 no row of positive weight; give');
  });
});
