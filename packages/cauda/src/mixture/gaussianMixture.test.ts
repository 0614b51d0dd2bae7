import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logLikelihood } from '../../test/textbook.ts';
import { Matrix } from '../matrix.ts';
import { pipeline } from '../pipeline/pipeline.ts';
import { standardScaler, standardScalerStep } from '../preprocess/standardScaler.ts';
import { Random } from '../random.ts';
import type { CovarianceType } from './covariance/type.ts';
import { gaussianMixture, gaussianMixtureStep } from './gaussianMixture.ts';
import type { GaussianMixtureOptions } from './options.ts';

const types: CovarianceType[] = ['full', 'tied', 'diag', 'spherical'];

/** Clouds of unit variance, `gap` apart on the diagonal. */
function clouds(n: number, d: number, k: number, seed: number, gap = 6): Matrix {
  const random = new Random(seed);
  return new Matrix(
    Float64Array.from({ length: n * d }, (_, at) => random.normal() + gap * (Math.floor(at / d) % k)),
    n,
    d,
  );
}

function mapped(X: Matrix, f: (value: number, column: number) => number, single = false): Matrix {
  const data = Float64Array.from(X.data, (value, at) => f(value, at % X.cols));
  return new Matrix(single ? Float32Array.from(data) : data, X.rows, X.cols);
}

describe('gaussianMixture by hand', () => {
  it('one component on the line has the mean and the variance of its points', async () => {
    // x = 1, 3: mean 2, variance 1, log p(x) = −½ log 2π − ½ at both points
    const model = await gaussianMixture([[1], [3]], { nComponents: 1, regCovar: 0 });
    expect(Array.from(model.weights)).toEqual([1]);
    expect(model.means.toArray()).toEqual([[2]]);
    expect(model.covariances.shape).toEqual([1, 1, 1]);
    expect(model.covariances.data[0]).toBeCloseTo(1, 14); // less 10 ε / n, as in scikit-learn
    const expected = -0.5 * Math.log(2 * Math.PI) - 0.5;
    for (const score of model.scoreSamples([[1], [3]])) expect(score).toBeCloseTo(expected, 14);
    expect(model.lowerBound).toBeCloseTo(expected, 14);
    expect(model.nParameters).toBe(2);
    expect(model.bic([[1], [3]])).toBeCloseTo(-4 * expected + 2 * Math.log(2), 13);
    expect(model.aic([[1], [3]])).toBeCloseTo(-4 * expected + 4, 13);
  });

  it('two points with fixed responsibilities give the weighted means and variances', async () => {
    // r = [[¾, ¼], [¼, ¾]] at x = 0, 4: n = 1, 1; means 1, 3; variances ¾·1 + ¼·9 = 3
    const model = await gaussianMixture([[0], [4]], {
      nComponents: 2,
      init: {
        responsibilities: [
          [0.75, 0.25],
          [0.25, 0.75],
        ],
      },
      maxIter: 0,
      regCovar: 0.5,
    });
    expect(Array.from(model.weights)).toEqual([0.5, 0.5]);
    expect(model.means.data[0]).toBeCloseTo(1, 12);
    expect(model.means.data[1]).toBeCloseTo(3, 12);
    for (const variance of model.covariances.data) expect(variance).toBeCloseTo(3.5, 12);
    expect(model.nIter).toBe(0);
    expect(model.lowerBound).toBe(-Infinity);
    expect(model.converged).toBe(false);
  });

  it('a weight of 3 counts as three copies', async () => {
    const X = clouds(60, 2, 2, 1);
    const weights = Array.from({ length: 60 }, (_, i) => i % 4);
    const copies = weights.flatMap((weight, i) => new Array<number>(weight).fill(i));
    for (const covarianceType of types) {
      const options = { nComponents: 2, covarianceType, tol: 0, maxIter: 5 };
      const labels = Int32Array.from({ length: 60 }, (_, i) => i % 2);
      const weighted = await gaussianMixture(X, { ...options, init: { labels }, sampleWeight: weights });
      const repeated = await gaussianMixture(X.take(copies), {
        ...options,
        init: { labels: copies.map((i) => i % 2) },
      });
      repeated.means.data.forEach((value, i) => {
        expect(weighted.means.data[i]).toBeCloseTo(value, 10);
      });
      repeated.covariances.data.forEach((value, i) => {
        expect(weighted.covariances.data[i]).toBeCloseTo(value, 10);
      });
      expect(weighted.lowerBound).toBeCloseTo(repeated.lowerBound, 10);
    }
  });
});

