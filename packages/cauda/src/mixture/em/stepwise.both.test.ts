import { describe, expect, it } from 'vitest';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { covarianceTypes } from '../covariance/type.ts';
import { gaussianMixture } from '../gaussianMixture.ts';
import type { MixturePartialFitOptions } from '../model/partialFit.ts';

/** Slanted clouds around 0 and `gap`. */
function clouds(n: number, seed: number, gap = 5, single = false): Matrix {
  const random = new Random(seed);
  const data = new Float64Array(3 * n);
  for (let i = 0; i < n; i++) {
    const a = random.normal();
    data.set([a + (i % 2) * gap, 0.7 * a + random.normal(), random.normal() - (i % 2)], 3 * i);
  }
  return new Matrix(single ? Float32Array.from(data) : data, n, 3);
}

const labels = (n: number) => Int32Array.from({ length: n }, (_, i) => i % 2);

describe('partialFit', () => {
  it('with a stepSize of 1 is an iteration of EM on the batch', async () => {
    for (const covarianceType of covarianceTypes)
      for (const single of [false, true]) {
        const X = clouds(200, 1, 5, single);
        const options = { nComponents: 2, covarianceType, init: { labels: labels(200) }, tol: 0 };
        const start = await gaussianMixture(X, { ...options, maxIter: 0 });
        const expected = await gaussianMixture(X, { ...options, maxIter: 1 });
        const next = await start.partialFit(X, { stepSize: 1 });
        const digits = single ? 4 : 11;
        expected.means.data.forEach((value, i) => {
          expect(next.means.data[i]).toBeCloseTo(value, digits);
        });
        expected.covariances.data.forEach((value, i) => {
          expect(next.covariances.data[i]).toBeCloseTo(value, digits);
        });
        expect(next.lowerBound).toBeCloseTo(expected.lowerBound, digits);
        expect([next.nIter, next.converged]).toEqual([1, false]);
      }
  });

  it('by hand: one component mixes its mean and its spread with the batch’s', async () => {
    // mixture: mean 0, variance 1; batch 4, 4; stepSize ¼: mean 1, E x² = ¾ · 1 + ¼ · 16 = 4.75, variance 3.75
    const start = await gaussianMixture([[0]], {
      nComponents: 1,
      init: { weights: [1], means: [[0]], precisions: { data: [1], shape: [1, 1, 1] } },
      maxIter: 0,
    });
    const next = await start.partialFit([[4], [4]], { stepSize: 0.25, regCovar: 0 });
    expect(next.means.data[0]).toBeCloseTo(1, 12);
    expect(next.covariances.data[0]).toBeCloseTo(3.75, 12);
    expect(start.means.data[0]).toBe(0);
  });

  it('over a stream comes near the fit of all rows', async () => {
    for (const covarianceType of covarianceTypes) {
      const all = clouds(6000, 2);
      const fit = await gaussianMixture(all, { nComponents: 2, covarianceType, tol: 1e-8 });
      const batch = (t: number) => all.take(Array.from({ length: 200 }, (_, i) => 200 * t + i));
      let model = await gaussianMixture(batch(0), { nComponents: 2, covarianceType, maxIter: 5 });
      for (let t = 1; t < 30; t++) model = await model.partialFit(batch(t), { stepSize: 1 / (t + 1) });
      expect(model.score(all)).toBeGreaterThan(fit.score(all) - 2e-3);
      expect(model.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 14);
    }
  });

  it('counts a row of weight 3 as three copies, one of weight 0 not at all, and all weights × c alike', async () => {
    for (const covarianceType of covarianceTypes)
      for (const single of [false, true]) {
        const start = await gaussianMixture(clouds(200, 6), { nComponents: 2, covarianceType });
        const batch = clouds(90, 7, 5, single);
        const weights = Float64Array.from({ length: 90 }, (_, i) => i % 4);
        const rows = Array.from(weights.keys()).flatMap((i) => new Array<number>(weights[i]!).fill(i));
        const copies = await start.partialFit(batch.take(rows), { stepSize: 0.4 });
        for (const c of [1, 1e-300, 1e307]) {
          const sampleWeight = weights.map((weight) => weight * c);
          const weighted = await start.partialFit(batch, { stepSize: 0.4, sampleWeight });
          const digits = single ? 4 : 10;
          weighted.means.data.forEach((value, i) => {
            expect(value).toBeCloseTo(copies.means.data[i]!, digits);
          });
          weighted.covariances.data.forEach((value, i) => {
            expect(value).toBeCloseTo(copies.covariances.data[i]!, digits);
          });
          expect(weighted.lowerBound).toBeCloseTo(copies.lowerBound, digits);
        }
        const ones = new Array(90).fill(1);
        expect((await start.partialFit(batch, { stepSize: 0.4, sampleWeight: ones })).toJSON()).toEqual(
          (await start.partialFit(batch, { stepSize: 0.4 })).toJSON(),
        );
      }
  });

  it('follows data that move', async () => {
    let model = await gaussianMixture(clouds(400, 3), { nComponents: 2 });
    for (let t = 0; t < 20; t++)
      model = await model.partialFit(clouds(200, t, 5 + 0.2 * t), { stepSize: 0.4 });
    const found = Math.max(model.means.data[0]!, model.means.data[3]!);
    expect(Math.abs(found - 8.8)).toBeLessThan(0.5);
  });

  it('refuses what makes no sense, in one sentence', async () => {
    const model = await gaussianMixture(clouds(40, 4), { nComponents: 2 });
    const refused = (X: number[][], options: unknown, message: string) =>
      expect(model.partialFit(X, options as MixturePartialFitOptions)).rejects.toThrow(message);
    const who = 'GaussianMixtureModel.partialFit: ';
    await refused([[1, 2, 3]], {}, `${who}stepSize is required: a finite number in (0, 1]`);
    await refused([[1, 2, 3]], { stepSize: 0 }, `${who}stepSize must be a finite number in (0, 1]; got 0`);
    await refused([[1, 2, 3]], { stepSize: 2 }, `${who}stepSize must be`);
    await refused([[1, 2]], { stepSize: 1 }, `${who}X has 2 features; this model was fitted on 3`);
    await refused(
      [[1, 2, 3]],
      { stepSize: 1, sampleWeight: [1, 2] },
      `${who}sampleWeight has 2 entries but X has 1 rows`,
    );
    await refused([[1, 2, NaN]], { stepSize: 1 }, `${who}row 0, column 2 is NaN`);
    await refused(
      [[1, 2, 3]],
      { stepSize: 1, regCovar: 0 },
      `${who}component 0 (weight 0.499) collapsed (covariance not positive definite); try a smaller stepSize, a larger regCovar, or scaled data`,
    );
    await refused(
      [[1, 2, 3]],
      { stepSize: 1, regCovar: { relative: -1 } },
      `${who}regCovar must be a finite number in [0, ∞) or { relative: such a number }; got an object (Object)`,
    );
  });

  it('takes regCovar { relative }: what a fit of the same rows added', async () => {
    for (const covarianceType of covarianceTypes) {
      const X = clouds(300, 8);
      const regCovar = { relative: 0.05 };
      const options = { nComponents: 2, covarianceType, init: { labels: labels(300) }, tol: 0, regCovar };
      const start = await gaussianMixture(X, { ...options, maxIter: 3 });
      const expected = await gaussianMixture(X, { ...options, maxIter: 4 });
      const next = await start.partialFit(X, { stepSize: 1, regCovar });
      expected.covariances.data.forEach((value, i) => {
        expect(next.covariances.data[i]).toBeCloseTo(value, 9);
      });
    }
  });
});

