import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { saveArray } from '../../serialize.ts';
import { covarianceTypes } from '../covariance/type.ts';
import { gaussianMixture } from '../gaussianMixture.ts';
import { GaussianMixtureModel } from '../model.ts';

/** n rows of d features around k points on a diagonal. */
function clouds(n: number, d: number, k: number, seed: number): Matrix {
  const random = new Random(seed);
  const data = Float64Array.from(
    { length: n * d },
    (_, at) => random.normal() + 3 * (Math.floor(at / d) % k),
  );
  return new Matrix(data, n, d);
}

describe('a saved mixture', () => {
  it('has the lower triangles of its matrices, and its format is that of its class', async () => {
    const X = clouds(40, 3, 2, 1);
    const lengths = { full: 2 * 6, tied: 6, diag: 2 * 3, spherical: 2 };
    for (const covarianceType of covarianceTypes) {
      const model = await gaussianMixture(X, { nComponents: 2, covarianceType });
      const saved = model.toJSON();
      expect([saved.format, saved.version]).toEqual(['cauda.gaussianMixture', 2]);
      expect(saved.format).toBe(GaussianMixtureModel.format);
      expect(saved.covariances.shape).toEqual(model.covariances.shape);
      expect(atob(saved.covariances.data).length).toBe(8 * lengths[covarianceType]);
    }
  });

  it('takes half the room when it is rounded to what float32 holds', async () => {
    const model = await gaussianMixture(clouds(60, 8, 2, 2), { nComponents: 2 });
    const rounded = model.rounded();
    rounded.means.data.forEach((value, i) => {
      expect(value).toBe(Math.fround(model.means.data[i]!));
    });
    rounded.covariances.data.forEach((value, i) => {
      expect(value).toBe(Math.fround(model.covariances.data[i]!));
    });
    expect(rounded.weights).toEqual(model.weights);
    const length = (saved: GaussianMixtureModel) => saved.toJSON().covariances.data.length;
    expect(length(rounded)).toBe(length(model) / 2);
    expect(GaussianMixtureModel.fromJSON(JSON.parse(JSON.stringify(rounded)))).toEqual(rounded);
  });

  it('is not rounded where float32 is too coarse for it', async () => {
    const init = {
      weights: [1],
      means: [[0, 0]],
      precisions: { data: [1, 0, 0, 1e60], shape: [1, 2, 2] }, // a variance that float32 has no number for
    };
    const model = await gaussianMixture([[0, 0]], { nComponents: 1, init, maxIter: 0 });
    expect(model.rounded()).toBe(model);
    const huge = { ...init, means: [[1e300, 0]], precisions: { data: [1, 0, 0, 1], shape: [1, 2, 2] } };
    const far = await gaussianMixture([[0, 0]], { nComponents: 1, init: huge, maxIter: 0 });
    expect(far.rounded()).toBe(far);
  });

  it('is read back to the bit, whatever the mixture', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom(...covarianceTypes),
        fc.integer({ min: 0, max: 1e6 }),
        async (d, k, covarianceType, seed) => {
          const X = clouds(30, d, k, seed);
          const model = await gaussianMixture(X, { nComponents: k, covarianceType, maxIter: 2, seed });
          const again = GaussianMixtureModel.fromJSON(JSON.parse(JSON.stringify(model)));
          expect(again).toEqual(model);
          expect(again.predictProba(X)).toEqual(model.predictProba(X));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('refuses anything but a saved model, naming the field', async () => {
    const saved = JSON.parse(JSON.stringify(await gaussianMixture(clouds(20, 2, 2, 17), { nComponents: 2 })));
    const refused = (change: object, message: string) =>
      expect(() => GaussianMixtureModel.fromJSON({ ...saved, ...change })).toThrow(
        `GaussianMixtureModel.fromJSON: ${message}`,
      );
    const packed = (values: number[], shape?: number[]) => saveArray(Float64Array.from(values), shape);
    refused({ format: 'cauda.kmeans' }, 'expected a saved "cauda.gaussianMixture"; got "cauda.kmeans"');
    refused({ version: 1 }, 'this Cauda reads version 2 of "cauda.gaussianMixture"; got version 1');
    refused(
      { covarianceType: 'round' },
      'covarianceType must be "full" or "tied" or "diag" or "spherical"; got "round"',
    );
    refused({ weights: packed([1]) }, 'weights must be an array of 2 numbers; got an object (Object)');
    refused({ weights: packed([0.5, 0.625]) }, 'weights must be ≥ 0 and sum to 1; got a sum of 1.125');
    refused(
      { means: { ...saved.means, shape: [2, 3] } },
      'means.data must hold 6 float64 values, 48 bytes; got 32',
    );
    refused({ covariances: null }, 'covariances must be an array of 2 × 2 × 2; got null');
    refused(
      { covariances: packed([1, 0, 0, 1, 1, 0, 0, 1], [2, 4]) },
      'covariances must be an array of 2 × 2 × 2; got an object (Object)',
    );
    refused(
      { covariances: packed([1, 0, 0, 1, 1, 0, 0, -1], [2, 2, 2]) },
      'covariances of component 1 must be positive definite',
    );
    refused(
      { covariances: packed([1, 0.5, 0, 1, 1, 0, 0, 1], [2, 2, 2]) },
      'covariances must be symmetric; got 0 at [1, 0] and 0.5 at [0, 1]',
    );
    refused({ lowerBounds: [1] }, 'lowerBounds must be an array of numbers; got an array of 1');
    refused({ lowerBounds: packed([NaN], [1]) }, 'lowerBounds[0] must be a finite number; got NaN');
    refused({ converged: 1 }, 'converged must be true or false; got 1');
    for (const value of [null, undefined, 3, 'x', [], {}])
      expect(() => GaussianMixtureModel.fromJSON(value)).toThrow('GaussianMixtureModel.fromJSON: expected');
  });
});
