import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logGaussian, logSumExp, tabulate } from '../../../test/textbook.ts';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { type CovarianceType, covarianceTypes } from '../covariance/type.ts';
import { gaussianMixture } from '../gaussianMixture.ts';
import { GaussianMixtureModel } from '../model.ts';
import type { GaussianMixtureOptions } from '../options.ts';

/** Slanted clouds, a share of whose entries is missing; row 5 has nothing. */
function incomplete(n: number, d: number, share: number, seed: number, single = false): Matrix {
  const random = new Random(seed);
  const data = new Float64Array(n * d);
  for (let i = 0; i < n; i++) {
    let before = 0;
    for (let j = 0; j < d; j++) data[i * d + j] = before = random.normal() + (i % 2 ? 5 : 0) + 0.6 * before;
  }
  const holes = data.map((value, at) => (random.uniform() < share || Math.floor(at / d) === 5 ? NaN : value));
  return new Matrix(single ? Float32Array.from(holes) : holes, n, d);
}

const fit = (X: Matrix, covarianceType: CovarianceType, options: Partial<GaussianMixtureOptions> = {}) =>
  gaussianMixture(X, { nComponents: 2, covarianceType, missing: 'observed', ...options });

describe('gaussianMixture with missing: "observed"', () => {
  it('by hand: a value that is missing leaves the mean of the others', async () => {
    // one component on the line, x = 1, 3, ?: mean 2, variance 1 at the fixed point; log p of the third row is 0
    const model = await gaussianMixture([[1], [3], [NaN]], {
      nComponents: 1,
      regCovar: 0,
      missing: 'observed',
      tol: 1e-14,
      maxIter: 200,
    });
    expect(model.means.data[0]).toBeCloseTo(2, 12);
    expect(model.covariances.data[0]).toBeCloseTo(1, 6);
    expect(model.lowerBound).toBeCloseTo((2 * (-0.5 * Math.log(2 * Math.PI) - 0.5)) / 3, 12);
    expect(Array.from(model.scoreSamples([[NaN]]))).toEqual([0]);
  });

  it('never lets the likelihood fall, whatever the type, the share and the start', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...covarianceTypes),
        fc.constantFrom('kmeans', 'k-means++', 'random', 'randomFromData'),
        fc.double({ min: 0.02, max: 0.6, noNaN: true }),
        fc.integer({ min: 0, max: 1e6 }),
        async (type, init, share, seed) => {
          const X = incomplete(120, 4, share, seed);
          const { lowerBounds } = await fit(X, type, {
            init: init as 'random',
            regCovar: 1e-9,
            maxIter: 12,
            tol: 0,
            seed,
          });
          for (let i = 1; i < lowerBounds.length; i++)
            expect(lowerBounds[i]! - lowerBounds[i - 1]!).toBeGreaterThan(-1e-7); // regCovar's share
        },
      ),
      { numRuns: 40, seed: 2 },
    );
  });

  it('goes on from complete rows as the complete fit does', async () => {
    const X = incomplete(200, 3, 0, 1);
    const complete = X.take(Array.from({ length: 200 }, (_, i) => (i === 5 ? 6 : i)));
    const one = Float64Array.from(complete.data);
    const labels = Int32Array.from({ length: 200 }, (_, i) => i % 2);
    for (const type of covarianceTypes) {
      // a row without entries counts for the weights as they are and for nothing else: the limit is the same
      const expected = await gaussianMixture(complete, {
        nComponents: 2,
        covarianceType: type,
        init: { labels },
        tol: 1e-12,
        maxIter: 300,
      });
      const more = new Matrix(new Float64Array([...one, NaN, NaN, NaN]), 201, 3);
      const model = await fit(more, type, { init: { labels: [...labels, 0] }, tol: 1e-12, maxIter: 300 });
      expected.means.data.forEach((value, i) => {
        expect(model.means.data[i]).toBeCloseTo(value, 5);
      });
      expected.covariances.data.forEach((value, i) => {
        expect(model.covariances.data[i]).toBeCloseTo(value, 4);
      });
    }
  });

  it('is gaussianMixture where nothing is missing, to the bit', async () => {
    const X = incomplete(100, 3, 0, 2).take(Array.from({ length: 100 }, (_, i) => (i === 5 ? 6 : i)));
    for (const type of covarianceTypes) {
      const model = await fit(X, type);
      const plain = await gaussianMixture(X, { nComponents: 2, covarianceType: type });
      expect(model.covariances).toEqual(plain.covariances);
      expect(model.missing).toBe('observed');
      expect(model.scoreSamples(X)).toEqual(plain.scoreSamples(X));
    }
  });

  it('takes weights: 3 counts as three copies', async () => {
    const X = incomplete(80, 3, 0.2, 3);
    const weights = Array.from({ length: 80 }, (_, i) => i % 4);
    const copies = weights.flatMap((weight, i) => new Array<number>(weight).fill(i));
    for (const type of covarianceTypes) {
      const options = { tol: 0, maxIter: 5 };
      const weighted = await fit(X, type, {
        ...options,
        init: { labels: Int32Array.from({ length: 80 }, (_, i) => i % 2) },
        sampleWeight: weights,
      });
      const repeated = await fit(X.take(copies), type, {
        ...options,
        init: { labels: copies.map((i) => i % 2) },
      });
      expect(weighted.lowerBound).toBeCloseTo(repeated.lowerBound, 10);
      repeated.means.data.forEach((value, i) => {
        expect(weighted.means.data[i]).toBeCloseTo(value, 9);
      });
      repeated.covariances.data.forEach((value, i) => {
        expect(weighted.covariances.data[i]).toBeCloseTo(value, 9);
      });
    }
  });

  it('does not know the order of the columns', async () => {
    const X = incomplete(150, 4, 0.3, 4);
    const order = [2, 0, 3, 1];
    const turned = new Matrix(
      X.data.map((_, at) => X.data[at - (at % 4) + order[at % 4]!]!),
      150,
      4,
    );
    const labels = Int32Array.from({ length: 150 }, (_, i) => i % 2);
    for (const type of covarianceTypes) {
      const a = await fit(X, type, { init: { labels } });
      const b = await fit(turned, type, { init: { labels } });
      expect(b.lowerBound).toBeCloseTo(a.lowerBound, 10);
      b.means.data.forEach((value, at) => {
        expect(value).toBeCloseTo(a.means.data[at - (at % 4) + order[at % 4]!]!, 8);
      });
    }
  });

  it('scores what is observed as the textbook does, in its last iteration and in the model', async () => {
    for (const type of covarianceTypes) {
      const X = incomplete(60, 3, 0.3, 5);
      const before = await fit(X, type, { maxIter: 3, tol: 0 });
      const after = await fit(X, type, { maxIter: 4, tol: 0 });
      const scores = before.scoreSamples(X);
      expect(after.lowerBound).toBeCloseTo(before.score(X), 11);
      const covariance = (c: number) =>
        tabulate(3, 3, (i, j) => {
          const at = { full: (c * 3 + i) * 3 + j, tied: i * 3 + j, diag: c * 3 + i, spherical: c }[type];
          return type === 'full' || type === 'tied' || i === j ? before.covariances.data[at]! : 0;
        });
      X.toArray().forEach((row, n) => {
        const seen = [0, 1, 2].filter((j) => !Number.isNaN(row[j]));
        const terms = [0, 1].map((c) => {
          const S = covariance(c);
          const mean = seen.map((j) => before.means.data[c * 3 + j]!);
          const density = seen.length
            ? logGaussian(
                mean,
                seen.map((i) => seen.map((j) => S[i]![j]!)),
              )(seen.map((j) => row[j]!))
            : 0;
          return Math.log(before.weights[c]!) + density;
        });
        expect(scores[n]).toBeCloseTo(logSumExp(terms), 10);
        const probabilities = Array.from(before.predictProba(X).row(n));
        expect(probabilities[0]).toBeCloseTo(Math.exp(terms[0]! - logSumExp(terms)), 10);
        expect(before.predict(X)[n]).toBe(probabilities[1]! > probabilities[0]! ? 1 : 0);
      });
    }
  });

  it('leaves the caller’s rows untouched, keeps its option in JSON, and computes in float32 too', async () => {
    for (const single of [false, true]) {
      const X = incomplete(200, 3, 0.2, 6, single);
      const before = X.data.slice();
      const model = await fit(X, 'full', { tol: 1e-4 });
      expect(X.data).toEqual(before);
      const again = GaussianMixtureModel.fromJSON(JSON.parse(JSON.stringify(model)));
      expect(again).toEqual(model);
      expect(again.scoreSamples(X)).toEqual(model.scoreSamples(X));
      const found = [model.means.data[0]!, model.means.data[3]!].sort((a, b) => a - b);
      expect(Math.abs(found[0]!)).toBeLessThan(0.5);
      expect(Math.abs(found[1]! - 5)).toBeLessThan(0.5);
    }
  });

  it('rejects with the signal’s reason, and reports every iteration', async () => {
    const X = incomplete(300, 3, 0.2, 7);
    const controller = new AbortController();
    const stopped = fit(X, 'full', {
      tol: 0,
      maxIter: 1e6,
      signal: controller.signal,
      onProgress: ({ iteration }) => iteration === 3 && controller.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
    const seen: string[] = [];
    await fit(X, 'full', {
      tol: 0,
      maxIter: 2,
      nInit: 2,
      onProgress: ({ task, run, iteration }) => seen.push(`${task} ${run} ${iteration}`),
    });
    expect(seen).toEqual(['0 1', '0 2', '1 1', '1 2'].map((event) => `gaussianMixture ${event}`));
  });

  it('refuses what makes no sense, in one sentence', async () => {
    const X = incomplete(20, 2, 0.1, 8);
    await expect(gaussianMixture(X, { nComponents: 1 })).rejects.toThrow(
      'gaussianMixture: X: row 3, column 1 is NaN; expected finite values (remove or fill the row; kmeans, selectKMeans, gapStatistic, gaussianMixture and selectGaussianMixture take NaN with the option missing)',
    );
    await expect(fit(X, 'full', { missing: 'em' as 'observed' })).rejects.toThrow(
      'gaussianMixture: missing must be "observed"; got "em"',
    );
    await expect(
      gaussianMixture(
        [
          [1, NaN],
          [2, NaN],
        ],
        { nComponents: 1, missing: 'observed' },
      ),
    ).rejects.toThrow(
      'gaussianMixture: column 1 of X has no observed entry of positive weight; leave it out',
    );
    await expect(
      gaussianMixture(
        [
          [1, Infinity],
          [2, NaN],
        ],
        { nComponents: 1, missing: 'observed' },
      ),
    ).rejects.toThrow('gaussianMixture: X: row 0, column 1 is Infinity');
    for (const type of covarianceTypes) {
      const flat = new Matrix(
        X.data.map((v) => (Number.isNaN(v) ? v : 1)),
        20,
        2,
      );
      const labels = Int32Array.from({ length: 20 }, (_, i) => i % 2);
      await expect(fit(flat, type, { regCovar: 0, init: { labels } })).rejects.toThrow(
        type === 'tied'
          ? 'gaussianMixture: the tied covariance collapsed (covariance not positive definite); try fewer'
          : /^gaussianMixture: component 0 \(weight [\d.]+\) collapsed \(covariance not positive definite\); try fewer/,
      );
    }
    const complete = await gaussianMixture(
      [
        [1, 2],
        [2, 4],
        [3, 1],
      ],
      { nComponents: 1 },
    );
    expect(() => complete.scoreSamples([[1, NaN]])).toThrow(
      'GaussianMixtureModel.scoreSamples: row 0, column 1 is NaN',
    );
    const saved = JSON.parse(JSON.stringify(complete));
    expect(() => GaussianMixtureModel.fromJSON({ ...saved, missing: 'em' })).toThrow(
      'GaussianMixtureModel.fromJSON: missing must be null or "observed"; got "em"',
    );
  });
});
