/** The claims of docs/derivations/mixture-missing.md, which names these tests. */
import { describe, expect, it } from 'vitest';
import { type GaussianMixtureModel, gaussianMixture, Random } from '../src/index.ts';
import {
  type CovarianceType,
  covarianceTypes,
  inverse,
  logDeterminant,
  logGaussian,
  logSumExp,
  type Matrix2,
  type Mixture,
  quadraticForm,
  sum,
  tabulate,
  trace,
} from './textbook.ts';

const D = 3;
const K = 2;

/** Two slanted clouds with holes (NaN); the last row has nothing. */
function someRows(seed: number, n = 60): Matrix2 {
  const random = new Random(seed);
  const rows = Array.from({ length: n }, (_, i) => {
    const a = random.normal() + (i % 2 ? 2.5 : 0);
    const row = [a, 0.6 * a + random.normal(), -0.4 * a + 0.8 * random.normal() + (i % 2)];
    return row.map((value) => (random.uniform() < 0.25 ? NaN : value));
  });
  return [...rows, [NaN, NaN, NaN]];
}

/** Parameters that are no fixed point. */
const someMixture: Mixture = {
  weights: [0.4, 0.6],
  means: [
    [0.3, -0.2, 0.5],
    [2, 1, 0],
  ],
  covariances: [
    [
      [1, 0.4, -0.2],
      [0.4, 1.2, 0.1],
      [-0.2, 0.1, 0.7],
    ],
    [
      [0.8, -0.3, 0.1],
      [-0.3, 1, 0.2],
      [0.1, 0.2, 1.5],
    ],
  ],
};

const all = Array.from({ length: D }, (_, j) => j);
const observedIn = (row: readonly number[]): number[] => all.filter((j) => !Number.isNaN(row[j]));
const missingIn = (row: readonly number[]): number[] => all.filter((j) => Number.isNaN(row[j]));
const pick = <T>(values: readonly T[], at: readonly number[]): T[] => at.map((j) => values[j]!);
const block = (S: Matrix2, rows: readonly number[], cols: readonly number[]): Matrix2 =>
  rows.map((i) => pick(S[i]!, cols));
const times = (A: Matrix2, B: Matrix2): Matrix2 =>
  A.map((row) => (B[0] ?? []).map((_, j) => sum(row.map((value, r) => value * B[r]![j]!))));
const outer = (a: readonly number[], b: readonly number[]): Matrix2 => a.map((x) => b.map((y) => x * y));
const plus = (A: Matrix2, B: Matrix2): Matrix2 => A.map((row, i) => row.map((value, j) => value + B[i]![j]!));
const scaled = (A: Matrix2, by: number): Matrix2 => A.map((row) => row.map((value) => value * by));
const zeros = (): Matrix2 => tabulate(D, D, () => 0);

/** Section 2: B. */
function regressionOf(S: Matrix2, O: readonly number[], M: readonly number[]): Matrix2 {
  return O.length ? times(block(S, M, O), inverse(block(S, O, O))) : M.map(() => []);
}

/** Section 3: the row with its holes filled by the component's conditional means, and Ĉ. */
function filledBy(row: readonly number[], mean: readonly number[], S: Matrix2): { x: number[]; C: Matrix2 } {
  const [O, M] = [observedIn(row), missingIn(row)];
  const B = regressionOf(S, O, M);
  const x = row.slice();
  M.forEach((j, a) => {
    x[j] = mean[j]! + sum(O.map((i, r) => B[a]![r]! * (row[i]! - mean[i]!)));
  });
  const C = zeros();
  const explained = O.length ? times(B, block(S, O, M)) : M.map(() => M.map(() => 0));
  M.forEach((i, a) => {
    M.forEach((j, b) => {
      C[i]![j] = S[i]![j]! - explained[a]![b]!;
    });
  });
  return { x, C };
}

/** Section 1: ln π_k + ln N(x_O | μ_kO, Σ_kOO), N × K. */
function logJoint(X: Matrix2, { weights, means, covariances }: Mixture): Matrix2 {
  return X.map((row) => {
    const O = observedIn(row);
    return weights.map(
      (weight, k) =>
        Math.log(weight) +
        (O.length ? logGaussian(pick(means[k]!, O), block(covariances[k]!, O, O))(pick(row, O)) : 0),
    );
  });
}

