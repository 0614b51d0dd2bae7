/** The claims of docs/derivations/kmeans-missing.md, which names these tests. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KMeansOptions, kmeans, Random } from '../src/index.ts';

/** Rows in which null marks a missing entry. */
type Rows = readonly (readonly (number | null)[])[];
type Centers = number[][];

/** Σ (x − μ)² over the observed coordinates, and `each(μ)` for each missing one. */
function distance(row: Rows[number], center: readonly number[], each: (mu: number) => number): number {
  return center.reduce((sum, mu, j) => sum + (row[j] == null ? each(mu) : (row[j]! - mu) ** 2), 0);
}

const expectedEach = (variance: number) => (mu: number) => mu * mu + variance;
const nothing = () => 0;

function cost(X: Rows, labels: readonly number[], centers: Centers, each: (mu: number) => number): number {
  return X.reduce((sum, row, n) => sum + distance(row, centers[labels[n]!]!, each), 0);
}

function assign(X: Rows, centers: Centers, each: (mu: number) => number): number[] {
  return X.map((row) => {
    const distances = centers.map((center) => distance(row, center, each));
    return distances.indexOf(Math.min(...distances));
  });
}

/** The observed sum over the whole cluster size, or over the observed rows alone. An empty divisor keeps the center. */
function update(
  X: Rows,
  labels: readonly number[],
  centers: Centers,
  divisor: 'whole' | 'observed',
): Centers {
  return centers.map((center, k) =>
    center.map((old, j) => {
      const members = X.filter((_, n) => labels[n] === k);
      const observed = members.map((row) => row[j]!).filter((value) => value !== null);
      const count = divisor === 'whole' ? members.length : observed.length;
      return count ? observed.reduce((sum, value) => sum + value, 0) / count : old;
    }),
  );
}

const zeroFilled = (X: Rows): number[][] => X.map((row) => row.map((value) => value ?? 0));
const withNaN = (X: Rows): number[][] => X.map((row) => row.map((value) => value ?? NaN));
const holes = (X: Rows): number => X.flat().filter((value) => value === null).length;

/** Two clouds of normal rows around (2, 2, …) and (−1, −1, …), a share of the entries missing. */
function someRows(seed: number, n = 60, d = 4, share = 0.3): Rows {
  const random = new Random(seed);
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: d }, () => {
      const value = (i % 2 ? 2 : -1) + random.normal();
      return random.uniform() < share ? null : value;
    }),
  );
}

/** The largest central difference of `f` at the centers. */
function largestGradient(f: (centers: Centers) => number, centers: Centers): number {
  const step = 1e-4;
  let largest = 0;
  centers.forEach((center, k) => {
    center.forEach((_, j) => {
      const moved = (by: number): Centers =>
        centers.map((c, a) => c.map((v, b) => v + (a === k && b === j ? by : 0)));
      largest = Math.max(largest, Math.abs(f(moved(step)) - f(moved(-step))) / (2 * step));
    });
  });
  return largest;
}

describe('the expected distance', () => {
  const row = [1.5, null, -0.5, null];
  const center = [0.5, 2, -1, -3];
  const variance = 0.7;
  // by hand: (1.5 − 0.5)² + (−0.5 + 1)² + (2² + 0.7) + (3² + 0.7) = 1 + 0.25 + 4.7 + 9.7
  const expected = 15.65;

  it('the expected squared distance is the observed part plus mu² + c for each missing entry, by Monte Carlo', () => {
    expect(distance(row, center, expectedEach(variance))).toBeCloseTo(expected, 12);
    const random = new Random(1);
    const draws = 200_000;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < draws; i++) {
      const filled = row.map((value) => value ?? Math.sqrt(variance) * random.normal());
      const drawn = distance(filled, center, nothing);
      sum += drawn;
      squares += drawn * drawn;
    }
    const mean = sum / draws;
    const standardError = Math.sqrt((squares / draws - mean * mean) / draws);
    expect(standardError).toBeLessThan(0.02); // mu² is 13 of it, c 1.4: neither could be left out unseen
    expect(Math.abs(mean - expected)).toBeLessThan(4 * standardError);
  });

  it('the expected squared distance is exact for a two-point prior with the same mean and variance', () => {
    // ±√c with probability ½ has mean 0 and variance c, and the expectation is a sum over 2² cases
    const s = Math.sqrt(variance);
    const cases = [-s, s].flatMap((a) => [-s, s].map((b) => [row[0]!, a, row[2]!, b]));
    const mean = cases.reduce((sum, filled) => sum + distance(filled, center, nothing), 0) / cases.length;
    expect(mean).toBeCloseTo(expected, 12);
  });
});

