import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceOf } from '../../../test/sources.ts';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { saveArray } from '../../serialize.ts';
import { covarianceTypes } from '../covariance/type.ts';
import { GaussianMixtureModel } from '../model.ts';
import { bayesianGaussianMixture } from './bayesianGaussianMixture.ts';
import { BayesianGaussianMixtureModel } from './model.ts';
import type { BayesianGaussianMixtureOptions } from './options.ts';

/** Clouds of unit variance, `gap` apart on the diagonal. */
function clouds(n: number, d: number, k: number, seed: number, gap = 8): Matrix {
  const random = new Random(seed);
  return new Matrix(
    Float64Array.from({ length: n * d }, (_, at) => random.normal() + gap * (Math.floor(at / d) % k)),
    n,
    d,
  );
}

const priorTypes = ['dirichletProcess', 'dirichletDistribution'] as const;

describe('bayesianGaussianMixture', () => {
  it('by hand: one component on the line is the conjugate posterior of a normal', async () => {
    // x = 1, 3: N = 2, mean 2, variance 1; β₀ = 1, m₀ = 0, ν₀ = 1, W₀⁻¹ = 1, so β = 3, m = 4/3, ν = 3,
    // ν × covariance = 1 + 2 · 1 + (2 · 1 / 3) · 2² = 17/3
    for (const covarianceType of covarianceTypes) {
      const model = await bayesianGaussianMixture([[1], [3]], {
        nComponents: 1,
        covarianceType,
        weightConcentrationPriorType: 'dirichletDistribution',
        weightConcentrationPrior: 0.5,
        meanPrior: [0],
        covariancePrior: { full: [[1]], tied: [[1]], diag: [1], spherical: 1 }[covarianceType],
        regCovar: 0,
      });
      expect(Array.from(model.weights)).toEqual([1]);
      expect(model.weightConcentration.data[0]).toBeCloseTo(2.5, 12);
      expect(model.meanPrecision[0]).toBeCloseTo(3, 12);
      expect(model.degreesOfFreedom[0]).toBeCloseTo(3, 12);
      expect(model.means.data[0]).toBeCloseTo(4 / 3, 12);
      expect(model.covariances.data[0]).toBeCloseTo(17 / 9, 12);
      expect(model.priors).toEqual({
        weightConcentration: 0.5,
        meanPrecision: 1,
        mean: Float64Array.of(0),
        degreesOfFreedom: 1,
        covariance: Float64Array.of(1),
      });
    }
  });

  it('leaves components that the data do not need without weight', async () => {
    const X = clouds(600, 2, 3, 1);
    for (const weightConcentrationPriorType of priorTypes) {
      const model = await bayesianGaussianMixture(X, {
        nComponents: 8,
        weightConcentrationPriorType,
        weightConcentrationPrior: 1e-3,
        maxIter: 500,
        seed: 2,
      });
      expect(model.weights.filter((weight) => weight > 0.01)).toHaveLength(3);
      expect(model.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 14);
      expect(new Set(model.predict(X)).size).toBe(3);
    }
  });

  it('never lets the lower bound fall', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...covarianceTypes),
        fc.constantFrom(...priorTypes),
        fc.constantFrom('kmeans', 'random', 'k-means++', 'randomFromData'),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 1e6 }),
        async (covarianceType, weightConcentrationPriorType, init, k, seed) => {
          const { lowerBounds } = await bayesianGaussianMixture(clouds(90, 3, 3, seed, 2), {
            nComponents: k,
            covarianceType,
            weightConcentrationPriorType,
            init: init as 'random',
            regCovar: 0,
            tol: 0,
            maxIter: 15,
            seed,
          });
          for (let i = 1; i < lowerBounds.length; i++)
            expect(lowerBounds[i]! - lowerBounds[i - 1]!).toBeGreaterThan(
              -1e-9 * Math.max(1, Math.abs(lowerBounds[i]!)),
            );
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  it('gives probabilities that sum to 1, labels that have the highest, and all methods of a mixture', async () => {
    const X = clouds(200, 3, 3, 2, 2);
    for (const covarianceType of covarianceTypes) {
      const model = await bayesianGaussianMixture(X, { nComponents: 4, covarianceType });
      expect(model).toBeInstanceOf(GaussianMixtureModel);
      const labels = model.predict(X);
      model
        .predictProba(X)
        .toArray()
        .forEach((row, i) => {
          expect(Math.abs(row.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-14);
          expect(labels[i]).toBe(row.indexOf(Math.max(...row)));
        });
      expect(model.marginal([0, 2]).means.cols).toBe(2);
      expect(model.conditional([1, NaN, NaN]).means.cols).toBe(2);
      expect(model.impute([[1, NaN, 2]]).data[2]).toBe(2);
      expect(model.sample(10).X.rows).toBe(10);
    }
  });

  it('is nearly the mixture of greatest likelihood where there are many rows', async () => {
    const X = clouds(6000, 2, 2, 3);
    const model = await bayesianGaussianMixture(X, { nComponents: 2 });
    const found = [model.means.data[0]!, model.means.data[2]!].sort((a, b) => a - b);
    expect(Math.abs(found[0]!)).toBeLessThan(0.1);
    expect(Math.abs(found[1]! - 8)).toBeLessThan(0.1);
    for (const c of [0, 1]) expect(Math.abs(model.covariances.data[4 * c]! - 1)).toBeLessThan(0.1);
    const plain = model.marginal([0, 1]); // with the expected parameters
    expect(Math.abs(plain.score(X) - model.score(X))).toBeLessThan(0.01);
  });

  it('starts from given responsibilities, and runs out of iterations without an error', async () => {
    const X = [[0], [1], [9], [10]];
    const options = { nComponents: 2, maxIter: 0 };
    const labels = await bayesianGaussianMixture(X, { ...options, init: { labels: [0, 0, 1, 1] } });
    const responsibilities = [
      [1, 0],
      [1, 0],
      [0, 1],
      [0, 1],
    ];
    const given = await bayesianGaussianMixture(X, { ...options, init: { responsibilities } });
    expect(given.means.data).toEqual(labels.means.data);
    expect([given.nIter, given.converged, given.lowerBound]).toEqual([0, false, -Infinity]);
    const one = await bayesianGaussianMixture(X, { ...options, maxIter: 1 });
    expect([one.nIter, one.converged]).toEqual([1, false]);
  });

  it('keeps an offset of 1e6 out of float32', async () => {
    const X = clouds(300, 2, 2, 4);
    const near = new Matrix(
      Float32Array.from(X.data, (v) => Math.round(v * 8) / 8),
      300,
      2,
    );
    const far = new Matrix(
      near.data.map((v) => v + 1e6),
      300,
      2,
    );
    const init = { labels: Int32Array.from({ length: 300 }, (_, i) => i % 2) };
    const [a, b] = [
      await bayesianGaussianMixture(near, { nComponents: 2, init }),
      await bayesianGaussianMixture(far, { nComponents: 2, init }),
    ];
    a!.covariances.data.forEach((value, i) => {
      expect(Math.abs(b!.covariances.data[i]! - value)).toBeLessThan(1e-5);
    });
    expect(b!.priors.mean[0]).toBeCloseTo(a!.priors.mean[0]! + 1e6, 5);
  });

  it('refuses what makes no sense, in one sentence', async () => {
    const X = clouds(10, 2, 2, 5);
    const who = 'bayesianGaussianMixture: ';
    const refused = (options: unknown, message: string) =>
      expect(
        bayesianGaussianMixture(X, {
          nComponents: 2,
          ...(options as object),
        } as BayesianGaussianMixtureOptions),
      ).rejects.toThrow(who + message);
    await refused(
      { nComponents: undefined },
      'nComponents is required: an integer in [1, 10], the rows of X',
    );
    await refused(
      { weightConcentrationPriorType: 'dirichlet_process' },
      'weightConcentrationPriorType must be "dirichletProcess" or "dirichletDistribution"; got "dirichlet_process"',
    );
    await refused(
      { weightConcentrationPrior: 0 },
      'weightConcentrationPrior must be a finite number in (0, ∞); got 0',
    );
    await refused({ meanPrecisionPrior: -1 }, 'meanPrecisionPrior must be a finite number in (0, ∞); got -1');
    await refused(
      { degreesOfFreedomPrior: 1 },
      'degreesOfFreedomPrior must be a finite number in (1, ∞); got 1',
    );
    await refused({ meanPrior: [1] }, 'meanPrior must have 2 values; got an array of 1');
    await refused({ meanPrior: [1, NaN] }, 'meanPrior[1] must be a finite number; got NaN');
    await refused({ covariancePrior: [[1]] }, 'covariancePrior must be 2 × 2 for "full"; got 1 × 1');
    await refused(
      {
        covariancePrior: [
          [1, 0.5],
          [0, 1],
        ],
      },
      'covariancePrior must be symmetric; [1, 0] and [0, 1] differ',
    );
    await refused(
      {
        covariancePrior: [
          [1, 2],
          [2, 1],
        ],
      },
      'covariancePrior must be positive definite',
    );
    await refused(
      { covarianceType: 'diag', covariancePrior: [1, 0] },
      'covariancePrior must be positive definite',
    );
    await refused(
      { covarianceType: 'diag', covariancePrior: [1] },
      'covariancePrior must have 2 values; got an array of 1',
    );
    await refused(
      { covarianceType: 'spherical', covariancePrior: -1 },
      'covariancePrior must be positive definite',
    );
    await refused(
      { init: { weights: [1], means: [[1]], precisions: [] } },
      'init must be { labels } or { responsibilities }; got { means, precisions, weights }',
    );
    await refused({ init: { labels: [0] } }, 'init.labels must have one label a row, 10; got an array of 1');
    await refused(
      { init: 'best' },
      'init must be "kmeans", "k-means++", "random", "randomFromData", { labels } or',
    );
    await expect(bayesianGaussianMixture([[1, 2]], { nComponents: 1 })).rejects.toThrow(
      `${who}X must have at least two rows to give covariancePrior a default; got 1`,
    );
    const flat = [
      [1, 1],
      [1, 2],
      [1, 3],
    ];
    await expect(bayesianGaussianMixture(flat, { nComponents: 1, regCovar: 0 })).rejects.toThrow(
      `${who}component 0 (weight 1) collapsed (covariance not positive definite); try a larger regCovar or covariancePrior, or scaled data`,
    );
    await expect(bayesianGaussianMixture([[1], [NaN]], { nComponents: 1 })).rejects.toThrow(
      `${who}X: row 1, column 0 is NaN`,
    );
  });
});

