import { describe, expect, it } from 'vitest';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { bayesianGaussianMixture } from './bayesian/bayesianGaussianMixture.ts';
import { classGaussianMixture } from './classGaussianMixture.ts';
import { covarianceTypes } from './covariance/type.ts';
import { gaussianMixture } from './gaussianMixture.ts';
import type { GaussianMixtureModel } from './model.ts';
import { selectGaussianMixture } from './select/selectGaussianMixture.ts';

const N = 300;

/** Two clouds of float64 or float32 rows, around (0, 0) and (6, 6). */
function clouds(dtype: 'float64' | 'float32' = 'float64', rows = N): Matrix {
  const random = new Random(3);
  const values = Float64Array.from(
    { length: rows * 2 },
    (_, at) => random.normal() + 6 * (Math.floor(at / 2) % 2),
  );
  return new Matrix(dtype === 'float64' ? values : Float32Array.from(values), rows, 2);
}

/** X with a row of `value` after every `every` rows, and the weights that leave those out. */
function withAbsent(
  X: Matrix,
  value: number,
  every = 7,
): { X: Matrix; sampleWeight: number[]; kept: number[] } {
  const rows: number[][] = [];
  const sampleWeight: number[] = [];
  const kept: number[] = [];
  for (let i = 0; i < X.rows; i++) {
    kept.push(rows.length);
    rows.push(Array.from(X.row(i)));
    sampleWeight.push(1);
    if (i % every) continue;
    rows.push([value, -value]);
    sampleWeight.push(0);
  }
  const data = X.dtype === 'float64' ? Float64Array.from(rows.flat()) : Float32Array.from(rows.flat());
  return { X: new Matrix(data, rows.length, X.cols), sampleWeight, kept };
}

/** The same rows as a source, in blocks of 50. */
const sourceOf = (X: Matrix) => ({
  rows: X.rows,
  cols: X.cols,
  async *read() {
    for (let from = 0; from < X.rows; from += 50)
      yield X.take(Array.from({ length: Math.min(50, X.rows - from) }, (_, i) => from + i));
  },
});

function expectClose(a: GaussianMixtureModel, b: GaussianMixtureModel, digits = 9): void {
  for (const [one, other] of [
    [a.weights, b.weights],
    [a.means.data, b.means.data],
    [a.covariances.data, b.covariances.data],
  ] as const)
    one.forEach((value, i) => {
      expect(value).toBeCloseTo(other[i]!, digits);
    });
  expect(a.nIter).toBe(b.nIter);
  expect(a.converged).toBe(b.converged);
}

const inits = ['kmeans', 'k-means++', 'random', 'randomFromData'] as const;

