import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { fitRows } from '../gaussianMixtureSteps.ts';
import type { GaussianMixtureModel } from '../model.ts';
import { checkGaussianMixtureOptions, type GaussianMixtureOptions } from '../options.ts';
import type { Plan } from './plan.ts';

const plain: Plan = { pruned: false, settled: false };

async function fit(X: Matrix, options: GaussianMixtureOptions, plan: Plan): Promise<GaussianMixtureModel> {
  const who = 'gaussianMixture';
  return fitRows(who, X, checkGaussianMixtureOptions(who, X, options), plan);
}

/** The model, or the sentence about a component that collapsed. */
async function outcome(X: Matrix, options: GaussianMixtureOptions, plan: Plan): Promise<unknown> {
  try {
    return await fit(X, options, plan);
  } catch (error) {
    expect((error as Error).message).toContain('collapsed (covariance not positive definite)');
    return (error as Error).message;
  }
}

/** What a row of component c looks like, in each kind of mixture. */
const kinds: Record<string, (random: Random, c: number, j: number) => number> = {
  overlapping: (random, c, j) => random.normal() + (j === c ? 1.5 : 0),
  'well apart': (random, c, j) => random.normal() + 12 * (j % 3 === c % 3 ? c : 0),
  nested: (random, c) => random.normal() * 4 ** c,
  'collapsed but for one direction': (random, c, j) =>
    (j === 0 ? random.normal() : 1e-3 * random.normal()) + 3 * c,
  'heavy tails': (random, c) => random.normal() / (0.05 + random.uniform()) ** 2 + 4 * c,
  'a huge offset': (random, c) => 1e4 + random.normal() + 5 * c,
  'columns of very different scale': (random, c, j) => (random.normal() + 3 * c) * 10 ** ((j % 5) * 2 - 4),
  duplicates: (random, c) => random.integer(3) + 2 * c,
};

function mixture(kind: string, dtype: string, n: number, d: number, k: number, seed: number): Matrix {
  const random = new Random(seed);
  const values = Float64Array.from({ length: n * d }, (_, at) =>
    kinds[kind]!(random, Math.floor(at / d) % k, at % d),
  );
  return new Matrix(dtype === 'float32' ? Float32Array.from(values) : values, n, d);
}

describe.each(Object.keys(kinds))('what EM remembers of its rows does not show: %s', (kind) => {
  test.each(['float32', 'float64'] as const)('%s', async (dtype) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 60, max: 900 }),
        fc.integer({ min: 1, max: 14 }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom('kmeans', 'random', 'randomFromData'),
        fc.nat(1e6),
        async (n, d, k, init, seed) => {
          const X = mixture(kind, dtype, n, d, k, seed);
          const options = {
            nComponents: k,
            init: init as 'kmeans',
            tol: 0,
            maxIter: 25,
            regCovar: 1e-4,
            seed,
          };
          // bounds change no bit, whether rows settle or not
          for (const settled of [false, true])
            expect(await outcome(X, options, { pruned: true, settled })).toEqual(
              await outcome(X, options, { pruned: false, settled }),
            );
        },
      ),
      { numRuns: 12 },
    );
  });
});

/** Two clouds in one, far from a third, so that EM spends long on a plateau before rows change sides. */
function lateMigration(dtype: string): { X: Matrix; labels: Int32Array } {
  const random = new Random(5);
  const n = 2400;
  const d = 16;
  const values = Float64Array.from({ length: n * d }, (_, at) => {
    const c = Math.floor(at / d) % 3;
    return random.normal() + (c === 2 ? 40 : at % d === 0 ? 3 * c : 0);
  });
  const X = new Matrix(dtype === 'float32' ? Float32Array.from(values) : values, n, d);
  return { X, labels: Int32Array.from({ length: n }, (_, i) => (i % 3 === 2 ? 2 : random.integer(2))) };
}

test.each(['float32', 'float64'] as const)('rows that migrate late are followed, in %s', async (dtype) => {
  const { X, labels } = lateMigration(dtype);
  const options = { nComponents: 3, init: { labels }, tol: 0, maxIter: 150 };
  const model = await fit(X, options, plain);
  expect(await fit(X, options, { pruned: true, settled: false })).toEqual(model);
  const settled = await fit(X, options, { pruned: true, settled: true });
  const early = (await fit(X, { ...options, maxIter: 10 }, plain)).predict(X);
  const late = model.predict(X);
  expect(late.filter((label, i) => label !== early[i]).length).toBeGreaterThan(100);
  expect(settled.predict(X)).toEqual(late);
  const rounding = dtype === 'float32' ? 1e-4 : 1e-9;
  model.means.data.forEach((value, i) => {
    expect(Math.abs(settled.means.data[i]! - value)).toBeLessThan(rounding);
  });
  model.covariances.data.forEach((value, i) => {
    expect(Math.abs(settled.covariances.data[i]! - value)).toBeLessThan(rounding);
  });
});

test('settled rows give the moments that summing them anew gives', async () => {
  // three clouds far apart: every row is settled after the first iterations, weights included
  const X = mixture('well apart', 'float64', 900, 7, 3, 9);
  const labels = Int32Array.from({ length: 900 }, (_, i) => (i < 60 ? 0 : i % 3));
  const sampleWeight = Float64Array.from({ length: 900 }, (_, i) => (i % 4) / 3 + 0.1);
  const options = { nComponents: 3, init: { labels }, tol: 0, maxIter: 30, sampleWeight };
  const anew = await fit(X, options, plain);
  const settled = await fit(X, options, { pruned: false, settled: true });
  anew.covariances.data.forEach((value, i) => {
    expect(Math.abs(settled.covariances.data[i]! - value)).toBeLessThan(1e-12);
  });
  anew.means.data.forEach((value, i) => {
    expect(Math.abs(settled.means.data[i]! - value)).toBeLessThan(1e-12);
  });
  expect(settled.lowerBound).toBeCloseTo(anew.lowerBound, 12);
});

test('a row 10,000 standard deviations away (100 in float32) comes and goes without leaving digits behind', async () => {
  // it is labeled into the first cloud, which leaves it to the component that collapses onto it
  const random = new Random(3);
  const n = 600;
  const d = 3;
  for (const single of [false, true]) {
    const values = Float64Array.from({ length: n * d }, (_, at) =>
      at < d ? (single ? 1e2 : 1e4) : random.normal(),
    );
    const X = new Matrix(single ? Float32Array.from(values) : values, n, d);
    const labels = Int32Array.from({ length: n }, (_, i) => (i > 0 && i < 4 ? 1 : 0));
    const options = { nComponents: 2, init: { labels }, tol: 0, maxIter: 40, regCovar: 0.01 };
    const anew = await fit(X, options, plain);
    const settled = await fit(X, options, { pruned: true, settled: true });
    const tolerance = single ? 1e-2 : 1e-6;
    anew.covariances.data.forEach((value, i) => {
      expect(Math.abs(settled.covariances.data[i]! - value)).toBeLessThan(
        tolerance * Math.max(1, Math.abs(value)),
      );
    });
  }
});