describe('gaussianMixture always', () => {
  it('gives probabilities that sum to 1, and labels that have the highest', async () => {
    const X = clouds(500, 3, 4, 2, 2);
    for (const covarianceType of types) {
      const model = await gaussianMixture(X, { nComponents: 4, covarianceType, maxIter: 20 });
      const labels = model.predict(X);
      model
        .predictProba(X)
        .toArray()
        .forEach((row, i) => {
          expect(Math.abs(row.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-14);
          expect(labels[i]).toBe(row.indexOf(Math.max(...row)));
        });
      expect(model.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 14);
    }
  });

  it('leaves the caller’s arrays untouched and keeps none of them', async () => {
    const X = clouds(50, 2, 2, 3);
    const labels = Int32Array.from({ length: 50 }, (_, i) => i % 2);
    const sampleWeight = new Float64Array(50).fill(2);
    const weights = Float64Array.of(0.5, 0.5);
    const means = new Matrix(Float64Array.of(0, 0, 6, 6), 2, 2);
    const precisions = { data: Float64Array.of(1, 1), shape: [2] };
    const everything = [X.data, labels, sampleWeight, weights, means.data, precisions.data];
    const before = everything.map((array) => array.slice());
    await gaussianMixture(X, { nComponents: 2, init: { labels }, sampleWeight });
    const model = await gaussianMixture(X, {
      nComponents: 2,
      covarianceType: 'spherical',
      init: { weights, means, precisions },
      maxIter: 0,
    });
    expect(everything).toEqual(before);
    model.means.data.fill(0);
    expect(means.data).toEqual(before[4]);
  });

  it('starts each run elsewhere and keeps the best', async () => {
    const X = clouds(300, 2, 5, 4, 3);
    for (const init of ['kmeans', 'k-means++', 'random', 'randomFromData'] as const) {
      const first: number[] = [];
      const last: number[] = [];
      const model = await gaussianMixture(X, {
        nComponents: 5,
        init,
        nInit: 4,
        maxIter: 10,
        tol: 0,
        onProgress: ({ run, iteration, objective }) => {
          if (iteration === 1) first.push(objective);
          last[run] = objective;
        },
      });
      expect(new Set(first).size).toBeGreaterThan(1);
      expect(model.lowerBound).toBe(Math.max(...last));
      expect(model.lowerBounds.length).toBe(10);
    }
  });

  it('gives the same bits for the same seed, and others for another', async () => {
    const X = clouds(200, 2, 3, 5, 2);
    const fit = (seed: number) => gaussianMixture(X, { nComponents: 3, init: 'random', seed, maxIter: 5 });
    const [a, b, c] = [await fit(1), await fit(1), await fit(2)];
    expect(a).toEqual(b);
    expect(a!.means.data).not.toEqual(c!.means.data);
  });

  it('finds the clouds, whatever the start', async () => {
    const X = clouds(600, 2, 3, 6);
    for (const init of ['kmeans', 'k-means++'] as const) {
      const model = await gaussianMixture(X, { nComponents: 3, init, nInit: 3, seed: 3 });
      const found = model.means
        .toArray()
        .map(([x]) => x!)
        .sort((a, b) => a - b);
      [0, 6, 12].forEach((center, i) => {
        expect(Math.abs(found[i]! - center)).toBeLessThan(0.3);
      });
      expect(model.converged).toBe(true);
    }
  });

  it('scores as the textbook’s formula does', async () => {
    const X = clouds(40, 3, 2, 7, 2);
    const model = await gaussianMixture(X, { nComponents: 2, maxIter: 3 });
    const covariances = [0, 1].map((k) =>
      [0, 1, 2].map((i) => Array.from(model.covariances.data.subarray((k * 3 + i) * 3, (k * 3 + i) * 3 + 3))),
    );
    const mixture = { weights: Array.from(model.weights), means: model.means.toArray(), covariances };
    expect(model.score(X)).toBeCloseTo(logLikelihood(X.toArray(), mixture) / 40, 12);
  });

  it('skips negligible responsibilities without a trace: the fit is the one that keeps them all', async () => {
    // 25 apart, the other cloud's log-ratio is near −300: skipped in the fit, kept by predictProba
    const X = clouds(400, 1, 2, 8, 25);
    const model = await gaussianMixture(X, { nComponents: 2, tol: 0, maxIter: 4, regCovar: 0 });
    const resp = model.predictProba(X);
    expect(resp.data.some((r) => r > 0 && r < 1e-60)).toBe(true);
    const kept = await gaussianMixture(X, {
      nComponents: 2,
      init: { responsibilities: resp },
      maxIter: 0,
      regCovar: 0,
    });
    const next = await gaussianMixture(X, { nComponents: 2, tol: 0, maxIter: 5, regCovar: 0 });
    kept.covariances.data.forEach((value, i) => {
      expect(Math.abs(next.covariances.data[i]! / value - 1)).toBeLessThan(1e-13);
    });
    expect(next.weights).toEqual(kept.weights);
  });
});

describe('gaussianMixture at the corners', () => {
  it('fits one row, one component a row, and identical rows', async () => {
    for (const covarianceType of types) {
      const one = await gaussianMixture([[3, 4]], { nComponents: 1, covarianceType });
      expect(one.means.toArray()).toEqual([[3, 4]]);
      const X = [
        [0, 0],
        [1, 5],
        [9, 2],
        [4, 7],
      ];
      const each = await gaussianMixture(X, { nComponents: 4, covarianceType });
      expect(new Set(each.predict(X)).size).toBe(4);
      const same = await gaussianMixture(new Array(6).fill([2, 2]), { nComponents: 2, covarianceType });
      expect(Array.from(same.means.data)).toEqual([2, 2, 2, 2]);
      expect(same.covariances.data[0]).toBeCloseTo(1e-6, 12);
    }
  });

  it('regCovar is the variance of a constant column', async () => {
    const X = mapped(clouds(100, 3, 2, 9), (value, column) => (column === 1 ? 1e5 : value));
    const model = await gaussianMixture(X, { nComponents: 2, covarianceType: 'diag', regCovar: 1e-3 });
    expect(model.covariances.data[1]).toBeCloseTo(1e-3, 9);
    expect(model.covariances.data[4]).toBeCloseTo(1e-3, 9);
  });

  it.each([1e9, 1e-9])('data × %s give parameters × the same', async (scale) => {
    const X = clouds(200, 2, 2, 10);
    for (const single of [false, true])
      for (const covarianceType of types) {
        const options = { nComponents: 2, covarianceType, regCovar: 0, seed: 1 };
        const plain = await gaussianMixture(
          mapped(X, (x) => x, single),
          options,
        );
        const scaled = await gaussianMixture(
          mapped(X, (x) => x * scale, single),
          options,
        );
        expect(scaled.nIter).toBe(plain.nIter);
        plain.means.data.forEach((value, i) => {
          expect(Math.abs(scaled.means.data[i]! / scale - value)).toBeLessThan(single ? 1e-5 : 1e-9);
        });
        plain.covariances.data.forEach((value, i) => {
          expect(Math.abs(scaled.covariances.data[i]! / scale / scale - value)).toBeLessThan(
            single ? 1e-5 : 1e-9,
          );
        });
      }
  });

  it('an offset of 1e6 costs float32 nothing but the data’s own digits', async () => {
    // multiples of 1/8 below 2^21 are float32 numbers: both data sets hold the same values
    const X = mapped(clouds(300, 3, 2, 11), (x) => Math.round(x * 8) / 8, true);
    const far = mapped(X, (x) => x + 1e6, true);
    const options = { nComponents: 2, init: { labels: Int32Array.from({ length: 300 }, (_, i) => i % 2) } };
    const near = await gaussianMixture(X, options);
    const moved = await gaussianMixture(far, options);
    near.covariances.data.forEach((value, i) => {
      expect(Math.abs(moved.covariances.data[i]! - value)).toBeLessThan(1e-6);
    });
    expect(moved.score(far)).toBeCloseTo(near.score(X), 6);
  });

  it('scores rows beyond all numbers with finite values and probabilities that sum to 1', async () => {
    for (const single of [false, true]) {
      const model = await gaussianMixture(
        mapped(clouds(100, 2, 2, 12), (x) => x, single),
        { nComponents: 2 },
      );
      const far = single ? new Float32Array([3e38, -3e38]) : new Float64Array([1e308, -1e308]);
      const row = new Matrix(far, 1, 2);
      expect(model.scoreSamples(row)[0]).toBe(-1e300);
      expect(
        model
          .predictProba(row)
          .toArray()[0]!
          .reduce((a, b) => a + b),
      ).toBe(1);
    }
  });

  it('any finite data give a finite model or a sentence that says what to try', async () => {
    const value = fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    );
    let fitted = 0;
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 5 })
          .chain((d) =>
            fc.array(fc.array(value, { minLength: d, maxLength: d }), { minLength: 1, maxLength: 12 }),
          ),
        fc.constantFrom(...types),
        fc.constantFrom('random', 'randomFromData', 'k-means++'),
        fc.integer({ min: 1, max: 3 }),
        async (X, covarianceType, init, k) => {
          try {
            const nComponents = Math.min(k, X.length);
            const model = await gaussianMixture(X, {
              nComponents,
              covarianceType,
              init: init as 'random',
              maxIter: 5,
            });
            fitted++;
            const numbers = [model.weights, model.means.data, model.covariances.data, model.lowerBounds];
            for (const array of [...numbers, model.scoreSamples(X), model.predictProba(X).data])
              expect(Array.from(array).every(Number.isFinite)).toBe(true);
          } catch (error) {
            expect((error as Error).message).toMatch(
              /collapsed \(covariance not positive definite\); try fewer/,
            );
          }
        },
      ),
      { numRuns: 300, seed: 1 },
    );
    expect(fitted).toBeGreaterThan(50);
  });

  it('a component without weight stays where it was, with the covariance regCovar', async () => {
    const model = await gaussianMixture([[0], [1], [2]], {
      nComponents: 2,
      covarianceType: 'spherical',
      init: { weights: [1, 0], means: [[1], [50]], precisions: { data: [1, 1], shape: [2] } },
      maxIter: 1,
      regCovar: 0.25,
    });
    expect(model.means.data[1]).toBe(50);
    expect(model.covariances.data[1]).toBe(0.25);
    expect(model.weights[1]).toBeLessThan(1e-15);
  });

  it('running out of iterations is a result', async () => {
    const model = await gaussianMixture(clouds(100, 2, 3, 13, 1), { nComponents: 3, maxIter: 1 });
    expect([model.nIter, model.converged, model.lowerBounds.length]).toEqual([1, false, 1]);
  });
});