describe('bayesianGaussianMixture over a source', () => {
  it('gives the bits of the same rows in memory', async () => {
    const X = clouds(1500, 3, 2, 8, 3);
    const sampleWeight = Float64Array.from({ length: 1500 }, (_, i) => (i % 3) / 2);
    for (const covarianceType of covarianceTypes)
      for (const init of ['kmeans', 'randomFromData'] as const) {
        const options = { nComponents: 3, covarianceType, init, sampleWeight, maxIter: 5 };
        expect(await bayesianGaussianMixture(sourceOf(X, 211), options)).toEqual(
          await bayesianGaussianMixture(X, options),
        );
      }
  });

  it('refuses what needs the rows in memory, before it reads any', async () => {
    const source = sourceOf(clouds(40, 2, 2, 9), 10);
    await expect(bayesianGaussianMixture(source, { nComponents: 2, init: 'random' })).rejects.toThrow(
      'bayesianGaussianMixture: init "random" needs rows in memory; with a source, use "randomFromData", "k-means++" or "kmeans"',
    );
    await expect(
      bayesianGaussianMixture(source, { nComponents: 2, regCovar: { relative: 0.1 } }),
    ).rejects.toThrow(
      'bayesianGaussianMixture: regCovar { relative } needs rows in memory; with a source, give a number',
    );
    expect(source.begun).toBe(0);
  });
});