const logLikelihood = (X: Matrix2, mixture: Mixture): number => sum(logJoint(X, mixture).map(logSumExp));

/** Section 3: γ. */
function responsibilities(X: Matrix2, mixture: Mixture): Matrix2 {
  return logJoint(X, mixture).map((a) => a.map((value) => Math.exp(value - logSumExp(a))));
}

/** Section 4, from responsibilities and filled rows that belong to `mixture`. */
function step(X: Matrix2, mixture: Mixture, type: CovarianceType, withC = true): Mixture {
  const gamma = responsibilities(X, mixture);
  const filled = X.map((row) => mixture.means.map((mean, k) => filledBy(row, mean, mixture.covariances[k]!)));
  const N = mixture.weights.map((_, k) => sum(gamma.map((row) => row[k]!)));
  const means = N.map((Nk, k) =>
    all.map((j) => sum(filled.map((row, n) => gamma[n]![k]! * row[k]!.x[j]!)) / Nk),
  );
  const S = N.map((Nk, k) => {
    let total = zeros();
    filled.forEach((row, n) => {
      const apart = row[k]!.x.map((value, j) => value - means[k]![j]!);
      const term = plus(outer(apart, apart), scaled(row[k]!.C, withC ? 1 : 0));
      total = plus(total, scaled(term, gamma[n]![k]! / Nk));
    });
    return total;
  });
  const pooled = S.reduce((total, one, k) => plus(total, scaled(one, N[k]! / X.length)), zeros());
  const covariances = S.map((one) =>
    tabulate(D, D, (i, j) => {
      if (type === 'full') return one[i]![j]!;
      if (type === 'tied') return pooled[i]![j]!;
      if (i !== j) return 0;
      return type === 'diag' ? one[i]![i]! : trace(one) / D;
    }),
  );
  return { weights: N.map((Nk) => Nk / X.length), means, covariances };
}

/** The mixture of the type nearest to `someMixture`. */
function ofType(type: CovarianceType): Mixture {
  const { covariances } = someMixture;
  const shared = scaled(plus(covariances[0]!, covariances[1]!), 0.5);
  return {
    ...someMixture,
    covariances: covariances.map((S) => {
      if (type === 'full') return S;
      if (type === 'tied') return shared;
      return tabulate(D, D, (i, j) => (i !== j ? 0 : type === 'diag' ? S[i]![i]! : trace(S) / D));
    }),
  };
}

/** The mixture as `init` takes it. */
function startAt(type: CovarianceType, { weights, means, covariances }: Mixture) {
  const P = covariances.map(inverse);
  const precisions = {
    full: { data: P.flat(2), shape: [K, D, D] },
    tied: { data: P[0]!.flat(), shape: [D, D] },
    diag: { data: P.flatMap((one) => all.map((i) => one[i]![i]!)), shape: [K, D] },
    spherical: { data: P.map((one) => one[0]![0]!), shape: [K] },
  }[type];
  return { weights, means: means.map((mean) => [...mean]), precisions };
}

/** The library's mixture as this page has it. */
function read({ weights, means, covariances, covarianceType: type }: GaussianMixtureModel): Mixture {
  return {
    weights: Array.from(weights),
    means: means.toArray(),
    covariances: Array.from(weights, (_, k) =>
      tabulate(D, D, (i, j) => {
        const at = { full: (k * D + i) * D + j, tied: i * D + j, diag: k * D + i, spherical: k }[type];
        return type === 'full' || type === 'tied' || i === j ? covariances.data[at]! : 0;
      }),
    ),
  };
}

const numbersOf = ({ weights, means, covariances }: Mixture): number[] => [
  ...weights,
  ...means.flat(),
  ...covariances.flat(2),
];

function expectClose(a: readonly number[], b: readonly number[], digits: number): void {
  expect(a).toHaveLength(b.length);
  a.forEach((value, i) => {
    expect(value).toBeCloseTo(b[i]!, digits);
  });
}

/** The largest central difference of f when means, and symmetric pairs of covariances, are moved. */
function largestGradient(f: (mixture: Mixture) => number, mixture: Mixture): number {
  const h = 2e-6;
  let largest = 0;
  const probe = (moved: (by: number) => Mixture): void => {
    largest = Math.max(largest, Math.abs(f(moved(h)) - f(moved(-h))) / (2 * h));
  };
  for (let k = 0; k < K; k++)
    for (const i of all) {
      probe((by) => ({
        ...mixture,
        means: mixture.means.map((mean, c) => mean.map((v, j) => v + (c === k && j === i ? by : 0))),
      }));
      for (let j = i; j < D; j++)
        probe((by) => ({
          ...mixture,
          covariances: mixture.covariances.map((S, c) =>
            S.map((row, a) =>
              row.map((v, b) => v + (c === k && ((a === i && b === j) || (a === j && b === i)) ? by : 0)),
            ),
          ),
        }));
    }
  return largest;
}