describe('a row of weight 0', () => {
  it('does not move where rows are measured from, however far it is (scikit-learn #30382)', async () => {
    for (const [dtype, far] of [
      ['float64', 1e20],
      ['float64', 1e200],
      ['float32', 1e20],
      ['float32', 3e38],
    ] as const)
      for (const covarianceType of covarianceTypes) {
        const X = clouds(dtype);
        const { X: more, sampleWeight } = withAbsent(X, far);
        const options = { nComponents: 2, covarianceType };
        const found = await gaussianMixture(more, { ...options, sampleWeight });
        const right = await gaussianMixture(X, options);
        expect(found.toJSON()).toEqual(right.toJSON());
        expect(Math.max(...right.means.data)).toBeCloseTo(6, 0);
      }
  });

  it('takes no part in a draw, whatever the start: the fit has the bits of one without the row', async () => {
    const X = clouds();
    const { X: more, sampleWeight } = withAbsent(X, 1e6);
    for (const init of inits) {
      const options = { nComponents: 3, init, nInit: 2, seed: 4, maxIter: 10 };
      const right = await gaussianMixture(X, options);
      expect((await gaussianMixture(more, { ...options, sampleWeight })).toJSON()).toEqual(right.toJSON());
      const variational = await bayesianGaussianMixture(X, options);
      expect((await bayesianGaussianMixture(more, { ...options, sampleWeight })).toJSON()).toEqual(
        variational.toJSON(),
      );
    }
  });

  it('is absent from given starts, relative regCovar, sources, missing entries, classes and choices', async () => {
    const X = clouds();
    const { X: more, sampleWeight, kept } = withAbsent(X, 1e170);
    const same = async (
      fit: (X: Matrix, given: { sampleWeight?: number[] }, of: (row: number) => number) => Promise<unknown>,
    ) => {
      const where = new Map(kept.map((row, i) => [row, i]));
      const found = await fit(more, { sampleWeight }, (row) => where.get(row) ?? 0);
      expect(JSON.stringify(found)).toBe(JSON.stringify(await fit(X, {}, (row) => row)));
    };
    const labelsOf = (Y: Matrix, of: (row: number) => number) =>
      Array.from({ length: Y.rows }, (_, row) => of(row) % 2);
    const options = { nComponents: 2, maxIter: 8 };
    await same((Y, given, of) =>
      gaussianMixture(Y, { ...options, ...given, init: { labels: labelsOf(Y, of) } }),
    );
    await same((Y, given, of) => {
      const responsibilities = labelsOf(Y, of).map((label) => (label ? [0.25, 0.75] : [1, 0]));
      return gaussianMixture(Y, { ...options, ...given, init: { responsibilities } });
    });
    await same((Y, given) => gaussianMixture(Y, { ...options, ...given, regCovar: { relative: 0.1 } }));
    await same((Y, given) => gaussianMixture(sourceOf(Y), { ...options, ...given }));
    await same((Y, given) => bayesianGaussianMixture(sourceOf(Y), { ...options, ...given }));
    await same((Y, given, of) => {
      const holes = new Matrix(Y.data.slice(), Y.rows, Y.cols);
      for (let row = 0; row < Y.rows; row++) if (of(row) % 5 === 1) holes.row(row)[0] = NaN;
      return gaussianMixture(holes, { ...options, ...given, missing: 'observed' });
    });
    await same((Y, given, of) =>
      classGaussianMixture(Y, labelsOf(Y, of), { ...given, perClass: 2, regCovar: { relative: 1e-3 } }).then(
        (model) =>
          // the row itself belongs to a class
          model.toJSON(),
      ),
    );
    await same((Y, given) =>
      selectGaussianMixture(Y, { nComponents: [1, 2], ...given, regCovar: { relative: 1e-3 } }),
    );
  });
});