describe('sampleWeight of a Bayesian mixture', () => {
  const X = clouds(60, 2, 2, 10, 3);
  const sampleWeight = Int32Array.from({ length: 60 }, (_, i) => i % 4); // a quarter of them is absent
  const copies = X.take(Array.from({ length: 60 }, (_, i) => Array<number>(i % 4).fill(i)).flat());

  it('counts a row of weight 3 as three copies, and one of weight 0 not at all', async () => {
    const labels = (n: number, of: (i: number) => number) => Int32Array.from({ length: n }, (_, i) => of(i));
    const own = Array.from({ length: 60 }, (_, i) => i);
    const copied = own.flatMap((i) => Array<number>(i % 4).fill(i % 2));
    for (const covarianceType of covarianceTypes)
      for (const weightConcentrationPriorType of priorTypes) {
        const options = {
          nComponents: 2,
          covarianceType,
          weightConcentrationPriorType,
          regCovar: { relative: 1e-3 },
          maxIter: 20,
          tol: 0,
        };
        const weighted = await bayesianGaussianMixture(X, {
          ...options,
          sampleWeight,
          init: { labels: labels(60, (i) => i % 2) },
        });
        const whole = await bayesianGaussianMixture(copies, { ...options, init: { labels: copied } });
        const near = (a: Float64Array | Float32Array, b: Float64Array | Float32Array) =>
          a.forEach((value, i) => {
            expect(Math.abs(value - b[i]!)).toBeLessThan(1e-9 * Math.max(1, Math.abs(value)));
          });
        near(weighted.means.data, whole.means.data);
        near(weighted.covariances.data, whole.covariances.data);
        near(weighted.weightConcentration.data, whole.weightConcentration.data);
        near(weighted.meanPrecision, whole.meanPrecision);
        near(weighted.degreesOfFreedom, whole.degreesOfFreedom);
        near(weighted.lowerBounds, whole.lowerBounds);
        near(weighted.priors.covariance, whole.priors.covariance);
      }
  });

  it('refuses weights that leave fewer rows than components, or no default for the prior', async () => {
    const refused = (options: object, message: string) =>
      expect(bayesianGaussianMixture(X, { nComponents: 2, ...options })).rejects.toThrow(
        `bayesianGaussianMixture: ${message}`,
      );
    await refused({ sampleWeight: [1] }, 'sampleWeight has 1 entries but X has 60 rows');
    await refused(
      { sampleWeight: X.data.subarray(0, 60).map((_, i) => (i ? 0 : 1)) },
      'nComponents must be at most 1, the rows of positive weight; got 2',
    );
    await refused(
      { sampleWeight: new Float64Array(60).fill(1 / 64) },
      'the sum of sampleWeight must be above 1 to give covariancePrior a default; got 0.9375',
    );
  });
});

