/** The claims of docs/derivations/em.md, which names these tests. */
import { describe, expect, it } from 'vitest';
import {
  type GaussianMixtureModel,
  type GaussianMixtureOptions,
  gaussianMixture,
  Random,
} from '../src/index.ts';
import {
  type CovarianceType,
  cholesky,
  counts,
  covarianceTypes,
  divergence,
  expectedLogLikelihood,
  inverse,
  logDeterminant,
  logGaussian,
  logJoint,
  logLikelihood,
  logSumExp,
  lowerBound,
  type Matrix2,
  type Mixture,
  mStep,
  quadraticForm,
  responsibilities,
  sum,
  tabulate,
  trace,
} from './textbook.ts';

const K = 3;
const D = 2;

/** Three overlapping clouds in the plane, of different shapes. */
function someData(seed: number, n = 90): Matrix2 {
  const random = new Random(seed);
  return Array.from({ length: n }, (_, i) => {
    const [a, b] = [random.normal(), random.normal()];
    if (i % 3 === 0) return [a, b];
    return i % 3 === 1 ? [2.5 + 0.6 * a, 0.5 + a + 0.7 * b] : [-1 + 1.2 * a - 0.4 * b, 2.5 + 0.5 * b];
  });
}

/** Parameters that are no fixed point. */
const someMixture: Mixture = {
  weights: [0.5, 0.3, 0.2],
  means: [
    [0.3, -0.2],
    [2, 1],
    [-0.5, 2],
  ],
  covariances: [
    [
      [1, 0.2],
      [0.2, 0.8],
    ],
    [
      [0.7, -0.1],
      [-0.1, 1.5],
    ],
    [
      [1.2, 0.3],
      [0.3, 0.6],
    ],
  ],
};

/** EM from `mixture` until nothing moves. */
function fixedPoint(X: Matrix2, type: CovarianceType, mixture: Mixture = someMixture): Mixture {
  let last = -Infinity;
  for (let i = 0; i < 5000; i++) {
    const next = mStep(X, responsibilities(X, mixture), type);
    const moved = Math.max(
      ...next.means.flat().map((value, j) => Math.abs(value - mixture.means.flat()[j]!)),
    );
    mixture = next;
    last = moved;
    if (moved < 1e-13) return mixture;
  }
  throw new Error(`EM still moves by ${last}`);
}

type Objective = (mixture: Mixture) => number;
type Change = (mixture: Mixture, by: number) => Mixture;

/** The derivative of `f` along `change` at `mixture`, by central differences of fourth order. */
function slope(f: Objective, mixture: Mixture, change: Change): number {
  const h = 4e-4;
  const at = (by: number) => f(change(mixture, by));
  return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
}

/** Moves coordinate j of mean k. */
const moveMean =
  (k: number, j: number): Change =>
  (mixture, by) => ({
    ...mixture,
    means: mixture.means.map((mean, a) => mean.map((value, b) => (a === k && b === j ? value + by : value))),
  });

/** Moves the covariances of the components in `which` along H. */
const moveCovariance =
  (which: readonly number[], H: Matrix2): Change =>
  (mixture, by) => ({
    ...mixture,
    covariances: mixture.covariances.map((S, k) =>
      which.includes(k) ? tabulate(D, D, (i, j) => S[i]![j]! + by * H[i]![j]!) : S,
    ),
  });

/** Moves weight k alone, so that they no longer sum to 1. */
const moveWeight =
  (k: number): Change =>
  (mixture, by) => ({
    ...mixture,
    weights: mixture.weights.map((weight, a) => (a === k ? weight + by : weight)),
  });

const components = [0, 1, 2];
const coordinates = [0, 1];
const meanMoves = components.flatMap((k) => coordinates.map((j) => moveMean(k, j)));

/** A basis of the symmetric directions: the two diagonal ones and the mixed one. */
const diagonal: Matrix2[] = coordinates.map((d) => tabulate(D, D, (i, j) => (i === d && j === d ? 1 : 0)));
const mixed: Matrix2 = tabulate(D, D, (i, j) => (i === j ? 0 : 1));
const identity: Matrix2 = tabulate(D, D, (i, j) => (i === j ? 1 : 0));

