import { describe, expect, it } from 'vitest';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { covarianceTypes } from '../covariance/type.ts';
import type { GaussianMixtureModel } from '../model.ts';
import { bayesianGaussianMixture } from './bayesianGaussianMixture.ts';

/** Clouds around 3 points on a diagonal. */
function clouds(single: boolean): Matrix {
  const [n, d] = [2300, 5];
  const random = new Random(1);
  const data = Float64Array.from({ length: n * d }, (_, at) => {
    const value = random.normal() + 4 * (Math.floor(at / d) % 3);
    random.uniform(); // as when the digests were made
    return value;
  });
  return new Matrix(single ? Float32Array.from(data) : data, n, d);
}

/** FNV-1a over the bytes of the parameters. */
function digest({ weights, means, covariances, lowerBounds }: GaussianMixtureModel): string {
  let hash = 0x811c9dc5;
  for (const { buffer, byteOffset, byteLength } of [weights, means.data, covariances.data, lowerBounds])
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength))
      hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

const labels = Int32Array.from({ length: 2300 }, (_, i) => i % 4);

describe('the same bits for 0, 1, 2 and 5 workers, in Node and in Chromium', () => {
  it('bayesianGaussianMixture', async () => {
    const golden: Record<string, string> = {};
    for (const covarianceType of covarianceTypes)
      for (const single of [false, true]) {
        const X = clouds(single);
        const digests = new Set<string>();
        for (const workers of [0, 1, 2, 5])
          digests.add(
            digest(
              await bayesianGaussianMixture(X, {
                nComponents: 4,
                covarianceType,
                weightConcentrationPriorType: single ? 'dirichletDistribution' : 'dirichletProcess',
                init: { labels },
                maxIter: 6,
                tol: 0,
                workers,
              }),
            ),
          );
        expect(digests.size).toBe(1);
        golden[`${covarianceType} ${X.dtype}`] = [...digests][0]!;
      }
    expect(golden).toMatchInlineSnapshot(`
      {
        "diag float32": "33d8e70b",
        "diag float64": "cd1c462e",
        "full float32": "fb9181ca",
        "full float64": "8bd27c3d",
        "spherical float32": "e1841eab",
        "spherical float64": "959360e9",
        "tied float32": "204d6e70",
        "tied float64": "9b6e9adb",
      }
    `);
  });
});
