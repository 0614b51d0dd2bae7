import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataset, matrix, oracle } from '../../test/oracles.ts';
import { inverse, logGaussian, logSumExp, tabulate } from '../../test/textbook.ts';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { type CovarianceType, covarianceTypes } from './covariance/type.ts';
import { gaussianMixture } from './gaussianMixture.ts';
import type { GaussianMixtureModel } from './model.ts';

/** Slanted clouds of d features around k points. */
function slanted(n: number, d: number, k: number, seed: number, gap = 3): Matrix {
  const random = new Random(seed);
  const data = new Float64Array(n * d);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < d; j++)
      data[i * d + j] =
        random.normal() + gap * ((i % k) + 1) * (j % 2 ? 1 : -0.5) + (j ? 0.7 * data[i * d + j - 1]! : 0);
  return new Matrix(data, n, d);
}

const fitted = (covarianceType: CovarianceType, seed = 1, d = 4): Promise<GaussianMixtureModel> =>
  gaussianMixture(slanted(200, d, 3, seed), { nComponents: 3, covarianceType, maxIter: 5 });

/** Component c's covariance as a matrix, whatever the type. */
function covarianceOf(
  { covarianceType: type, covariances, means }: GaussianMixtureModel,
  c: number,
): number[][] {
  const d = means.cols;
  return tabulate(d, d, (i, j) => {
    const at = { full: (c * d + i) * d + j, tied: i * d + j, diag: c * d + i, spherical: c }[type];
    return type === 'full' || type === 'tied' || i === j ? covariances.data[at]! : 0;
  });
}

/** log p of one row under the mixture of the columns `dims`, by the textbook. */
function marginalLogDensity(model: GaussianMixtureModel, dims: number[], row: number[]): number {
  return logSumExp(
    Array.from(model.weights, (weight, c) => {
      const S = covarianceOf(model, c);
      const mean = dims.map((j) => model.means.data[c * model.means.cols + j]!);
      return (
        Math.log(weight) +
        logGaussian(
          mean,
          dims.map((i) => dims.map((j) => S[i]![j]!)),
        )(row)
      );
    }),
  );
}

describe('icl', () => {
  it('is BIC where the components are certain, and larger where they are not', async () => {
    const X = slanted(300, 2, 2, 1, 30);
    const apart = await gaussianMixture(X, { nComponents: 2 });
    expect(apart.icl(X)).toBeCloseTo(apart.bic(X), 9);
    // two equal components: r = ½ everywhere, −2 Σ log ½ = 2 n log 2
    const twins = await gaussianMixture([[0], [1], [3]], {
      nComponents: 2,
      init: {
        responsibilities: [
          [0.5, 0.5],
          [0.5, 0.5],
          [0.5, 0.5],
        ],
      },
      maxIter: 0,
    });
    expect(twins.icl([[0], [1], [3]])).toBeCloseTo(twins.bic([[0], [1], [3]]) + 6 * Math.log(2), 12);
  });

  it('is mclust’s, with the other sign', async () => {
    const { X } = dataset('iris');
    for (const [model, covarianceType] of [
      ['VVV', 'full'],
      ['VVI', 'diag'],
      ['VII', 'spherical'],
      ['EEE', 'tied'],
    ] as const) {
      const { em_converged: wanted } = oracle('mclust').cases.find(
        (one: { model: string }) => one.model === model,
      );
      const [k, d] = wanted.sigma.shape as [number, number];
      const precision = (c: number) =>
        inverse(tabulate(d, d, (i, j) => wanted.sigma.data[(c * d + i) * d + j]));
      const all = Array.from({ length: k }, (_, c) => precision(c));
      const precisions = {
        full: { data: all.flat(2), shape: [k, d, d] },
        tied: { data: all[0]!.flat(), shape: [d, d] },
        diag: { data: all.flatMap((P) => P.map((row, i) => row[i]!)), shape: [k, d] },
        spherical: { data: all.map((P) => P[0]![0]!), shape: [k] },
      }[covarianceType];
      const mixture = await gaussianMixture(X, {
        nComponents: k,
        covarianceType,
        init: { weights: wanted.weights, means: matrix(wanted.means), precisions },
        maxIter: 0,
      });
      expect(mixture.bic(X)).toBeCloseTo(-wanted.bic_mclust_sign, 6);
      expect(mixture.icl(X)).toBeCloseTo(-wanted.icl_mclust_sign, 6);
    }
  });
});