/** The directions in which the covariances of a type may move (section 7). */
const covarianceMoves: Record<CovarianceType, Change[]> = {
  full: components.flatMap((k) => [...diagonal, mixed].map((H) => moveCovariance([k], H))),
  tied: [...diagonal, mixed].map((H) => moveCovariance(components, H)),
  diag: components.flatMap((k) => diagonal.map((H) => moveCovariance([k], H))),
  spherical: components.map((k) => moveCovariance([k], identity)),
};

const steepest = (f: Objective, at: Mixture, moves: readonly Change[]): number =>
  Math.max(...moves.map((move) => Math.abs(slope(f, at, move))));

describe('sections 2 and 3', () => {
  const X = someData(1);

  it('responsibilities sum to 1 over the components and to N in all', () => {
    const resp = responsibilities(X, someMixture);
    for (const row of resp) expect(sum(row)).toBeCloseTo(1, 14);
    expect(sum(counts(resp))).toBeCloseTo(X.length, 11);
    // by hand: at x = 0, two components N(±1, 1) with weights ¼ and ¾ differ by their weights alone
    const byHand = responsibilities([[0]], {
      weights: [0.25, 0.75],
      means: [[-1], [1]],
      covariances: [[[1]], [[1]]],
    });
    expect(byHand[0]![0]).toBeCloseTo(0.25, 14);
  });

  it('the gradient of the log-likelihood is the responsibility-weighted gradient of each Gaussian', () => {
    const resp = responsibilities(X, someMixture);
    components.forEach((k) => {
      const weighted: Objective = ({ means, covariances }) => {
        const density = logGaussian(means[k]!, covariances[k]!);
        return sum(X.map((x, n) => resp[n]![k]! * density(x)));
      };
      for (const move of [moveMean(k, 0), moveMean(k, 1), ...covarianceMoves.full.slice(3 * k, 3 * k + 3)]) {
        const left = slope((m) => logLikelihood(X, m), someMixture, move);
        expect(Math.abs(left)).toBeGreaterThan(0.1); // not a comparison of zeros
        expect(left).toBeCloseTo(slope(weighted, someMixture, move), 7);
      }
    });
  });
});

describe('sections 4 to 6: the fixed point', () => {
  const X = someData(2);
  const theta = fixedPoint(X, 'full');
  const f: Objective = (mixture) => logLikelihood(X, mixture);

  it("at EM's fixed point the numeric gradient of the log-likelihood vanishes: means", () => {
    expect(steepest(f, someMixture, meanMoves)).toBeGreaterThan(1);
    expect(steepest(f, theta, meanMoves)).toBeLessThan(1e-6);
  });

  it("at EM's fixed point the numeric gradient of the log-likelihood vanishes: covariances", () => {
    expect(steepest(f, someMixture, covarianceMoves.full)).toBeGreaterThan(1);
    expect(steepest(f, theta, covarianceMoves.full)).toBeLessThan(1e-5);
  });

  it('at the fixed point the derivative with respect to every weight is N: the Lagrange multiplier is -N', () => {
    for (const k of components) expect(slope(f, theta, moveWeight(k))).toBeCloseTo(X.length, 5);
    // with λ = −N the Lagrangian is stationary; at other weights its slopes differ
    const slopes = components.map((k) => slope(f, someMixture, moveWeight(k)));
    expect(Math.max(...slopes) - Math.min(...slopes)).toBeGreaterThan(1);
    // whatever the weights, Σ π_k ∂/∂π_k = N: the sum over k of the text
    expect(sum(slopes.map((value, k) => value * someMixture.weights[k]!))).toBeCloseTo(X.length, 5);
  });
});

