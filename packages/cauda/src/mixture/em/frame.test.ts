import { describe, expect, it } from 'vitest';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { bayesianGaussianMixture } from '../bayesian/bayesianGaussianMixture.ts';
import { classGaussianMixture } from '../classGaussianMixture.ts';
import { covarianceTypes, varianceAt } from '../covariance/type.ts';
import { gaussianMixture } from '../gaussianMixture.ts';
import type { GaussianMixtureModel } from '../model.ts';

/** 300 rows around 0 of standard deviation `narrow`, 300 around `far` of `wide`, alternating, 2 features. */
function unequal(
  far: number,
  narrow: number,
  wide: number,
  single: boolean,
): { X: Matrix; labels: number[] } {
  const random = new Random(5);
  const labels = Array.from({ length: 600 }, (_, i) => i % 2);
  const data = Float64Array.from({ length: 1200 }, (_, at) =>
    labels[at >> 1] ? far + wide * random.normal() : narrow * random.normal(),
  );
  return { X: new Matrix(single ? Float32Array.from(data) : data, 600, 2), labels };
}

/** The mean and the standard deviation of the narrow rows' first column, in float64. */
function rightOf(X: Matrix): { mean: number; sd: number } {
  const values = Array.from({ length: 300 }, (_, i) => X.row(2 * i)[0]!);
  const mean = values.reduce((sum, value) => sum + value, 0) / 300;
  return { mean, sd: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 300) };
}

/** The same of the model's component at 0. */
function found({ means, covariances, covarianceType }: GaussianMixtureModel): { mean: number; sd: number } {
  const c = Math.abs(means.data[0]!) < Math.abs(means.data[2]!) ? 0 : 1;
  return {
    mean: means.data[2 * c]!,
    sd: Math.sqrt(covariances.data[varianceAt(covarianceType, c, 0, 2)]!),
  };
}

const cases = [
  { far: 1e6, narrow: 1e-3, wide: 1e3, single: true },
  { far: 1e13, narrow: 1e-3, wide: 1e9, single: false },
];
const perComponent = covarianceTypes.filter((type) => type !== 'tied');