describe('marginal', () => {
  it('has the density of the mixture with the other features integrated out', async () => {
    for (const type of covarianceTypes) {
      const model = await fitted(type);
      for (const dims of [[2], [3, 0], [0, 1, 2, 3]]) {
        const rows = [dims.map((j) => 0.3 * j - 1), dims.map(() => 2)];
        const marginal = model.marginal(dims);
        expect(marginal.covarianceType).toBe(type);
        rows.forEach((row, i) => {
          expect(marginal.scoreSamples(rows)[i]).toBeCloseTo(marginalLogDensity(model, dims, row), 11);
        });
      }
    }
  });

  it('of all features is the mixture', async () => {
    const model = await fitted('full');
    const X = slanted(20, 4, 3, 9);
    expect(model.marginal([0, 1, 2, 3]).scoreSamples(X)).toEqual(model.scoreSamples(X));
  });

  it('refuses what are no columns', async () => {
    const model = await fitted('diag');
    const who = 'GaussianMixtureModel.marginal: dims must be different integers in [0, 3]; got';
    for (const [dims, what] of [
      [[], 'none'],
      [[4], '4'],
      [[-1], '-1'],
      [[1, 1], '1'],
      [[0.5], '0.5'],
    ] as const)
      expect(() => model.marginal(dims)).toThrow(`${who} ${what}`);
  });
});