describe('section 5', () => {
  const S: Matrix2 = [
    [2, 0.3],
    [0.3, 0.5],
  ];
  const H: Matrix2 = [
    [0.7, -0.4],
    [-0.4, 1.1],
  ];
  const product = (A: Matrix2, B: Matrix2): Matrix2 =>
    tabulate(D, D, (i, j) => sum(A[i]!.map((value, k) => value * B[k]![j]!)));

  it('the derivatives of the log-determinant and of the quadratic form are those of the text', () => {
    const start: Mixture = { weights: [1], means: [[0.5, -1]], covariances: [S] };
    const x = [2, 0.25];
    const P = inverse(S);
    const v = x.map((value, j) => value - start.means[0]![j]!);
    const Pv = P.map((row) => sum(row.map((value, j) => value * v[j]!)));
    const along = moveCovariance([0], H);
    expect(slope((m) => logDeterminant(m.covariances[0]!), start, along)).toBeCloseTo(
      trace(product(P, H)),
      9,
    );
    const vvPHP = product(
      product(
        P,
        tabulate(D, D, (i, j) => v[i]! * v[j]!),
      ),
      product(P, H),
    );
    const quadratic: Objective = (m) => quadraticForm(x, m.means[0]!, m.covariances[0]!);
    expect(slope(quadratic, start, along)).toBeCloseTo(-trace(vvPHP), 8);
    for (const j of coordinates) expect(slope(quadratic, start, moveMean(0, j))).toBeCloseTo(-2 * Pv[j]!, 8);
  });

  it('no other covariance than the weighted scatter is better, and the difference is the sum over eigenvalues', () => {
    const f = (covariance: Matrix2) =>
      -0.5 * (logDeterminant(covariance) + trace(product(inverse(covariance), S)));
    const random = new Random(5);
    for (let i = 0; i < 100; i++) {
      const A = tabulate(D, D, () => random.normal());
      const other = tabulate(
        D,
        D,
        (a, b) => sum(A[a]!.map((value, k) => value * A[b]![k]!)) + (a === b ? 0.1 : 0),
      );
      // the eigenvalues of Σ^−½ S Σ^−½ are those of Σ⁻¹ S: two numbers with its trace and determinant
      const M = product(inverse(other), S);
      const half = trace(M) / 2;
      const root = Math.sqrt(half * half - Math.exp(logDeterminant(S) - logDeterminant(other)));
      const difference = 0.5 * sum([half + root, half - root].map((a) => a - 1 - Math.log(a)));
      expect(difference).toBeGreaterThan(0);
      expect((f(S) - f(other)) / difference).toBeCloseTo(1, 6);
    }
  });
});

describe('sections 7 and 8: the M-step', () => {
  const X = someData(3);
  const resp = responsibilities(X, someMixture);

  it('the gradient of the expected complete-data log-likelihood vanishes at the M-step of all four types', () => {
    const Q: Objective = (mixture) => expectedLogLikelihood(X, resp, mixture);
    expect(steepest(Q, someMixture, meanMoves)).toBeGreaterThan(1);
    for (const type of covarianceTypes) {
      const theta = mStep(X, resp, type);
      expect(steepest(Q, theta, meanMoves), type).toBeLessThan(1e-7);
      expect(steepest(Q, theta, covarianceMoves[type]), type).toBeLessThan(1e-7);
      for (const k of components) expect(slope(Q, theta, moveWeight(k)), type).toBeCloseTo(X.length, 6);
      // a direction that the type forbids would still lead up
      if (type !== 'full') expect(steepest(Q, theta, covarianceMoves.full), type).toBeGreaterThan(1);
    }
  });

  it('the tied covariance is the total second moment less that of the means', () => {
    const { weights, means, covariances } = mStep(X, resp, 'tied');
    const expected = tabulate(D, D, (i, j) => {
      const total = sum(X.map((x) => x[i]! * x[j]!)) / X.length;
      return total - sum(weights.map((weight, k) => weight * means[k]![i]! * means[k]![j]!));
    });
    covariances.forEach((S) => {
      S.flat().forEach((value, i) => {
        expect(value).toBeCloseTo(expected.flat()[i]!, 12);
      });
    });
  });

  it('at the present parameters the gradients of Q and of the log-likelihood agree', () => {
    const moves = [...meanMoves, ...covarianceMoves.full, ...components.map(moveWeight)];
    for (const move of moves) {
      const ofQ = slope((m) => expectedLogLikelihood(X, resp, m), someMixture, move);
      expect(ofQ).toBeCloseTo(
        slope((m) => logLikelihood(X, m), someMixture, move),
        6,
      );
    }
  });
});