describe('the Gaussian', () => {
  const S = someMixture.covariances[0]!;
  const mean = someMixture.means[0]!;

  it('cutting down mean and covariance integrates the missing coordinate out', () => {
    const whole = logGaussian(mean, S);
    const O = [0, 2];
    const cut = logGaussian(pick(mean, O), block(S, O, O));
    for (const [x, z] of [
      [0, 0],
      [1, -1],
    ] as const) {
      const h = 0.01; // the trapezoidal rule on a smooth density that dies out is exact to rounding
      const steps = Array.from({ length: 4001 }, (_, i) => (i - 2000) * h);
      const integral = sum(steps.map((y) => h * Math.exp(whole([x, y, z]))));
      expect(Math.log(integral)).toBeCloseTo(cut([x, z]), 11);
    }
  });

  it('the joint density is the marginal of the observed times the conditional of the missing', () => {
    const x = [0.7, -1.1, 2];
    for (const O of [[0], [1], [0, 2], [1, 2]]) {
      const M = all.filter((j) => !O.includes(j));
      const row = x.map((value, j) => (O.includes(j) ? value : NaN));
      const { x: filled, C } = filledBy(row, mean, S);
      const conditional = logGaussian(pick(filled, M), block(C, M, M))(pick(x, M));
      const marginal = logGaussian(pick(mean, O), block(S, O, O))(pick(x, O));
      expect(marginal + conditional).toBeCloseTo(logGaussian(mean, S)(x), 12);
    }
  });

  it('the blocks of the precision give the same regression and covariance', () => {
    const precision = inverse(S);
    for (const O of [[0], [1], [0, 2], [1, 2]]) {
      const M = all.filter((j) => !O.includes(j));
      const C = inverse(block(precision, M, M));
      const B = scaled(times(C, block(precision, M, O)), -1);
      expectClose(B.flat(), regressionOf(S, O, M).flat(), 13);
      const row = all.map((j) => (O.includes(j) ? 1 : NaN));
      expectClose(C.flat(), block(filledBy(row, mean, S).C, M, M).flat(), 13);
    }
  });

  it('the quadratic form and the determinant of the observed are those of the filled row', () => {
    const precision = inverse(S);
    for (const O of [[0], [1], [0, 2], [1, 2]]) {
      const M = all.filter((j) => !O.includes(j));
      const row = [0.7, -1.1, 2].map((value, j) => (O.includes(j) ? value : NaN));
      const { x } = filledBy(row, mean, S);
      const observed = quadraticForm(pick(row, O), pick(mean, O), block(S, O, O));
      expect(quadraticForm(x, mean, S)).toBeCloseTo(observed, 13);
      M.forEach((j) => {
        const elsewhere = x.map((value, i) => value + (i === j ? 0.1 : 0));
        expect(quadraticForm(elsewhere, mean, S)).toBeGreaterThan(observed + 1e-4);
      });
      expect(logDeterminant(precision) - logDeterminant(block(precision, M, M))).toBeCloseTo(
        -logDeterminant(block(S, O, O)),
        13,
      );
    }
  });
});