describe('the update', () => {
  const X = someRows(2);
  const labels = X.map((_, n) => (n * 7) % 3);
  const start = [0, 1, 2].map(() => [0, 0, 0, 0]);

  it('the observed sum over the whole cluster size makes the numeric gradient of the cost vanish', () => {
    const centers = update(X, labels, start, 'whole');
    const f = (c: Centers) => cost(X, labels, c, expectedEach(1));
    expect(largestGradient(f, centers)).toBeLessThan(1e-6);
    // and the mean of the observed values is no minimum of this cost
    expect(largestGradient(f, update(X, labels, start, 'observed'))).toBeGreaterThan(1);
  });

  it('no other center lowers the expected cost', () => {
    const centers = update(X, labels, start, 'whole');
    const least = cost(X, labels, centers, expectedEach(1));
    const shift = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(shift, (by) => {
        const moved = centers.map((center, k) => center.map((v, j) => v + by[k * 4 + j]!));
        expect(cost(X, labels, moved, expectedEach(1))).toBeGreaterThanOrEqual(least - 1e-9);
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});

describe('K-means on zero-filled data', () => {
  it('the assignment and the update are those of K-means on the zero-filled rows', () => {
    const X = someRows(4);
    const filled = zeroFilled(X);
    let centers: Centers = [filled[0]!, filled[1]!, filled[2]!];
    for (let round = 0; round < 5; round++) {
      const labels = assign(X, centers, expectedEach(0.9));
      expect(labels).toEqual(assign(filled, centers, nothing));
      expect(cost(X, labels, centers, expectedEach(0.9))).toBeCloseTo(
        cost(filled, labels, centers, nothing) + 0.9 * holes(X),
        9,
      );
      centers = update(X, labels, centers, 'whole');
      expect(centers).toEqual(update(filled, labels, centers, 'observed'));
    }
  });

  it("the library's expected cost is K-means on zero-filled data plus c for each missing entry", async () => {
    for (const [variance, seed] of [
      [1, 5],
      [2.5, 6],
      [0, 7],
    ] as const) {
      const X = someRows(seed, 200, 5);
      const options: KMeansOptions = { nClusters: 3, nInit: 2, seed, workers: 0 };
      const expected = await kmeans(withNaN(X), { ...options, missing: { prior: 'gaussian', variance } });
      const filled = await kmeans(zeroFilled(X), options);
      expect([...expected.labels]).toEqual([...filled.labels]);
      expect(expected.centers.data).toEqual(filled.centers.data);
      expect(expected.nIter).toBe(filled.nIter);
      expect(expected.inertia).toBeCloseTo(filled.inertia + variance * holes(X), 9);
      expect(expected.inertia).toBeCloseTo(
        cost(X, [...expected.labels], expected.centers.toArray(), expectedEach(variance)),
        9,
      );
    }
  });

  it('the expected cost falls at every step', () => {
    for (let seed = 10; seed < 20; seed++) {
      const X = someRows(seed, 40, 3, 0.4);
      let centers: Centers = zeroFilled(X).slice(0, 4);
      let labels: number[] = [];
      let before = Infinity;
      for (let round = 0; round < 100; round++) {
        const next = assign(X, centers, expectedEach(1));
        const assigned = cost(X, next, centers, expectedEach(1));
        expect(assigned).toBeLessThanOrEqual(before + 1e-9);
        centers = update(X, next, centers, 'whole');
        before = cost(X, next, centers, expectedEach(1));
        expect(before).toBeLessThanOrEqual(assigned + 1e-9);
        const still = String(next) === String(labels);
        labels = next;
        if (still) break;
        expect(round).toBeLessThan(99); // it stops
      }
    }
  });
});

describe('the shortcut', () => {
  const X: Rows = [
    [null, 4],
    [2, null],
    [0, 4],
    [6, 4],
    [2, 6],
  ];
  const start = [
    [6, 4],
    [2, 6],
  ];

  it('the shortcut raises the expected cost and the observed cost, and runs in a circle', () => {
    let centers: Centers = start;
    const rounds = Array.from({ length: 13 }, () => {
      const labels = assign(X, centers, nothing); // the sum of mu² left out
      const assigned = centers;
      centers = update(X, labels, centers, 'whole');
      const both = (each: (mu: number) => number) => [
        cost(X, labels, assigned, each),
        cost(X, labels, centers, each),
      ];
      return {
        labels: labels.map((k) => k + 1).join(' '),
        J: both(expectedEach(0)),
        observed: both(nothing),
        centers,
      };
    });
    // the table of the text
    expect(rounds.slice(0, 7).map(({ labels }) => labels)).toEqual([
      '1 2 2 1 2',
      '1 2 2 1 1',
      '1 1 2 1 1',
      '2 1 2 1 1',
      '2 1 2 1 2',
      '2 2 2 1 2',
      '1 2 2 1 2',
    ]);
    const rounded = (pairs: number[][]) =>
      pairs.slice(0, 7).map((pair) => pair.map((v) => v.toFixed(2)).join(' '));
    expect(rounded(rounds.map(({ J }) => J))).toEqual([
      '80.00 39.33',
      '36.78 31.33',
      '48.56 38.00',
      '31.50 29.33',
      '28.44 21.33',
      '36.89 23.00',
      '57.75 39.33',
    ]);
    expect(rounded(rounds.map(({ observed }) => observed))).toEqual([
      '8.00 19.22',
      '16.67 20.22',
      '19.67 19.50',
      '19.25 18.22',
      '17.33 16.89',
      '14.67 9.75',
      '9.50 19.22',
    ]);
    // a circle: from the same centers the same follows
    for (let round = 6; round < 13; round++)
      expect(rounds[round]!.centers).toEqual(rounds[round - 6]!.centers);
    expect(new Set(rounds.slice(0, 6).map(({ centers }) => JSON.stringify(centers))).size).toBe(6);
  });

  it('with the mu² term the same start stops', async () => {
    const labels = assign(X, start, expectedEach(0));
    const centers = update(X, labels, start, 'whole');
    expect(labels).toEqual([1, 0, 1, 0, 1]);
    expect(centers.map((center) => center.map((v) => v.toFixed(2)).join(' '))).toEqual([
      '4.00 2.00',
      '0.67 4.67',
    ]);
    expect(cost(X, labels, centers, expectedEach(0))).toBeCloseTo(64 / 3, 12);
    expect(assign(X, centers, expectedEach(0))).toEqual(labels);
    const missing = { prior: 'gaussian', variance: 0 } as const;
    const model = await kmeans(withNaN(X), { nClusters: 2, init: start, missing, tol: 0, workers: 0 });
    expect([...model.labels]).toEqual(labels);
    expect(model.inertia).toBeCloseTo(64 / 3, 12);
    expect(model.converged).toBe(true);
  });
});

describe('observed coordinates only', () => {
  it('the mean of the observed values makes the numeric gradient of the observed cost vanish', () => {
    const X = someRows(8);
    const labels = X.map((_, n) => (n * 5) % 3);
    const start = [0, 1, 2].map(() => [0, 0, 0, 0]);
    const f = (c: Centers) => cost(X, labels, c, nothing);
    expect(largestGradient(f, update(X, labels, start, 'observed'))).toBeLessThan(1e-6);
    expect(largestGradient(f, update(X, labels, start, 'whole'))).toBeGreaterThan(1);
  });

  it('filling each hole with its own center makes the K-means cost the observed cost, and no other filling is cheaper', () => {
    const X = someRows(9);
    const centers: Centers = [
      [1, 2, 3, 4],
      [-1, 0, -2, 1],
    ];
    const labels = assign(X, centers, nothing);
    const observed = cost(X, labels, centers, nothing);
    const random = new Random(9);
    const filled = (off: () => number) =>
      X.map((row, n) => row.map((value, j) => value ?? centers[labels[n]!]![j]! + off()));
    expect(
      cost(
        filled(() => 0),
        labels,
        centers,
        nothing,
      ),
    ).toBeCloseTo(observed, 12);
    for (let i = 0; i < 50; i++)
      expect(
        cost(
          filled(() => random.normal()),
          labels,
          centers,
          nothing,
        ),
      ).toBeGreaterThan(observed);
  });

  it("the library's observed-only fit never raises the observed cost, and ends where both steps stand still", async () => {
    for (let seed = 30; seed < 36; seed++) {
      const X = someRows(seed, 120, 4, 0.4);
      const init = zeroFilled(X).slice(0, 3);
      const fit = (maxIter: number) =>
        kmeans(withNaN(X), { nClusters: 3, init, missing: 'observed', tol: 0, maxIter, workers: 0 });
      const end = await fit(300);
      expect(end.converged).toBe(true);
      let before = Infinity;
      for (let rounds = 1; rounds <= end.nIter; rounds++) {
        const { inertia, labels, centers } = await fit(rounds);
        expect(inertia).toBeCloseTo(cost(X, [...labels], centers.toArray(), nothing), 9);
        expect(inertia).toBeLessThanOrEqual(before + 1e-9);
        before = inertia;
      }
      const centers = end.centers.toArray();
      const labels = [...end.labels];
      expect(assign(X, centers, nothing)).toEqual(labels);
      update(X, labels, centers, 'observed').forEach((center, k) => {
        center.forEach((value, j) => {
          expect(value).toBeCloseTo(centers[k]![j]!, 9);
        });
      });
    }
  });
});