describe('section 9: the bound', () => {
  const X = someData(4);
  const posterior = responsibilities(X, someMixture);
  const random = new Random(4);
  /** Distributions over the components that have nothing to do with the posterior; one of them has zeros. */
  const others = [0, 1, 2, 3].map((i) =>
    X.map(() => {
      const row = components.map((k) => (i === 0 && k === 1 ? 0 : random.uniform() + 0.01));
      return row.map((value) => value / sum(row));
    }),
  );

  it('the bound and the divergence add up to the log-likelihood for any q', () => {
    for (const q of [...others, posterior])
      expect(lowerBound(X, q, someMixture) + divergence(q, posterior)).toBeCloseTo(
        logLikelihood(X, someMixture),
        9,
      );
  });

  it('the divergence is 0 at the posterior and positive elsewhere', () => {
    expect(divergence(posterior, posterior)).toBe(0);
    for (const q of others) expect(divergence(q, posterior)).toBeGreaterThan(1);
    for (const by of [0.1, 0.01, 0.001]) {
      const near = posterior.map((row, n) =>
        row.map((value, k) => (1 - by) * value + by * others[1]![n]![k]!),
      );
      expect(divergence(near, posterior)).toBeGreaterThan(0);
    }
  });

  it('the log-likelihood rises at least as much as the bound, at every step', () => {
    for (const type of covarianceTypes) {
      let theta = mStep(X, posterior, type);
      for (let step = 0; step < 60; step++) {
        const q = responsibilities(X, theta);
        const next = mStep(X, q, type);
        const rise = lowerBound(X, q, next) - lowerBound(X, q, theta);
        expect(rise).toBeGreaterThanOrEqual(-1e-10);
        expect(logLikelihood(X, next) - logLikelihood(X, theta)).toBeGreaterThanOrEqual(rise - 1e-10);
        theta = next;
      }
    }
  });
});

describe('section 10: regCovar', () => {
  const X = someData(6);
  const epsilon = 0.5;
  const precisionTraces = ({ covariances }: Mixture) => covariances.map((S) => trace(inverse(S)));

  it('regCovar can lower the log-likelihood, by no more than the bound of the text', () => {
    for (const type of covarianceTypes) {
      let theta = fixedPoint(X, type);
      let falls = 0;
      for (let step = 0; step < 20; step++) {
        const resp = responsibilities(X, theta);
        const next = mStep(X, resp, type, epsilon);
        const before = precisionTraces(theta);
        const after = precisionTraces(next);
        const most = (epsilon / 2) * sum(counts(resp).map((Nk, k) => Nk * (before[k]! - after[k]!)));
        const change = logLikelihood(X, next) - logLikelihood(X, theta);
        expect(change, type).toBeGreaterThanOrEqual(-most - 1e-9);
        if (change < -1e-6) falls++;
        theta = next;
      }
      expect(falls, type).toBeGreaterThan(0);
    }
  });

  it('the regularized M-step makes the gradient of the penalized Q vanish, for all four types', () => {
    const resp = responsibilities(X, someMixture);
    const N = counts(resp);
    const Q: Objective = (mixture) => expectedLogLikelihood(X, resp, mixture);
    const penalized: Objective = (mixture) =>
      Q(mixture) - (epsilon / 2) * sum(precisionTraces(mixture).map((value, k) => N[k]! * value));
    for (const type of covarianceTypes) {
      const theta = mStep(X, resp, type, epsilon);
      expect(steepest(penalized, theta, [...meanMoves, ...covarianceMoves[type]]), type).toBeLessThan(1e-7);
      expect(steepest(Q, theta, covarianceMoves[type]), type).toBeGreaterThan(1);
    }
  });
});