describe('conditional', () => {
  it('by hand: the regression line of a slanted normal', async () => {
    // Σ = [[2, 1], [1, 2]], μ = (1, 3): given x₀ = 3, the mean of x₁ is 3 + ½ (3 − 1) = 4, its variance 2 − ½ = 1.5
    const determinant = 3;
    const model = await gaussianMixture(
      [
        [0, 0],
        [1, 1],
      ],
      {
        nComponents: 1,
        init: {
          weights: [1],
          means: [[1, 3]],
          precisions: { data: [2, -1, -1, 2].map((v) => v / determinant), shape: [1, 2, 2] },
        },
        maxIter: 0,
      },
    );
    const given = model.conditional([3, NaN]);
    expect(given.means.data[0]).toBeCloseTo(4, 12);
    expect(given.covariances.data[0]).toBeCloseTo(1.5, 12);
    expect(model.predictMean([0], [[3], [1]]).data[0]).toBeCloseTo(4, 12);
    expect(model.predictMean([0], [[3], [1]]).data[1]).toBeCloseTo(3, 12);
    expect(model.impute([[3, NaN]]).data[1]).toBeCloseTo(4, 12);
  });

  it('times the density of what is known is the density of the whole row', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...covarianceTypes),
        fc.integer({ min: 1, max: 14 }),
        fc.integer({ min: 0, max: 1000 }),
        fc.array(fc.double({ min: -4, max: 6, noNaN: true }), { minLength: 4, maxLength: 4 }),
        async (type, pattern, seed, row) => {
          const model = await fitted(type, seed);
          const known = [0, 1, 2, 3].filter((j) => (pattern >> j) & 1);
          const rest = [0, 1, 2, 3].filter((j) => !known.includes(j));
          const given = model.conditional(row.map((value, j) => (known.includes(j) ? value : NaN)));
          const joint = model.scoreSamples([row])[0]!;
          const of = (mixture: GaussianMixtureModel, dims: number[]) =>
            mixture.scoreSamples([dims.map((j) => row[j]!)])[0]!;
          const product = of(model.marginal(known), known) + of(given, rest);
          expect(Math.abs(product - joint)).toBeLessThan(1e-9 * Math.max(1, Math.abs(joint)));
          const mean = rest.map((_, a) =>
            given.weights.reduce((sum, w, c) => sum + w * given.means.data[c * rest.length + a]!, 0),
          );
          const predicted = model.predictMean(known, [known.map((j) => row[j]!)]);
          predicted.data.forEach((value, a) => {
            expect(value).toBeCloseTo(mean[a]!, 9);
          });
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  it('given nothing is the mixture, and refuses to say anything where all is known', async () => {
    const model = await fitted('full');
    const X = slanted(20, 4, 3, 9);
    expect(model.conditional([NaN, NaN, NaN, NaN]).scoreSamples(X)).toEqual(model.scoreSamples(X));
    expect(() => model.conditional([1, 2, 3, 4])).toThrow(
      'GaussianMixtureModel.conditional: every feature is known; mark those to be inferred with NaN',
    );
    expect(() => model.conditional([1, NaN])).toThrow('X has 2 features; this model was fitted on 4');
  });
});

describe('predictMean', () => {
  it('is a regression: closer to a curve than any line', async () => {
    const random = new Random(3);
    const X = Array.from({ length: 900 }, () => {
      const x = 6 * random.uniform() - 3;
      return [x, x * x + 0.3 * random.normal()];
    });
    const error = async (nComponents: number) => {
      const model = await gaussianMixture(X, { nComponents, nInit: 3, regCovar: 1e-3 });
      const predicted = model.predictMean(
        [0],
        X.map(([x]) => [x!]),
      );
      return X.reduce((sum, [, y], i) => sum + (y! - predicted.data[i]!) ** 2, 0) / X.length;
    };
    expect(await error(1)).toBeGreaterThan(5);
    expect(await error(6)).toBeLessThan(0.25);
  });

  it('refuses what makes no sense', async () => {
    const model = await fitted('full');
    expect(() => model.predictMean([0, 1], [[1]])).toThrow(
      'GaussianMixtureModel.predictMean: values must have a column for each of the 2 dims; got 1',
    );
    expect(() => model.predictMean([0, 1, 2, 3], [[1, 1, 1, 1]])).toThrow(
      'GaussianMixtureModel.predictMean: dims has every feature; leave out those to be predicted',
    );
    expect(() => model.predictMean([5], [[1]])).toThrow('GaussianMixtureModel.predictMean: dims must be');
    expect(() => model.predictMean([0], [[NaN]])).toThrow(
      'GaussianMixtureModel.predictMean: row 0, column 0 is NaN',
    );
  });
});

describe('impute', () => {
  it('leaves what is known, the caller’s rows and complete rows untouched', async () => {
    const model = await fitted('full');
    for (const single of [false, true]) {
      const values = [1, NaN, 2, 3, 0, 1, 2, 3, NaN, NaN, NaN, NaN];
      const X = new Matrix(single ? Float32Array.from(values) : Float64Array.from(values), 3, 4);
      const filled = model.impute(X);
      expect(filled.dtype).toBe(X.dtype);
      expect(X.data[1]).toBeNaN();
      values.forEach((value, i) => {
        if (Number.isNaN(value)) expect(Number.isFinite(filled.data[i])).toBe(true);
        else expect(filled.data[i]).toBe(value);
      });
      const mean = [0, 1, 2, 3].map((j) =>
        model.weights.reduce((sum, w, c) => sum + w * model.means.data[c * 4 + j]!, 0),
      );
      mean.forEach((value, j) => {
        expect(filled.data[8 + j]).toBeCloseTo(value, single ? 5 : 12);
      });
    }
  });

  it('is closer to what was lost than the columns’ means', async () => {
    const X = slanted(600, 4, 3, 5);
    const model = await gaussianMixture(X, { nComponents: 3 });
    const random = new Random(1);
    const holes = new Matrix(
      X.data.map((v) => (random.uniform() < 0.2 ? NaN : v)),
      600,
      4,
    );
    const filled = model.impute(holes);
    const means = [0, 1, 2, 3].map((j) =>
      Array.from(X.data).reduce((sum, v, i) => sum + (i % 4 === j ? v / 600 : 0), 0),
    );
    let [ours, plain] = [0, 0];
    holes.data.forEach((value, i) => {
      if (!Number.isNaN(value)) return;
      ours += (filled.data[i]! - X.data[i]!) ** 2;
      plain += (means[i % 4]! - X.data[i]!) ** 2;
    });
    expect(ours).toBeLessThan(0.4 * plain);
  });
});