describe('EM with missing entries', () => {
  const X = someRows(1);

  it('responsibilities of rows without entries are the weights', () => {
    expectClose(responsibilities(X, someMixture).at(-1)!, someMixture.weights, 15);
  });

  it('the M-step makes the numeric gradient of the expected log-likelihood vanish', () => {
    const gamma = responsibilities(X, someMixture);
    const filled = X.map((row) =>
      someMixture.means.map((mean, k) => filledBy(row, mean, someMixture.covariances[k]!)),
    );
    const Q = ({ means, covariances }: Mixture): number =>
      sum(
        means.map((mean, k) => {
          const density = logGaussian(mean, covariances[k]!);
          const precision = inverse(covariances[k]!);
          return sum(
            filled.map(
              (row, n) => gamma[n]![k]! * (density(row[k]!.x) - 0.5 * trace(times(precision, row[k]!.C))),
            ),
          );
        }),
      );
    expect(largestGradient(Q, step(X, someMixture, 'full'))).toBeLessThan(1e-6);
    expect(largestGradient(Q, someMixture)).toBeGreaterThan(1);
  });

  it('EM never lowers the likelihood of the observed entries', () => {
    for (const type of covarianceTypes) {
      let mixture = ofType(type);
      for (let round = 0; round < 15; round++) {
        const next = step(X, mixture, type);
        expect(logLikelihood(X, next)).toBeGreaterThan(logLikelihood(X, mixture) - 1e-10);
        mixture = next;
      }
    }
  });

  it('without the conditional covariance the variance comes out too small by the missing share', () => {
    // x = 1, 3, ?, ?: s² = 1, half is missing; in the other coordinates the same, so that only one is looked at
    const rows = [1, 3, NaN, NaN].map((value) => [value, value, value]);
    let mixture: Mixture = {
      weights: [1],
      means: [[2, 2, 2]],
      covariances: [tabulate(3, 3, (i, j) => (i === j ? 1 : 0))],
    };
    for (let round = 0; round < 5; round++) mixture = step(rows, mixture, 'diag', false);
    expect(mixture.covariances[0]![0]![0]).toBeCloseTo(0.5, 12);
  });

  it('with it each step shrinks the distance to the fixed point by the missing share', () => {
    const rows = [1, 3, NaN, NaN].map((value) => [value, value, value]);
    let mixture: Mixture = {
      weights: [1],
      means: [[2, 2, 2]],
      covariances: [tabulate(3, 3, (i, j) => (i === j ? 9 : 0))],
    };
    for (let round = 1; round <= 6; round++) {
      mixture = step(rows, mixture, 'diag');
      expect(mixture.covariances[0]![0]![0]! - 1).toBeCloseTo(8 * 0.5 ** round, 12);
    }
  });
});

describe('the library', () => {
  const X = someRows(2);

  it("the library's step is this page's step, for all four types", async () => {
    for (const covarianceType of covarianceTypes) {
      const start = ofType(covarianceType);
      const model = await gaussianMixture(X, {
        nComponents: K,
        covarianceType,
        init: startAt(covarianceType, start),
        missing: 'observed',
        maxIter: 1,
        regCovar: 0,
      });
      expectClose(numbersOf(read(model)), numbersOf(step(X, start, covarianceType)), 11);
      expect(model.lowerBound).toBeCloseTo(logLikelihood(X, start) / X.length, 12);
    }
  });

  it("the library's last lower bound is this page's likelihood, and its numeric gradient vanishes there", async () => {
    const model = await gaussianMixture(X, {
      nComponents: K,
      init: startAt('full', someMixture),
      missing: 'observed',
      maxIter: 4000,
      tol: 0,
      regCovar: 0,
    });
    const mixture = read(model);
    expect(model.lowerBound).toBeCloseTo(logLikelihood(X, mixture) / X.length, 10);
    expect(largestGradient((moved) => logLikelihood(X, moved), mixture)).toBeLessThan(1e-3);
    expect(largestGradient((moved) => logLikelihood(X, moved), someMixture)).toBeGreaterThan(1);
  });

  it("the library's filled values and conditional mixtures are this page's", async () => {
    const model = await gaussianMixture(X, {
      nComponents: K,
      init: startAt('full', someMixture),
      missing: 'observed',
      maxIter: 2,
    });
    const mixture = read(model);
    const gamma = responsibilities(X, mixture);
    const imputed = model.impute(X);
    X.forEach((row, n) => {
      const filled = mixture.means.map((mean, k) => filledBy(row, mean, mixture.covariances[k]!));
      expectClose(
        Array.from(imputed.row(n)),
        all.map((j) => sum(filled.map(({ x }, k) => gamma[n]![k]! * x[j]!))),
        11,
      );
      const M = missingIn(row);
      if (M.length === 0) return;
      const conditional = model.conditional(row);
      expectClose(Array.from(conditional.weights), gamma[n]!, 12);
      expectClose(
        Array.from(conditional.means.data),
        filled.flatMap(({ x }) => pick(x, M)),
        11,
      );
      expectClose(
        Array.from(conditional.covariances.data),
        filled.flatMap(({ C }) => block(C, M, M).flat()),
        11,
      );
    });
  });
});