describe('section 11: the forms that the code uses', () => {
  it('log-sum-exp is exact where the plain formula underflows', () => {
    const X = [[60, 60]];
    const a = logJoint(X, someMixture)[0]!;
    expect(sum(a.map(Math.exp))).toBe(0); // the plain formula: ln 0
    expect(logSumExp(a)).toBeGreaterThanOrEqual(Math.max(...a));
    expect(logSumExp(a)).toBeLessThanOrEqual(Math.max(...a) + Math.log(K));
    expect(sum(responsibilities(X, someMixture)[0]!)).toBeCloseTo(1, 14);
    // where nothing underflows, the two agree; by hand: ln(1 + 2 + 3) = ln 6
    expect(logSumExp([0, Math.log(2), Math.log(3)])).toBeCloseTo(Math.log(6), 15);
    expect(logSumExp([-5000, -5000])).toBeCloseTo(-5000 + Math.log(2), 12);
  });

  it('the Cholesky forms give the quadratic form and the log-determinant', () => {
    const S: Matrix2 = [
      [4, 2],
      [2, 5],
    ];
    // by hand: L = [[2, 0], [1, 2]], det = 16, Σ⁻¹ = [[5, −2], [−2, 4]] / 16; at (1, 3): (5 − 12 + 36) / 16
    expect(cholesky(S)).toEqual([
      [2, 0],
      [1, 2],
    ]);
    expect(logDeterminant(S)).toBeCloseTo(Math.log(16), 14);
    expect(quadraticForm([1, 3], [0, 0], S)).toBeCloseTo(29 / 16, 14);
    expect(
      inverse(S)
        .flat()
        .map((value) => value * 16),
    ).toEqual([5, -2, -2, 4]);
    expect(logDeterminant(tabulate(400, 400, (i, j) => (i === j ? 1e3 : 0)))).toBeCloseTo(
      400 * Math.log(1e3),
      8,
    );
  });

  it('statistics around any shift give the same mean and covariance, and keep digits where E[x²] − m² loses them', () => {
    const X = someData(7).map((x) => x.map((value) => value + 1e7));
    const resp = X.map((_, n) => [0.2 + 0.6 * ((n % 5) / 4)]);
    const { means, covariances } = mStep(X, resp, 'full');
    const around = (b: readonly number[]) => {
      const [Nk] = counts(resp) as [number];
      const Y = X.map((x) => x.map((value, j) => value - b[j]!));
      const delta = coordinates.map((j) => sum(Y.map((y, n) => resp[n]![0]! * y[j]!)) / Nk);
      const S = tabulate(
        D,
        D,
        (i, j) => sum(Y.map((y, n) => resp[n]![0]! * y[i]! * y[j]!)) / Nk - delta[i]! * delta[j]!,
      );
      return { mean: b.map((value, j) => value + delta[j]!), S };
    };
    const error = (b: readonly number[]) =>
      Math.max(
        ...around(b)
          .S.flat()
          .map((value, i) => Math.abs(value - covariances[0]!.flat()[i]!)),
      );
    const near = [1e7 + 3, 1e7 - 2]; // not the mean, but in its neighborhood
    expect(around(near).mean[0]).toBeCloseTo(means[0]![0]!, 6);
    expect(around(near).mean[1]).toBeCloseTo(means[0]![1]!, 6);
    expect(error(near)).toBeLessThan(1e-7);
    expect(error([0, 0])).toBeGreaterThan(1e-3);
  });
});