describe('regCovar: { relative }', () => {
  it('is that share of the mean variance of the columns', async () => {
    const X = [
      [0, 10],
      [2, 50],
    ]; // variances 1 and 400
    const options = { nComponents: 1, maxIter: 1 };
    for (const covarianceType of covarianceTypes) {
      const relative = await gaussianMixture(X, { ...options, covarianceType, regCovar: { relative: 0.01 } });
      const absolute = await gaussianMixture(X, { ...options, covarianceType, regCovar: 2.005 });
      absolute.covariances.data.forEach((value, i) => {
        expect(relative.covariances.data[i]).toBeCloseTo(value, 10);
      });
    }
  });

  it('lets a fit scale with its data, and counts weights and observed entries', async () => {
    const X = clouds(100, 5);
    const small = new Matrix(
      X.data.map((value) => value * 1e-9),
      100,
      3,
    );
    const options = { nComponents: 2, init: { labels: labels(100) }, regCovar: { relative: 1e-3 } };
    const [a, b] = [await gaussianMixture(X, options), await gaussianMixture(small, options)];
    a!.covariances.data.forEach((value, i) => {
      expect(b!.covariances.data[i]! * 1e18).toBeCloseTo(value, 8);
    });
    const rows = [[0], [2], [NaN], [100]];
    const known = await gaussianMixture(rows, {
      nComponents: 1,
      missing: 'observed',
      sampleWeight: [1, 1, 1, 0],
      regCovar: { relative: 0.5 },
      tol: 0,
      maxIter: 200,
    });
    // s² = 1, the third row is missing: σ² = ⅔ s² + ⅓ σ² + ½, whose fixed point is 1.75
    expect(known.covariances.data[0]).toBeCloseTo(1.75, 10);
    for (const regCovar of [{ relative: -1 }, { relative: Infinity }, -1])
      await expect(gaussianMixture(X, { nComponents: 1, regCovar })).rejects.toThrow(
        'gaussianMixture: regCovar must be a finite number in [0, ∞) or { relative: such a number }; got',
      );
    await expect(
      gaussianMixture(X, { nComponents: 1, regCovar: {} as { relative: number } }),
    ).rejects.toThrow(TypeError);
  });
});