describe('the scale of the weights', () => {
  const X = clouds();
  const uneven = Array.from({ length: N }, (_, i) => 1 + (i % 3));

  it('does not matter to parameters, nor to when to stop (pomegranate #1096)', async () => {
    for (const covarianceType of covarianceTypes)
      for (const Y of [X, clouds('float32')]) {
        const options = { nComponents: 2, covarianceType, seed: 2 };
        const right = await gaussianMixture(Y, { ...options, sampleWeight: uneven });
        for (const c of [1e-300, 1e-20, 1e-16, 7, 1e16, 1e300, 5e307]) {
          const sampleWeight = uneven.map((weight) => weight * c);
          expectClose(await gaussianMixture(Y, { ...options, sampleWeight }), right, 5);
        }
        const scaled = uneven.map((weight) => weight * 2 ** -900); // exact
        expect((await gaussianMixture(Y, { ...options, sampleWeight: scaled })).toJSON()).toEqual(
          right.toJSON(),
        );
      }
  });

  it('does not matter with missing entries, in classes, in a choice, from a source', async () => {
    const holes = new Matrix(
      X.data.map((value, at) => (at % 9 === 0 ? NaN : value)),
      N,
      2,
    );
    const labels = Array.from({ length: N }, (_, i) => i % 2);
    for (const c of [1e-300, 1e300, 5e307]) {
      const sampleWeight = uneven.map((weight) => weight * c);
      for (const fit of [
        (weights: number[]) =>
          gaussianMixture(holes, { nComponents: 2, missing: 'observed', sampleWeight: weights }),
        (weights: number[]) => classGaussianMixture(X, labels, { perClass: 2, sampleWeight: weights }),
        (weights: number[]) => gaussianMixture(sourceOf(X), { nComponents: 2, sampleWeight: weights }),
        (weights: number[]) =>
          gaussianMixture(X, { nComponents: 2, regCovar: { relative: 0.01 }, sampleWeight: weights }),
      ])
        expectClose(await fit(sampleWeight), await fit(uneven), 9);
    }
  });

  it('leaves a component of rows that weigh next to nothing its mean and covariance', async () => {
    const sampleWeight = Array.from({ length: N }, (_, i) => (i % 2 ? 1 : 1e-20));
    const labels = Array.from({ length: N }, (_, i) => i % 2);
    const options = { nComponents: 2, init: { labels } as const, maxIter: 0 };
    const found = await gaussianMixture(X, { ...options, sampleWeight });
    const right = await gaussianMixture(X, options);
    found.means.data.forEach((value, i) => {
      expect(value).toBeCloseTo(right.means.data[i]!, 3);
    });
  });

  it('multiplies totals: BIC and AIC as copies do, and leaves the score', async () => {
    const model = await gaussianMixture(X, { nComponents: 2 });
    const { nParameters } = model;
    const mean = model.score(X, { sampleWeight: uneven });
    for (const c of [1e-300, 1e-16, 3, 1e300]) {
      const sampleWeight = uneven.map((weight) => weight * c);
      expect(model.score(X, { sampleWeight })).toBeCloseTo(mean, 12);
      expect(model.aic(X, { sampleWeight }) / (-2 * 600 * c * mean + 2 * nParameters)).toBeCloseTo(1, 12);
      const bic = -2 * 600 * c * mean + nParameters * Math.log(600 * c);
      expect(model.bic(X, { sampleWeight }) / bic).toBeCloseTo(1, 12);
    }
    const sampleWeight = uneven.map((weight) => weight * 5e307);
    expect(model.score(X, { sampleWeight })).toBeCloseTo(mean, 12);
    for (const total of ['bic', 'aic', 'icl'] as const)
      expect(() => model[total](X, { sampleWeight })).toThrow(
        `GaussianMixtureModel.${total}: the sum of sampleWeight must be finite; got Infinity`,
      );
  });

  it('counts for a Bayesian mixture as copies do, and its sum must be finite', async () => {
    const options = {
      nComponents: 2,
      init: { labels: Array.from({ length: N }, (_, i) => i % 2) },
      tol: 0,
      maxIter: 5,
    };
    const copies = await bayesianGaussianMixture(X.take(Array.from({ length: 3 * N }, (_, i) => i % N)), {
      ...options,
      init: { labels: Array.from({ length: 3 * N }, (_, i) => (i % N) % 2) },
    });
    const weighted = await bayesianGaussianMixture(X, { ...options, sampleWeight: new Array(N).fill(3) });
    expectClose(weighted, copies, 10);
    expect(weighted.lowerBound).toBeCloseTo(copies.lowerBound, 6);
    weighted.weightConcentration.data.forEach((value, i) => {
      expect(value).toBeCloseTo(copies.weightConcentration.data[i]!, 8);
    });
    const heavy = await bayesianGaussianMixture(X, { ...options, sampleWeight: new Array(N).fill(1e300) });
    expectClose(
      heavy,
      await bayesianGaussianMixture(X, { ...options, sampleWeight: new Array(N).fill(1e200) }),
      8,
    );
    await expect(
      bayesianGaussianMixture(X, { ...options, sampleWeight: new Array(N).fill(1e307) }),
    ).rejects.toThrow(
      'bayesianGaussianMixture: the sum of sampleWeight must be finite: it is how much the rows say beside the priors; got Infinity',
    );
  });
});

describe('weights of one', () => {
  it('are no weights, to the bit, whatever the start', async () => {
    const X = clouds();
    for (const c of [1, 0.1, 1e-16])
      for (const init of inits) {
        const options = { nComponents: 3, init, nInit: 2, seed: 1, maxIter: 6 };
        const sampleWeight = new Array(N).fill(c);
        const right = await gaussianMixture(X, options);
        expect((await gaussianMixture(X, { ...options, sampleWeight })).toJSON()).toEqual(right.toJSON());
      }
    const labels = Array.from({ length: N }, (_, i) => i % 2);
    const sampleWeight = new Array(N).fill(1);
    expect((await classGaussianMixture(X, labels, { perClass: 3, sampleWeight })).toJSON()).toEqual(
      (await classGaussianMixture(X, labels, { perClass: 3 })).toJSON(),
    );
    expect(await selectGaussianMixture(X, { nComponents: [1, 2, 3], sampleWeight })).toEqual(
      await selectGaussianMixture(X, { nComponents: [1, 2, 3] }),
    );
    expect((await bayesianGaussianMixture(X, { nComponents: 3, sampleWeight })).toJSON()).toEqual(
      (await bayesianGaussianMixture(X, { nComponents: 3 })).toJSON(),
    );
  });
});