describe('the library', () => {
  const X = someData(8);
  /** A start with the covariances that a type allows. */
  const start = (type: CovarianceType) => mStep(X, responsibilities(X, someMixture), type);

  /** The library's form of a start: precisions in the shape of the type. */
  function init(
    { weights, means, covariances }: Mixture,
    type: CovarianceType,
  ): GaussianMixtureOptions['init'] {
    const precisions = covariances.map(inverse);
    const parts: Record<CovarianceType, { data: number[]; shape: number[] }> = {
      full: { data: precisions.flat(2), shape: [K, D, D] },
      tied: { data: precisions[0]!.flat(), shape: [D, D] },
      diag: { data: precisions.flatMap((P) => P.map((row, i) => row[i]!)), shape: [K, D] },
      spherical: { data: precisions.map((P) => P[0]![0]!), shape: [K] },
    };
    return { weights, means: means.map((mean) => [...mean]), precisions: parts[type] };
  }

  /** The model's parameters as this page has them. */
  function mixtureOf({
    weights,
    means,
    covariances: { data },
    covarianceType,
  }: GaussianMixtureModel): Mixture {
    const covariances = components.map((k) =>
      tabulate(D, D, (i, j) => {
        if (covarianceType === 'full') return data[(k * D + i) * D + j]!;
        if (covarianceType === 'tied') return data[i * D + j]!;
        if (i !== j) return 0;
        return covarianceType === 'diag' ? data[k * D + i]! : data[k]!;
      }),
    );
    return { weights: [...weights], means: means.toArray(), covariances };
  }

  function run(type: CovarianceType, from: Mixture, options: Partial<GaussianMixtureOptions>) {
    const exact = { regCovar: 0, tol: 0, workers: 0 };
    return gaussianMixture(X, {
      nComponents: K,
      covarianceType: type,
      init: init(from, type),
      ...exact,
      ...options,
    });
  }

  const numbers = ({ weights, means, covariances }: Mixture) =>
    [weights, ...means, ...covariances.flat()].flat();

  it("the library's step is this page's step, for all four types", async () => {
    for (const type of covarianceTypes)
      for (const regCovar of [0, 0.3]) {
        const from = start(type);
        const model = await run(type, from, { maxIter: 1, regCovar });
        const expected = numbers(mStep(X, responsibilities(X, from), type, regCovar));
        numbers(mixtureOf(model)).forEach((value, i) => {
          expect(value, type).toBeCloseTo(expected[i]!, 11);
        });
        expect(model.lowerBounds[0], type).toBeCloseTo(logLikelihood(X, from) / X.length, 11);
        expect(model.score(X), type).toBeCloseTo(logLikelihood(X, mixtureOf(model)) / X.length, 11);
      }
  });

  it("the library's lower bound never falls without regCovar", async () => {
    for (const type of covarianceTypes) {
      const { lowerBounds } = await run(type, start(type), { maxIter: 100 });
      const rises = Array.from(lowerBounds.subarray(1), (bound, i) => bound - lowerBounds[i]!);
      expect(Math.min(...rises), type).toBeGreaterThan(-1e-13);
      expect(sum(rises), type).toBeGreaterThan(0.01);
    }
  });

  it("where the library's EM stands still the numeric gradient of the log-likelihood vanishes", async () => {
    const f: Objective = (mixture) => logLikelihood(X, mixture);
    for (const type of covarianceTypes) {
      const theta = mixtureOf(await run(type, start(type), { maxIter: 3000, tol: 1e-16 }));
      expect(steepest(f, start(type), [...meanMoves, ...covarianceMoves[type]]), type).toBeGreaterThan(0.1);
      expect(steepest(f, theta, [...meanMoves, ...covarianceMoves[type]]), type).toBeLessThan(1e-3);
      for (const k of components) expect(slope(f, theta, moveWeight(k)), type).toBeCloseTo(X.length, 2);
    }
  });

  it("the library's lower bound falls from the maximum when regCovar is large", async () => {
    const resp = X.map(() => [1]);
    const { means, covariances } = mStep(X, resp, 'full');
    const precisions = { data: covariances.map(inverse).flat(2), shape: [1, D, D] };
    const { lowerBounds } = await gaussianMixture(X, {
      nComponents: 1,
      init: { weights: [1], means: means.map((mean) => [...mean]), precisions },
      regCovar: 0.5,
      tol: 0,
      maxIter: 2,
      workers: 0,
    });
    expect(lowerBounds[1]).toBeLessThan(lowerBounds[0]! - 0.01);
  });
});
