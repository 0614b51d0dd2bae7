import { describe, expect, it } from 'vitest';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { saveArray } from '../serialize.ts';
import { type ClassGaussianMixtureOptions, classGaussianMixture } from './classGaussianMixture.ts';
import { gaussianMixture } from './gaussianMixture.ts';
import { GaussianMixtureModel } from './model.ts';

/** Rows of three classes, 2, 5 and 7; class 5 has two clouds. */
function classes(n: number, seed: number): { X: Matrix; labels: Int32Array } {
  const random = new Random(seed);
  const labels = Int32Array.from({ length: n }, (_, i) => [2, 5, 7][i % 3]!);
  const data = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    const cloud = i % 3 === 1 ? (i % 2 ? -8 : 8) : i % 3 === 0 ? 0 : 20;
    data[2 * i] = cloud + random.normal();
    data[2 * i + 1] = random.normal();
  }
  return { X: new Matrix(data, n, 2), labels };
}

describe('classGaussianMixture', () => {
  it('gives each class the mean and the variance of its rows, by hand', async () => {
    // class −1: 0, 2 → mean 1, variance 1; class 4: 10, 11, 12 → mean 11, variance ⅔; shares ⅖ and ⅗
    const model = await classGaussianMixture([[10], [0], [11], [2], [12]], [4, -1, 4, -1, 4], {
      regCovar: 0,
    });
    expect(Array.from(model.classes!)).toEqual([-1, 4]);
    expect(model.means.data[0]).toBeCloseTo(1, 13);
    expect(model.means.data[1]).toBeCloseTo(11, 13);
    expect(model.covariances.data[0]).toBeCloseTo(1, 13);
    expect(model.covariances.data[1]).toBeCloseTo(2 / 3, 13);
    expect(model.weights[0]).toBeCloseTo(0.4, 13);
    expect([model.nIter, model.converged]).toEqual([0, false]);
  });

  it('is gaussianMixture from the labels, without iterations', async () => {
    const { X, labels } = classes(300, 1);
    const model = await classGaussianMixture(X, labels);
    const expected = await gaussianMixture(X, {
      nComponents: 3,
      init: { labels: labels.map((label) => [2, 5, 7].indexOf(label)) },
      maxIter: 0,
    });
    expect(model.weights).toEqual(expected.weights);
    expect(model.means).toEqual(expected.means);
    expect(model.covariances).toEqual(expected.covariances);
    expect(model.scoreSamples(X)).toEqual(expected.scoreSamples(X));
  });

  it('finds the clouds of a class, which fit better', async () => {
    const { X, labels } = classes(600, 2);
    const one = await classGaussianMixture(X, labels);
    const two = await classGaussianMixture(X, labels, { perClass: 2 });
    expect(Array.from(two.classes!)).toEqual([2, 2, 5, 5, 7, 7]);
    const found = [two.means.data[4]!, two.means.data[6]!].sort((a, b) => a - b);
    expect(found[0]).toBeCloseTo(-8, 0);
    expect(found[1]).toBeCloseTo(8, 0);
    expect(two.score(X)).toBeGreaterThan(one.score(X) + 0.2);
    const wrong = two.predict(X).filter((component, i) => two.classes![component] !== labels[i]);
    expect(wrong.length).toBe(0);
    const refined = await classGaussianMixture(X, labels, { perClass: 2, maxIter: 5, tol: 0 });
    expect(refined.nIter).toBe(5);
    expect(refined.score(X)).toBeGreaterThan(two.score(X));
  });

  it('gives a class of few distinct rows as many components as it has', async () => {
    const X = [[0], [0], [5], [5.5], [9], [3]];
    const model = await classGaussianMixture(X, [0, 0, 1, 1, 1, 2], { perClass: 3 });
    expect(Array.from(model.classes!)).toEqual([0, 1, 1, 1, 2]);
  });

  it('takes weights: 3 counts as three copies, 0 as none', async () => {
    const { X, labels } = classes(60, 3);
    const weights = Array.from({ length: 60 }, (_, i) => i % 4);
    const copies = weights.flatMap((weight, i) => new Array<number>(weight).fill(i));
    const weighted = await classGaussianMixture(X, labels, { sampleWeight: weights });
    const repeated = await classGaussianMixture(
      X.take(copies),
      copies.map((i) => labels[i]!),
    );
    repeated.covariances.data.forEach((value, i) => {
      expect(weighted.covariances.data[i]).toBeCloseTo(value, 10);
    });
    repeated.weights.forEach((value, i) => {
      expect(weighted.weights[i]).toBeCloseTo(value, 12);
    });
    const split = await classGaussianMixture(X, labels, { perClass: 2, sampleWeight: weights });
    expect(split.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 14);
  });

  it('gives the same bits for 0, 1, 2 and 5 workers, and keeps its classes in JSON', async () => {
    const { X, labels } = classes(5000, 4);
    const fits = [];
    for (const workers of [0, 1, 2, 5])
      fits.push(await classGaussianMixture(X, labels, { perClass: 3, maxIter: 3, seed: 5, workers }));
    for (const fit of fits) expect(fit).toEqual(fits[0]);
    expect(GaussianMixtureModel.fromJSON(JSON.parse(JSON.stringify(fits[0])))).toEqual(fits[0]);
  });

  it('refuses what makes no sense, in one sentence', async () => {
    const X = [[0], [1], [2]];
    const refused = (labels: unknown, options: unknown, message: string) =>
      expect(
        classGaussianMixture(X, labels as number[], options as ClassGaussianMixtureOptions),
      ).rejects.toThrow(message);
    await refused([0, 1], {}, 'classGaussianMixture: labels has 2 entries but X has 3 rows');
    await refused([0, 1, 0.5], {}, 'classGaussianMixture: labels[2] must be a 32-bit integer; got 0.5');
    await refused(
      'abc',
      {},
      'classGaussianMixture: labels must be an array of integers, one a row; got "abc"',
    );
    await refused(
      [0, 0, 1],
      { perClass: 0 },
      'classGaussianMixture: perClass must be an integer in [1, ∞); got 0',
    );
    await refused([0, 0, 1], { nComponents: 2 }, 'classGaussianMixture: unknown option "nComponents"');
    await refused(
      [0, 0, 1],
      { sampleWeight: [1, 1, 0] },
      'classGaussianMixture: no row of class 1 has a positive sampleWeight; leave the class out',
    );
    const signal = AbortSignal.abort(new Error('enough'));
    await refused([0, 0, 1], { signal }, 'enough');
  });

  it('fromJSON refuses classes that are none', async () => {
    const saved = JSON.parse(JSON.stringify(await classGaussianMixture([[0], [1], [2]], [0, 0, 1])));
    for (const classes of [saveArray(Int32Array.of(0)), saveArray(Float64Array.of(0, 0.5)), 'x', [0, 1]])
      expect(() => GaussianMixtureModel.fromJSON({ ...saved, classes })).toThrow(
        'GaussianMixtureModel.fromJSON: classes must be an array of 2 integers; got',
      );
    expect(GaussianMixtureModel.fromJSON({ ...saved, classes: null }).classes).toBeUndefined();
  });
});
