import { describe, expect, it } from 'vitest';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import type { CovarianceType } from './covariance/type.ts';
import { gaussianMixture } from './gaussianMixture.ts';
import { GaussianMixtureModel } from './model.ts';

const types: CovarianceType[] = ['full', 'tied', 'diag', 'spherical'];

/** Clouds around k points on a diagonal. */
function clouds(n: number, d: number, k: number, seed: number, single = false): Matrix {
  const random = new Random(seed);
  const data = Float64Array.from(
    { length: n * d },
    (_, at) => random.normal() + 6 * (Math.floor(at / d) % k),
  );
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

describe('gaussianMixture', () => {
  it('gives the same bits for 0, 1, 2 and 5 workers, in Node and in Chromium', async () => {
    const golden: Record<string, string> = {};
    for (const covarianceType of types)
      for (const single of [false, true]) {
        const X = clouds(4100, 5, 3, 1, single);
        const sampleWeight = Float64Array.from({ length: X.rows }, (_, i) => (i % 4) / 2);
        const fits = [];
        for (const workers of [0, 1, 2, 5])
          fits.push(
            await gaussianMixture(X, {
              nComponents: 4,
              covarianceType,
              init: {
                labels: Int32Array.from({ length: X.rows }, (_, i) => (i % 3) + (i % 6 === 5 ? 1 : 0)),
              },
              maxIter: 12,
              tol: 0,
              sampleWeight,
              workers,
            }),
          );
        const digests = fits.map(digest);
        golden[`${covarianceType} ${X.dtype}`] = digests[0]!;
        expect(new Set(digests).size).toBe(1);
        expect(fits[0]!.lowerBounds[11]).toBeGreaterThan(fits[0]!.lowerBounds[3]! + 1e-5);
        const scores = fits[0]!.scoreSamples(X);
        expect(scores).toEqual(fits[1]!.scoreSamples(X));
      }
    expect(golden).toMatchInlineSnapshot(`
      {
        "diag float32": "32dd0732",
        "diag float64": "f76a6c3d",
        "full float32": "6a9d61f1",
        "full float64": "437033d0",
        "spherical float32": "254e6499",
        "spherical float64": "e8b4a1e3",
        "tied float32": "e2da9601",
        "tied float64": "1ebc8321",
      }
    `);
  });

  it('rejects with the signal’s reason when it is aborted, with and without workers', async () => {
    for (const workers of [0, 2]) {
      const controller = new AbortController();
      const fit = gaussianMixture(clouds(3000, 4, 3, 2), {
        nComponents: 3,
        tol: 0,
        maxIter: 1e6,
        workers,
        signal: controller.signal,
        onProgress: ({ iteration }) => iteration === 3 && controller.abort(new Error('enough')),
      });
      await expect(fit).rejects.toThrow('enough');
    }
  });

  it('reports every iteration of every run', async () => {
    const events: string[] = [];
    const model = await gaussianMixture(clouds(300, 2, 2, 3), {
      nComponents: 2,
      nInit: 2,
      maxIter: 3,
      tol: 0,
      onProgress: ({ task, iteration, maxIterations, run, runs, objective }) =>
        events.push(`${task} ${iteration}/${maxIterations} ${run}/${runs} ${Number.isFinite(objective)}`),
    });
    expect(events).toEqual(
      [0, 1].flatMap((run) => [1, 2, 3].map((i) => `gaussianMixture ${i}/3 ${run}/2 true`)),
    );
    expect(model.converged).toBe(false);
  });

  it('comes back from JSON with the same bits', async () => {
    for (const covarianceType of types) {
      const X = clouds(200, 3, 2, 4);
      const model = await gaussianMixture(X, { nComponents: 2, covarianceType });
      const again = GaussianMixtureModel.fromJSON(JSON.parse(JSON.stringify(model)));
      expect(again).toEqual(model);
      expect(digest(again)).toBe(digest(model));
      expect(again.scoreSamples(X)).toEqual(model.scoreSamples(X));
      expect(again.sample(5, { seed: 3 })).toEqual(model.sample(5, { seed: 3 }));
    }
  });
});
