import { describe, expect, it } from 'vitest';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { covarianceTypes } from '../covariance/type.ts';
import { gaussianMixture } from '../gaussianMixture.ts';
import type { GaussianMixtureModel } from '../model.ts';

/** Clouds around 3 points on a diagonal, of whose entries a fifth is missing. */
function clouds(single: boolean): Matrix {
  const [n, d] = [2300, 5];
  const random = new Random(1);
  const data = Float64Array.from({ length: n * d }, (_, at) => {
    const value = random.normal() + 4 * (Math.floor(at / d) % 3);
    return random.uniform() < 0.2 ? NaN : value;
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
  it('gaussianMixture with missing entries', async () => {
    const golden: Record<string, string> = {};
    for (const covarianceType of covarianceTypes)
      for (const single of [false, true]) {
        const X = clouds(single);
        const digests = new Set<string>();
        for (const workers of [0, 1, 2, 5]) {
          const model = await gaussianMixture(X, {
            nComponents: 4,
            covarianceType,
            init: { labels },
            missing: 'observed',
            maxIter: 6,
            tol: 0,
            workers,
          });
          digests.add(digest(model) + model.impute(X.take([0, 1, 2])).data.join());
        }
        expect(digests.size).toBe(1);
        golden[`${covarianceType} ${X.dtype}`] = [...digests][0]!.slice(0, 8);
      }
    expect(golden).toMatchInlineSnapshot(`
      {
        "diag float32": "df162c46",
        "diag float64": "3f09785b",
        "full float32": "d69fc924",
        "full float64": "69e1deaa",
        "spherical float32": "014f4892",
        "spherical float64": "7b53a678",
        "tied float32": "0a170a72",
        "tied float64": "d3278316",
      }
    `);
  });
});
