/** The bits of a fit over a source, in Node and in Chromium; more in src/cluster/kmeans.source.test.ts and src/mixture/gaussianMixture.source.test.ts. */
import { expect, test } from 'vitest';
import { gaussianMixture, kmeans, Matrix, Random } from '../src/index.ts';
import { sourceOf } from './sources.ts';

const random = new Random(8);
const X = new Matrix(
  Float32Array.from({ length: 9000 * 70 }, (_, at) => random.normal() + 2 * (Math.floor(at / 70) % 3)),
  9000,
  70,
);

test('kmeans over a source is kmeans in memory', async () => {
  const options = { nClusters: 4, maxIter: 6 };
  expect(await kmeans(sourceOf(X, 701), options)).toEqual(await kmeans(X, options));
});

test('gaussianMixture over a source is gaussianMixture in memory', async () => {
  const options = { nComponents: 3, maxIter: 3, init: 'randomFromData' } as const;
  expect(await gaussianMixture(sourceOf(X, 701), options)).toEqual(await gaussianMixture(X, options));
});
