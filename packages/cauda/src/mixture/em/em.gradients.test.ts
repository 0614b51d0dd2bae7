import { describe, expect, it } from 'vitest';
import {
  covarianceTypes,
  expectedLogLikelihood,
  type Matrix2,
  type Mixture,
  responsibilities,
  tabulate,
} from '../../../test/textbook.ts';
import { Random } from '../../random.ts';
import type { CovarianceType } from '../covariance/type.ts';
import { gaussianMixture } from '../gaussianMixture.ts';
import type { GaussianMixtureModel } from '../model.ts';

const K = 3;
const D = 3;
const N = 60;

/** Three overlapping clouds and responsibilities that no mixture gave. */
function problem(seed: number): { X: Matrix2; resp: Matrix2 } {
  const random = new Random(seed);
  const X = tabulate(N, D, (i, j) => random.normal() * (1 + j) + 2 * (i % K) * (j === 0 ? 1 : -0.5) + 5);
  const resp = tabulate(N, K, () => 0.05 + random.uniform()).map((row) => {
    const total = row.reduce((a, b) => a + b);
    return row.map((value) => value / total);
  });
  return { X, resp };
}

/** The numbers that the covariances of a type are made of, one to a free parameter. */
function freeCovariances({ covariances: { data } }: GaussianMixtureModel, type: CovarianceType): number[] {
  if (type === 'diag' || type === 'spherical') return Array.from(data);
  return Array.from({ length: data.length / (D * D) }, (_, c) =>
    tabulate(D, D, (i, j) => data[(c * D + i) * D + j]!).flatMap((row, i) => row.slice(i)),
  ).flat();
}

function wholeCovariances(free: readonly number[], type: CovarianceType): Matrix2[] {
  return Array.from({ length: K }, (_, c) =>
    tabulate(D, D, (i, j) => {
      if (type === 'spherical') return i === j ? free[c]! : 0;
      if (type === 'diag') return i === j ? free[c * D + i]! : 0;
      const [low, high] = i < j ? [i, j] : [j, i];
      const packed = low * D - (low * (low - 1)) / 2 + high - low;
      return free[(type === 'tied' ? 0 : c) * ((D * (D + 1)) / 2) + packed]!;
    }),
  );
}

/** Free parameters: log-weights (normalized by their sum), means, covariances. */
function mixtureOf(parameters: readonly number[], type: CovarianceType): Mixture {
  const raw = parameters.slice(0, K).map(Math.exp);
  const total = raw.reduce((a, b) => a + b);
  return {
    weights: raw.map((value) => value / total),
    means: tabulate(K, D, (k, j) => parameters[K + k * D + j]!),
    covariances: wholeCovariances(parameters.slice(K + K * D), type),
  };
}

function gradient(f: (at: number[]) => number, at: readonly number[]): number[] {
  const h = 1e-5;
  return at.map((_, i) => {
    const moved = (by: number) => f(at.map((value, j) => (i === j ? value + by : value)));
    return (moved(h) - moved(-h)) / (2 * h);
  });
}

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));

describe.each(covarianceTypes.map((type) => [type] as const))('EM with %s covariances', (type) => {
  it("the M-step's means, covariances and weights make the gradient of the expected log-likelihood vanish", async () => {
    const { X, resp } = problem(1);
    const model = await gaussianMixture(X, {
      nComponents: K,
      covarianceType: type,
      init: { responsibilities: resp },
      maxIter: 0,
      regCovar: 0,
    });
    const solution = [
      ...Array.from(model.weights, Math.log),
      ...model.means.data,
      ...freeCovariances(model, type),
    ];
    const Q = (parameters: number[]) => expectedLogLikelihood(X, resp, mixtureOf(parameters, type));
    expect(largest(gradient(Q, solution))).toBeLessThan(1e-6);
    for (let i = 0; i < solution.length; i++) {
      const beside = solution.map((value, j) => (i === j ? value + 0.01 : value));
      expect(largest(gradient(Q, beside))).toBeGreaterThan(1e-4); // the test would notice
    }
  });

  it("an iteration's E-step gives the responsibilities that its M-step maximizes with", async () => {
    const { X, resp } = problem(2);
    const options = {
      nComponents: K,
      covarianceType: type,
      init: { responsibilities: resp },
      regCovar: 0,
      tol: 0,
    };
    const before = await gaussianMixture(X, { ...options, maxIter: 1 });
    const after = await gaussianMixture(X, { ...options, maxIter: 2 });
    const posterior = responsibilities(
      X,
      mixtureOf(
        [...Array.from(before.weights, Math.log), ...before.means.data, ...freeCovariances(before, type)],
        type,
      ),
    );
    const difference = Array.from(before.predictProba(X).data, (p, i) => p - posterior.flat()[i]!);
    expect(largest(difference)).toBeLessThan(1e-12);
    const solution = [
      ...Array.from(after.weights, Math.log),
      ...after.means.data,
      ...freeCovariances(after, type),
    ];
    const Q = (parameters: number[]) => expectedLogLikelihood(X, posterior, mixtureOf(parameters, type));
    expect(largest(gradient(Q, solution))).toBeLessThan(1e-6);
  });

  it('the lower bound never falls', async () => {
    for (const seed of [3, 4, 5]) {
      const { X, resp } = problem(seed);
      const { lowerBounds } = await gaussianMixture(X, {
        nComponents: K,
        covarianceType: type,
        init: { responsibilities: resp },
        regCovar: 0,
        tol: 0,
        maxIter: 60,
      });
      expect(lowerBounds.length).toBeGreaterThan(1);
      for (let i = 1; i < lowerBounds.length; i++)
        expect(lowerBounds[i]! - lowerBounds[i - 1]!).toBeGreaterThan(-1e-12);
      expect(lowerBounds.at(-1)! - lowerBounds[0]!).toBeGreaterThan(1e-6);
    }
  });
});