describe('the sample of a GaussianMixtureModel', () => {
  it('has the mixture’s shares, means and covariances', async () => {
    for (const covarianceType of types) {
      const model = await gaussianMixture(clouds(400, 2, 2, 14), { nComponents: 2, covarianceType });
      const { X, labels } = model.sample(20000, { seed: 1 });
      const again = await gaussianMixture(X, {
        nComponents: 2,
        covarianceType,
        init: { labels },
        maxIter: 0,
      });
      model.weights.forEach((weight, c) => {
        expect(Math.abs(again.weights[c]! - weight)).toBeLessThan(5 * Math.sqrt(0.25 / 20000));
      });
      model.means.data.forEach((value, i) => {
        expect(Math.abs(again.means.data[i]! - value)).toBeLessThan(0.06); // 5 σ/√n, n ≥ 8000
      });
      model.covariances.data.forEach((value, i) => {
        expect(Math.abs(again.covariances.data[i]! - value)).toBeLessThan(0.1);
      });
    }
  });
});

describe('gaussianMixture refuses', () => {
  const X = clouds(10, 2, 2, 15);
  const refused = (options: unknown, message: string | RegExp) =>
    expect(gaussianMixture(X, options as GaussianMixtureOptions)).rejects.toThrow(message);

  it('what is no option, in one sentence', async () => {
    await refused({}, 'gaussianMixture: nComponents is required: an integer in [1, 10], the rows of X');
    await refused(
      { nComponents: 11 },
      'gaussianMixture: nComponents must be an integer in [1, 10], the rows of X; got 11',
    );
    await refused(
      { nComponents: 2, covarianceType: 'diagonal' },
      'gaussianMixture: covarianceType must be "full", "tied", "diag" or "spherical"; got "diagonal"',
    );
    await refused(
      { nComponents: 2, tol: -1 },
      'gaussianMixture: tol must be a finite number in [0, ∞); got -1',
    );
    await refused({ nComponents: 2, nComponent: 2 }, 'gaussianMixture: unknown option "nComponent"');
    await refused(
      { nComponents: 2, init: 'kmeans++' },
      'gaussianMixture: init must be "kmeans", "k-means++"',
    );
    await refused(
      { nComponents: 2, init: { weights: [1] } },
      'gaussianMixture: init must be { labels }, { responsibilities } or { weights, means, precisions }; got { weights }',
    );
  });

  it('a start that does not fit the data', async () => {
    const start = (init: unknown, message: string) => refused({ nComponents: 2, init }, message);
    await start({ labels: [0, 1] }, 'init.labels must have one label a row, 10; got an array of 2');
    await start(
      { labels: [0, 1, 2, 0, 0, 0, 0, 0, 0, 0] },
      'init.labels[2] must be an integer in [0, 1]; got 2',
    );
    await start({ labels: new Int32Array(10) }, 'init.labels gives component 1 no row');
    await start(
      { responsibilities: new Array(10).fill([1]) },
      'init.responsibilities must be nSamples × nComponents = 10 × 2; got 10 × 1',
    );
    await start(
      { responsibilities: new Array(10).fill([1.5, -0.5]) },
      'init.responsibilities, row 0: expected values ≥ 0 that sum to 1',
    );
    const parts = {
      weights: [0.5, 0.5],
      means: [
        [0, 0],
        [1, 1],
      ],
      precisions: { data: [1, 0, 0, 1, 1, 0, 0, 1], shape: [2, 2, 2] },
    };
    await start({ ...parts, weights: [0.5, 0.6] }, 'init.weights must be ≥ 0 and sum to 1; got a sum of 1.1');
    await start({ ...parts, weights: [0.5] }, 'init.weights must have one weight a component, 2');
    await start(
      { ...parts, means: [[0, 0]] },
      'init.means must be nComponents × nFeatures = 2 × 2; got 1 × 2',
    );
    await start(
      { ...parts, precisions: { data: [1, 1], shape: [2] } },
      'init.precisions must have shape [2, 2, 2] and 8 values for "full"; got shape [2] and 2 values',
    );
    await start(
      { ...parts, precisions: { data: [1, 0, 0, 1, 1, 2, 2, 1], shape: [2, 2, 2] } },
      'init.precisions of component 1 must be positive definite',
    );
    await start(
      { ...parts, precisions: { data: [1, 0, 0, 1, 1, 0.5, 0, 1], shape: [2, 2, 2] } },
      'init.precisions must be symmetric; got 0 at [1, 0] and 0.5 at [0, 1]',
    );
  });

  it('weights that are no weights', async () => {
    await refused({ nComponents: 2, sampleWeight: [1] }, 'sampleWeight has 1 entries but X has 10 rows');
    await refused(
      { nComponents: 2, sampleWeight: new Array(10).fill(-1) },
      'sampleWeight[0] must be a finite number ≥ 0; got -1',
    );
    await refused(
      { nComponents: 2, sampleWeight: new Array(10).fill(0) },
      'sampleWeight must not be all zero',
    );
    await refused(
      { nComponents: 2, sampleWeight: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
      'gaussianMixture: nComponents must be at most 1, the rows of positive weight; got 2',
    );
  });

  it('a component that collapses, saying which and what to try', async () => {
    const flat = mapped(clouds(20, 2, 2, 16), (value, column) => (column ? 1 : value));
    const labels = Int32Array.from({ length: 20 }, (_, i) => i % 2);
    for (const covarianceType of ['full', 'diag'] as const)
      await expect(
        gaussianMixture(flat, { nComponents: 2, covarianceType, regCovar: 0, init: { labels } }),
      ).rejects.toThrow(
        'gaussianMixture: component 0 (weight 0.5) collapsed (covariance not positive definite); try fewer components, a larger regCovar, or scaled data',
      );
    await expect(
      gaussianMixture(flat, { nComponents: 2, covarianceType: 'tied', regCovar: 0, init: { labels } }),
    ).rejects.toThrow('gaussianMixture: the tied covariance collapsed');
  });

  it('rows that are no rows', async () => {
    await expect(gaussianMixture([[1, NaN]], { nComponents: 1 })).rejects.toThrow(
      'gaussianMixture: X: row 0, column 1 is NaN',
    );
    const model = await gaussianMixture(X, { nComponents: 2 });
    expect(() => model.predict([[1, 2, 3]])).toThrow(
      'GaussianMixtureModel.predict: X has 3 features; this model was fitted on 2',
    );
    expect(() => model.sample(0)).toThrow(
      'GaussianMixtureModel.sample: n must be an integer in [1, ∞); got 0',
    );
  });
});

describe('gaussianMixtureStep', () => {
  it('fits the mixture to what the steps before it made of the rows, with the control of the pipeline', async () => {
    const X = clouds(120, 2, 2, 31);
    const options = { nComponents: 2, covarianceType: 'diag' as const };
    const fitted = await pipeline([standardScalerStep(), gaussianMixtureStep(options)]).fit(X, { seed: 4 });
    const scaled = (await standardScaler(X)).transform(X);
    expect(fitted.model).toEqual(await gaussianMixture(scaled, { ...options, seed: 4 }));
    expect(fitted.predict(X)).toEqual(fitted.model.predict(scaled));
  });
});
