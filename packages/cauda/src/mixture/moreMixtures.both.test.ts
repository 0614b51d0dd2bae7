import { describe, expect, it } from 'vitest';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { bayesianGaussianMixture } from './bayesianGaussianMixture.ts';
import { gaussianMixture } from './gaussianMixture.ts';
import type { GaussianMixtureModel } from './model.ts';
import { covarianceTypes } from './options.ts';

/** Clouds around 3 points on a diagonal; with `holes`, a fifth of the entries is missing. */
function clouds(single: boolean, holes: boolean): Matrix {
  const [n, d] = [2300, 5];
  const random = new Random(1);
  const data = Float64Array.from({ length: n * d }, (_, at) => {
    const value = random.normal() + 4 * (Math.floor(at / d) % 3);
    return random.uniform() < 0.2 && holes ? NaN : value;
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
        const X = clouds(single, false);
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
        "diag float32": "54e7b3e2",
        "diag float64": "b1b8698b",
        "full float32": "e563a4f0",
        "full float64": "1017df92",
        "spherical float32": "bdbc6f1d",
        "spherical float64": "939b21c9",
        "tied float32": "5abc7905",
        "tied float64": "c814e187",
      }
    `);
  });

  it('gaussianMixture with missing entries', async () => {
    const golden: Record<string, string> = {};
    for (const covarianceType of covarianceTypes)
      for (const single of [false, true]) {
        const X = clouds(single, true);
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
        "diag float32": "ecf00c2e",
        "diag float64": "be580be2",
        "full float32": "00645389",
        "full float64": "cbd4592c",
        "spherical float32": "4f22e8f1",
        "spherical float64": "7b53a678",
        "tied float32": "943b0bfe",
        "tied float64": "fa22843a",
      }
    `);
  });
});