describe('BayesianGaussianMixtureModel.fromJSON', () => {
  it('reads back every model to the bit', async () => {
    const X = clouds(80, 3, 2, 6);
    for (const covarianceType of covarianceTypes)
      for (const weightConcentrationPriorType of priorTypes) {
        const model = await bayesianGaussianMixture(X, {
          nComponents: 3,
          covarianceType,
          weightConcentrationPriorType,
        });
        const again = BayesianGaussianMixtureModel.fromJSON(JSON.parse(JSON.stringify(model)));
        expect(again).toEqual(model);
        expect(again.scoreSamples(X)).toEqual(model.scoreSamples(X));
        expect(Object.isFrozen(again)).toBe(true);
      }
  });

  it('refuses anything but a saved model, naming the field', async () => {
    const model = await bayesianGaussianMixture(clouds(20, 2, 2, 7), { nComponents: 2 });
    const saved = JSON.parse(JSON.stringify(model));
    const refused = (change: object, message: string) =>
      expect(() => BayesianGaussianMixtureModel.fromJSON({ ...saved, ...change })).toThrow(message);
    expect(() => GaussianMixtureModel.fromJSON(saved)).toThrow('expected a saved "cauda.gaussianMixture"');
    refused({ format: 'cauda.gaussianMixture' }, 'expected a saved "cauda.bayesianGaussianMixture"');
    refused({ version: 1 }, 'this Cauda reads version 2 of "cauda.bayesianGaussianMixture"; got version 1');
    refused({ weightConcentrationPriorType: 'x' }, 'weightConcentrationPriorType must be');
    refused(
      { weightConcentration: saveArray(Float64Array.of(1, 2, 3, 4), [1, 4]) },
      'weightConcentration must be a matrix of 2 × 2',
    );
    refused({ meanPrecision: saveArray(Float64Array.of(1, 0)) }, 'meanPrecision must be numbers above 0');
    refused(
      { degreesOfFreedom: saveArray(Float64Array.of(1, 3)) },
      'degreesOfFreedom must be numbers above 1',
    );
    refused(
      { degreesOfFreedom: saveArray(Float64Array.of(3)) },
      'degreesOfFreedom must be an array of 2 numbers',
    );
    refused(
      { covariances: saveArray(Float64Array.of(1, 0, 0, 1, 1, 0, 0, -1), [2, 2, 2]) },
      'covariances of component 1 must be positive definite',
    );
    refused({ weights: [0.5, 0.6] }, 'weights must be ≥ 0 and sum to 1');
    refused({ priors: null }, 'priors: expected a saved "cauda.bayesianGaussianMixture.priors"');
    refused({ priors: { ...saved.priors, mean: [1] } }, 'priors: mean must be an array of 2 numbers');
    refused({ priors: { ...saved.priors, weightConcentration: 0 } }, 'priors: weightConcentration must be');
    refused({ converged: 'yes' }, 'converged must be true or false');
  });
});
