import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { checkKMeansOptions } from '../options.ts';
import { layoutOf } from './layout.ts';
import { type Plan, planFor } from './plan.ts';
import { bestOfRestarts } from './restarts.ts';

/** The fit under each plan: all distances of all rows by differences, then the others. */
async function underAllPlans(X: Matrix, options: object): Promise<object[]> {
  const checked = checkKMeansOptions('kmeans', X, { nClusters: 1, allowFewer: true, ...options } as never);
  const layout = layoutOf(X, false);
  const chosen = planFor(X, layout, 1);
  const origin = chosen.sparse ? chosen.origin : X.row(0).slice();
  const plans: Pick<Plan, 'sparse' | 'search'>[] = [
    { sparse: false, search: 'differences' },
    { sparse: false, search: 'products' },
    { sparse: false, search: 'bounds' },
    { sparse: true, search: 'products' },
    { sparse: true, search: 'bounds' },
  ];
  const fits = [];
  for (const plan of plans)
    fits.push(await bestOfRestarts(X, layout, { ...plan, origin, shift: origin }, checked));
  return fits;
}

const kinds: Record<string, (random: Random, n: number, d: number) => number[]> = {
  'a few whole numbers: ties everywhere': (random, n, d) =>
    Array.from({ length: n * d }, () => random.integer(3)),
  clouds: (random, n, d) =>
    Array.from({ length: n * d }, (_, i) => random.normal() + 8 * (Math.floor(i / d) % 3)),
  'duplicates of four rows': (random, n, d) => {
    const rows = Array.from({ length: 4 * d }, () => random.normal());
    return Array.from({ length: n }, () => random.integer(4)).flatMap((r) => rows.slice(r * d, (r + 1) * d));
  },
  'mostly one value': (random, n, d) =>
    Array.from({ length: n * d }, () => (random.uniform() < 0.8 ? -0.4242 : random.normal())),
  'a huge offset': (random, n, d) => Array.from({ length: n * d }, () => 1e5 + random.normal()),
  'tiny values': (random, n, d) => Array.from({ length: n * d }, () => 1e-20 * random.normal()),
  'subnormal squares': (random, n, d) => Array.from({ length: n * d }, () => 1e-38 * random.normal()),
  'columns of very different scale': (random, n, d) =>
    Array.from({ length: n * d }, (_, i) => random.normal() * 10 ** ((i % d) * 3 - 6)),
  'one row far away': (random, n, d) =>
    Array.from({ length: n * d }, (_, i) => (i < d ? 1e8 : random.normal())),
};

describe.each(Object.keys(kinds))('bounds and the sparse form change nothing: %s', (kind) => {
  test.each(['float32', 'float64'] as const)('%s', async (dtype) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 700 }),
        fc.integer({ min: 1, max: 11 }),
        fc.constantFrom(1, 2, 3, 5, 17, 40),
        fc.nat(1e6),
        async (n, d, k, seed) => {
          const values = kinds[kind]!(new Random(seed), n, d);
          const data = dtype === 'float32' ? Float32Array.from(values) : Float64Array.from(values);
          const X = new Matrix(data, n, d);
          const [plain, ...others] = await underAllPlans(X, {
            nClusters: Math.min(k, n),
            init: 'random',
            tol: 0,
            maxIter: 40,
            seed,
          });
          for (const fit of others) expect(fit).toEqual(plain);
        },
      ),
      { numRuns: 25 },
    );
  });
});

test('weights and long runs, in which records expire, change nothing either', async () => {
  const random = new Random(3);
  const n = 12_000;
  const X = new Matrix(
    Float32Array.from({ length: n * 2 }, () => random.uniform()),
    n,
    2,
  );
  const sampleWeight = Float64Array.from({ length: n }, () => random.integer(3) * 0.1);
  const fits = (await underAllPlans(X, { nClusters: 20, init: 'random', tol: 0, sampleWeight })) as {
    nIter: number;
  }[];
  expect(fits[0]!.nIter).toBeGreaterThan(70);
  for (const fit of fits) expect(fit).toEqual(fits[0]);
});

test('the plan takes the most frequent values for an origin where they fill most of the matrix', () => {
  const random = new Random(0);
  const sparse = new Matrix(
    Float64Array.from({ length: 3000 }, (_, i) => (random.uniform() < 0.7 ? (i % 3) + 0.5 : random.normal())),
    1000,
    3,
  );
  expect(planFor(sparse, layoutOf(sparse, false), 2)).toMatchObject({
    sparse: true,
    origin: Float64Array.of(0.5, 1.5, 2.5),
    search: 'bounds',
  });
  const dense = new Matrix(
    Float64Array.from({ length: 3000 }, () => random.normal()),
    1000,
    3,
  );
  const layout = layoutOf(dense, false);
  expect(planFor(dense, layout, 43)).toMatchObject({
    sparse: false,
    search: 'bounds',
    origin: new Float64Array(3),
  });
  expect(planFor(dense, layout, 42).search).toBe('differences');
  expect(planFor(dense, layoutOf(dense, true), 42).search).toBe('bounds');
});
