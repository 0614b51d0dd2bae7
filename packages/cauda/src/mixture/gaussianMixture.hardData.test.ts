import { describe, expect, test } from 'vitest';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { covarianceTypes } from './covariance/type.ts';
import { gaussianMixture } from './gaussianMixture.ts';
import type { GaussianMixtureModel } from './model.ts';
import type { GaussianMixtureOptions } from './options.ts';

/** Two clouds of 150 rows, `gap` apart; changed by `f`. */
function clouds(gap: number, f: (value: number, row: number, column: number) => number = (x) => x): Matrix {
  const random = new Random(11);
  const n = 300;
  const d = 4;
  const data = Float64Array.from({ length: n * d }, (_, at) => {
    const row = Math.floor(at / d);
    return f(random.normal() + gap * (row % 2), row, at % d);
  });
  return new Matrix(data, n, d);
}

const single = (X: Matrix): Matrix => new Matrix(Float32Array.from(X.data), X.rows, X.cols);

/** A finite model whose lower bound never fell, or the sentence that names component, weight and remedy. */
async function finiteOrTold(
  X: Matrix,
  options: Partial<GaussianMixtureOptions>,
): Promise<GaussianMixtureModel | string> {
  let model: GaussianMixtureModel;
  try {
    model = await gaussianMixture(X, { nComponents: 2, tol: 0, maxIter: 40, ...options });
  } catch (error) {
    const { message } = error as Error;
    expect(message).toMatch(
      /^gaussianMixture: (component \d+ \(weight [\d.e-]+\)|the tied covariance) collapsed \(.*\); try fewer components, a larger regCovar, or scaled data$/,
    );
    return message;
  }
  const { weights, means, covariances, lowerBounds } = model;
  for (const array of [weights, means.data, covariances.data, lowerBounds, model.scoreSamples(X)])
    expect(array.every(Number.isFinite)).toBe(true);
  if (options.regCovar === 0) neverFalls(model, X);
  return model;
}

/** Up to rounding: of the log-densities' terms, squared distances near d and log-determinants. */
function neverFalls({ lowerBounds }: GaussianMixtureModel, X: Matrix): void {
  for (let i = 1; i < lowerBounds.length; i++) {
    const size = X.cols + Math.abs(lowerBounds[i]!);
    const rounding = X.dtype === 'float32' ? 2 ** -17 : 2 ** -40;
    expect(lowerBounds[i]! - lowerBounds[i - 1]!).toBeGreaterThan(-rounding * size);
  }
}

describe.each(covarianceTypes.map((type) => [type] as const))(
  'hard data, %s covariances',
  (covarianceType) => {
    const fitted = async (X: Matrix, options: Partial<GaussianMixtureOptions>) => {
      const model = await finiteOrTold(X, { covarianceType, ...options });
      expect(model).toBeTypeOf('object');
      return model as GaussianMixtureModel;
    };

    test('overlapping clouds fit, and the lower bound never falls', async () => {
      for (const X of [clouds(1.5), single(clouds(1.5))])
        expect((await fitted(X, { regCovar: 0 })).lowerBounds.length).toBe(40);
    });

    test('data × 1e150 and × 1e−150 give the parameters × the same', async () => {
      const plain = await fitted(clouds(6), { regCovar: 0 });
      for (const scale of [1e150, 1e-150]) {
        const model = await fitted(
          clouds(6, (x) => x * scale),
          { regCovar: 0 },
        );
        plain.means.data.forEach((value, i) => {
          expect(Math.abs(model.means.data[i]! / scale - value)).toBeLessThan(1e-9);
        });
        plain.covariances.data.forEach((value, i) => {
          expect(Math.abs(model.covariances.data[i]! / scale / scale - value)).toBeLessThan(1e-9);
        });
      }
    });

    test('a row a million standard deviations away is followed, or the component it takes is named', async () => {
      for (const init of ['kmeans', 'k-means++', 'random'] as const)
        for (const regCovar of [0, 1e-6, 1]) {
          const X = clouds(6, (x, row) => (row === 7 ? 1e6 : x));
          for (const rows of [X, single(X)]) await finiteOrTold(rows, { covarianceType, init, regCovar });
        }
      const told = await finiteOrTold(
        clouds(6, (x, row) => (row === 7 ? 1e6 : x)),
        { covarianceType, nComponents: 3, regCovar: 0 },
      );
      if (covarianceType === 'full') expect(told).toMatch(/component \d \(weight 0.00333\) collapsed/); // 1 row of 300
    });

    test('constant columns and duplicates stand on regCovar, and without it the component is named', async () => {
      const constant = clouds(6, (x, _, column) => (column === 2 ? 5 : x));
      const twins = clouds(6, (_, row, column) => (row % 2 ? 3 : -3) * (column + 1));
      for (const X of [constant, twins]) {
        await fitted(X, {});
        const told = await finiteOrTold(X, { covarianceType, regCovar: 0 });
        if (X === twins || covarianceType !== 'spherical') expect(told).toBeTypeOf('string');
      }
    });

    test('more components than distinct rows fit with regCovar', async () => {
      const X = clouds(0, (_, row, column) => (row % 3) * (column + 1));
      const labels = Int32Array.from({ length: X.rows }, (_, i) => i % 5);
      const model = await fitted(X, { nComponents: 5, init: { labels }, regCovar: 1e-3 });
      expect(model.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    });

    test('rows of weight zero change nothing', async () => {
      const X = clouds(3, (x, row) => (row >= 200 ? 1e3 * x : x));
      const sampleWeight = Float64Array.from({ length: X.rows }, (_, i) => (i < 200 ? 1 : 0));
      const labels = Int32Array.from({ length: X.rows }, (_, i) => i % 2);
      const weighted = await fitted(X, { init: { labels }, sampleWeight, regCovar: 0 });
      const without = await fitted(X.take(Array.from({ length: 200 }, (_, i) => i)), {
        init: { labels: labels.subarray(0, 200) },
        regCovar: 0,
      });
      without.covariances.data.forEach((value, i) => {
        expect(Math.abs(weighted.covariances.data[i]! - value)).toBeLessThan(
          1e-7 * Math.max(1, Math.abs(value)),
        );
      });
      expect(weighted.lowerBound).toBeCloseTo(without.lowerBound, 8);
    });
  },
);
