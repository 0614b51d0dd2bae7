import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../test/sources.ts';
import type { Matrix as Rows } from '../matrix.ts';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { bisectingKMeans, kmeans, kmeansPlusPlus, miniBatchKMeans } from './index.ts';

const n = 120;
const random = new Random(5);
/** Rows without clusters, so that other draws give other centers. */
const X = new Matrix(
  Float64Array.from({ length: n * 2 }, () => random.normal()),
  n,
  2,
);

type Options = { seed: number; sampleWeight?: number[] };
type Centers = (rows: Rows, options: Options) => Promise<{ centers: Matrix; labels?: Int32Array }>;

const estimators: [string, Centers][] = [
  ['kmeans, k-means++', (rows, o) => kmeans(rows, { nClusters: 5, ...o })],
  ['kmeans, random', (rows, o) => kmeans(rows, { nClusters: 5, init: 'random', nInit: 2, ...o })],
  ['kmeans, cosine', (rows, o) => kmeans(rows, { nClusters: 5, metric: 'cosine', ...o })],
  ['kmeans, observed', (rows, o) => kmeans(rows, { nClusters: 5, missing: 'observed', ...o })],
  ['kmeans of a source', (rows, o) => kmeans(sourceOf(rows, 13), { nClusters: 5, ...o })],
  ['kmeansPlusPlus', (rows, o) => kmeansPlusPlus(rows, { nClusters: 7, ...o })],
  ['miniBatchKMeans', (rows, o) => miniBatchKMeans(rows, { nClusters: 5, batchSize: 30, ...o })],
  [
    'miniBatchKMeans, random',
    (rows, o) => miniBatchKMeans(rows, { nClusters: 5, init: 'random', nInit: 2, ...o }),
  ],
  ['bisectingKMeans', (rows, o) => bisectingKMeans(rows, { nClusters: 6, ...o })],
  [
    'bisectingKMeans, k-means++',
    (rows, o) => bisectingKMeans(rows, { nClusters: 6, init: 'k-means++', nInit: 2, ...o }),
  ],
];

describe.each(estimators)('%s', (_, fit) => {
  test('weights of one are no weights, to the bit', async () => {
    for (let seed = 0; seed < 5; seed++)
      expect(await fit(X, { seed, sampleWeight: new Array(n).fill(1) })).toEqual(await fit(X, { seed }));
  });

  test('only ratios of weights matter for the centers', async () => {
    for (const weight of [2 ** -900, 0.25, 2 ** 900]) {
      const given = await fit(X, { seed: 1, sampleWeight: new Array(n).fill(weight) });
      const { centers } = await fit(X, { seed: 1 });
      expect(worst(given.centers, centers)).toBeLessThan(1e-12);
      const uneven = Array.from({ length: n }, (_, i) => 1 + (i % 3));
      const first = await fit(X, { seed: 2, sampleWeight: uneven });
      const second = await fit(X, { seed: 2, sampleWeight: uneven.map((w) => w * weight) });
      expect(worst(second.centers, first.centers)).toBeLessThan(1e-12);
    }
  });

  test('a row of weight 0 is absent, wherever it is', async () => {
    for (let seed = 0; seed < 3; seed++) {
      const without = await fit(X, { seed });
      for (const every of [2, 5]) {
        // a far row before every one of the others, or every fifth
        const rows: number[][] = [];
        const sampleWeight: number[] = [];
        X.toArray().forEach((row, i) => {
          if (i % every === 0) {
            rows.push([1e5, -1e5]);
            sampleWeight.push(0);
          }
          rows.push(row);
          sampleWeight.push(1);
        });
        const given = await fit(Matrix.from(rows), { seed, sampleWeight });
        expect(worst(given.centers, without.centers)).toBeLessThan(1e-12);
        if (!given.labels || !without.labels) continue;
        const own = given.labels.filter((_, i) => sampleWeight[i]! > 0);
        expect(own).toEqual(without.labels);
      }
    }
  });
});

test('kmeansPlusPlus never takes a row of weight 0, not even when all others are at a center', async () => {
  const { indices } = await kmeansPlusPlus([[9], [1], [1], [2], [9]], {
    nClusters: 4,
    sampleWeight: [0, 1, 1, 1, 0],
    seed: 3,
  });
  expect(Array.from(indices).every((i) => i > 0 && i < 4)).toBe(true);
});

function worst(a: Matrix, b: Matrix): number {
  expect(a.shape).toEqual(b.shape);
  return Math.max(...Array.from(a.data, (value, i) => Math.abs(value - b.data[i]!)));
}