describe('a component that is narrow and far from where rows are measured from', () => {
  it('keeps its digits, in float32 and in float64 (scikit-learn #30382)', async () => {
    for (const { far, narrow, wide, single } of cases)
      for (const covarianceType of perComponent) {
        const { X, labels } = unequal(far, narrow, wide, single);
        const right = rightOf(X);
        const options = { nComponents: 2, covarianceType, regCovar: 1e-12 };
        const parameters = {
          weights: [0.5, 0.5],
          means: [
            [0, 0],
            [far, far],
          ],
        };
        for (const fit of [
          gaussianMixture(X, options),
          gaussianMixture(X, { ...options, nInit: 2, seed: 3 }),
          gaussianMixture(X, { ...options, init: { labels }, maxIter: 0 }),
          gaussianMixture(X, { ...options, init: { labels }, workers: 2 }),
          classGaussianMixture(X, labels, { covarianceType, regCovar: 1e-12 }),
          gaussianMixture(X.take(Array.from({ length: 600 }, (_, i) => 599 - i)), options),
          gaussianMixture(X, {
            ...options,
            init: {
              ...parameters,
              precisions: precisionsOf(covarianceType, narrow, wide),
            },
          }),
        ]) {
          const { mean, sd } = found(await fit);
          expect(sd / right.sd).toBeCloseTo(1, covarianceType === 'spherical' ? 1 : 3);
          expect((mean - right.mean) / right.sd).toBeCloseTo(0, 3);
        }
      }
  });

  it('keeps them in a Bayesian mixture', async () => {
    for (const { far, narrow, wide, single } of cases.slice(0, 1))
      for (const covarianceType of perComponent) {
        const { X, labels } = unequal(far, narrow, wide, single);
        // a prior so small that the data decide
        const variance = 1e-9;
        const covariancePrior = {
          full: [
            [variance, 0],
            [0, variance],
          ],
          diag: [variance, variance],
          spherical: variance,
        }[covarianceType as 'full'];
        const fit = (Y: Matrix) =>
          bayesianGaussianMixture(Y, {
            nComponents: 2,
            covarianceType,
            covariancePrior,
            init: { labels },
            regCovar: 1e-12,
            meanPrecisionPrior: 1e-12,
            meanPrior: [0, 0],
          });
        const inDouble = found(await fit(new Matrix(Float64Array.from(X.data), 600, 2)));
        const inSingle = found(await fit(X));
        expect(inSingle.sd / inDouble.sd).toBeCloseTo(1, 6);
        expect((inSingle.mean - inDouble.mean) / inDouble.sd).toBeCloseTo(0, 6);
        expect(inSingle.sd).toBeLessThan(2e-3);
      }
  });

  it('is scored, and learned on, as float64 rows are', async () => {
    const { X, labels } = unequal(1e6, 1e-3, 1e3, true);
    const Y = new Matrix(Float64Array.from(X.data), 600, 2);
    for (const covarianceType of perComponent) {
      const model = await gaussianMixture(Y, {
        nComponents: 2,
        covarianceType,
        init: { labels },
        regCovar: 1e-12,
      });
      const scores = model.scoreSamples(X);
      expect(scores).toEqual(model.scoreSamples(Y));
      expect(await model.scoreSamplesAsync(X, { workers: 2 })).toEqual(scores);
      const next = found(await model.partialFit(X, { stepSize: 0.5, regCovar: 1e-12 }));
      const right = found(await model.partialFit(Y, { stepSize: 0.5, regCovar: 1e-12 }));
      expect(next.sd / right.sd).toBeCloseTo(1, 6);
    }
  });

  it('is scored far from 0 as near it, in float64', async () => {
    // log N(0.001 | 0, 1e-6) beside a component at 1e13: float64 measured from 5e12 has steps of 0.001
    const model = await gaussianMixture([[0], [1e13]], {
      nComponents: 2,
      covarianceType: 'diag',
      init: { weights: [0.5, 0.5], means: [[0], [1e13]], precisions: { data: [1e6, 1e-12], shape: [2, 1] } },
      maxIter: 0,
    });
    const [score] = model.scoreSamples([[0.001]]);
    expect(score).toBeCloseTo(Math.log(0.5) - 0.5 + Math.log(1e3) - 0.5 * Math.log(2 * Math.PI), 9);
  });

  it('is opened anew once, and heeds the signal then too', async () => {
    const { X, labels } = unequal(1e6, 1e-3, 1e3, true);
    const options = { nComponents: 2, init: { labels }, regCovar: 1e-12 } as const;
    for (const after of [1, 2]) {
      const controller = new AbortController();
      let events = 0;
      const onProgress = () => {
        if (++events === after) controller.abort(new Error('enough'));
      };
      const { signal } = controller;
      await expect(
        gaussianMixture(X, { ...options, tol: 0, maxIter: 50, workers: 0, signal, onProgress }),
      ).rejects.toThrow('enough');
    }
    const aborted = AbortSignal.abort(new Error('before'));
    await expect(gaussianMixture(X, { ...options, signal: aborted })).rejects.toThrow('before');
    const [one, other] = [await gaussianMixture(X, options), await gaussianMixture(X, options)];
    expect(one.toJSON()).toEqual(other.toJSON()); // kernels were given back once, not twice
  });

  it('keeps a narrow direction that is no column', async () => {
    const random = new Random(8);
    const labels = Array.from({ length: 600 }, (_, i) => i % 2);
    // x = y within 0.01, both of them 3 wide, around 0; and a cloud like it around (40000, −40000)
    const data = Float32Array.from(
      labels.flatMap((label) => {
        const t = 3 * random.normal();
        const narrow = Math.fround(t) + 2 ** -7 * random.normal();
        return label ? [40000 + t, -40000 + narrow] : [t, narrow];
      }),
    );
    const X = new Matrix(data, 600, 2);
    const fit = (Y: Matrix) => gaussianMixture(Y, { nComponents: 2, init: { labels }, regCovar: 1e-12 });
    const single = await fit(X);
    const double = await fit(new Matrix(Float64Array.from(data), 600, 2));
    const variance = ({ covariances: { data: s } }: GaussianMixtureModel) => s[0]! + s[3]! - 2 * s[1]!;
    expect(variance(single) / variance(double)).toBeCloseTo(1, 2);
  });
});

function precisionsOf(type: string, narrow: number, wide: number) {
  const [a, b] = [narrow ** -2, wide ** -2];
  if (type === 'full') return { data: [a, 0, 0, a, b, 0, 0, b], shape: [2, 2, 2] };
  return type === 'diag' ? { data: [a, a, b, b], shape: [2, 2] } : { data: [a, b], shape: [2] };
}
