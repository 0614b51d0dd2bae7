import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { unitRows } from '../unitRows.ts';
import { kmeans } from './kmeans.ts';
import { layoutOf } from './lloyd/layout.ts';
import { bestOfRestarts } from './lloyd/restarts.ts';
import { checkKMeansOptions } from './options.ts';

/** Directions around three axes, of any length. */
function beams(n: number, d: number, dtype: 'float32' | 'float64' = 'float64'): Matrix {
  const random = new Random(12);
  const data = new (dtype === 'float64' ? Float64Array : Float32Array)(n * d);
  for (let i = 0; i < n; i++) {
    const length = 10 ** (4 * random.uniform() - 2);
    for (let j = 0; j < d; j++) data[i * d + j] = length * ((j === i % 3 ? 1 : 0) + 0.2 * random.normal());
  }
  return new Matrix(data, n, d);
}

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [ab, aa, bb] = [0, 0, 0];
  for (let j = 0; j < a.length; j++) {
    ab += a[j]! * b[j]!;
    aa += a[j]! * a[j]!;
    bb += b[j]! * b[j]!;
  }
  return ab / Math.sqrt(aa * bb);
};

test('by hand: lengths do not matter, centers are directions', async () => {
  // (3, 0) and (0, 1) have the mean direction (1, 1)/√2, at 1 − cos 45° from each
  const model = await kmeans(
    [
      [3, 0],
      [0, 1],
      [-5, 0],
    ],
    {
      nClusters: 2,
      init: [
        [1, 1],
        [-2, 0],
      ],
      metric: 'cosine',
    },
  );
  const half = Math.SQRT1_2;
  model.centers.data.forEach((value, i) => {
    expect(value).toBeCloseTo([half, half, -1, 0][i]!, 15);
  });
  expect(Array.from(model.labels)).toEqual([0, 0, 1]);
  expect(model.inertia).toBeCloseTo(2 * (1 - half), 15);
  expect(model.transform([[-7, 0]]).toArray()[0]![1]).toBeCloseTo(0, 15);
  expect(model.transform([[7, 0]]).toArray()[0]![1]).toBeCloseTo(2, 15);
});

describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
  const X = beams(900, 7, dtype);
  const digits = dtype === 'float64' ? 12 : 5;

  test('labels equal predict, inertia is Σ w (1 − cos) and never rises, centers have length 1', async () => {
    for (const init of ['k-means++', 'random'] as const) {
      const objectives: number[] = [];
      const random = new Random(1);
      const sampleWeight = Float64Array.from({ length: X.rows }, () => random.integer(4));
      const model = await kmeans(X, {
        nClusters: 5,
        init,
        metric: 'cosine',
        tol: 0,
        sampleWeight,
        onProgress: ({ objective }) => objectives.push(objective),
      });
      expect(model.predict(X)).toEqual(model.labels);
      let inertia = 0;
      model.labels.forEach((label, i) => {
        inertia += sampleWeight[i]! * (1 - cosine(X.row(i), model.centers.row(label)));
      });
      expect(model.inertia / inertia).toBeCloseTo(1, digits);
      for (let k = 0; k < 5; k++) {
        const [center] = model.centers.take([k]).toArray();
        expect(center!.reduce((s, v) => s + v * v, 0)).toBeCloseTo(1, digits);
      }
      expect(objectives.length).toBeGreaterThan(2);
      for (let i = 1; i < objectives.length; i++)
        expect(objectives[i]!).toBeLessThanOrEqual(objectives[i - 1]! * (1 + 1e-6));
      expect(objectives.at(-1)! / model.inertia).toBeCloseTo(1, 5); // and the last one is the model's
    }
  });

  test('scaling any row changes nothing', async () => {
    const scaled = new Matrix(
      X.data.map((value, i) => value * 2 ** ((Math.floor(i / X.cols) % 9) - 4)),
      X.rows,
      X.cols,
    );
    const options = { nClusters: 4, metric: 'cosine' } as const;
    expect((await kmeans(scaled, options)).toJSON()).toEqual((await kmeans(X, options)).toJSON());
  });

  test('each center is the direction of its rows’ sum once the labels rest', async () => {
    const { labels, centers } = await kmeans(X, { nClusters: 4, metric: 'cosine', tol: 0 });
    const unit = unitRows(X, 'X');
    for (let k = 0; k < 4; k++) {
      const sum = new Float64Array(X.cols);
      labels.forEach((label, i) => {
        if (label === k) for (let j = 0; j < X.cols; j++) sum[j]! += unit.row(i)[j]!;
      });
      expect(cosine(sum, centers.row(k))).toBeCloseTo(1, digits);
    }
  });
});

test('bounds and the sparse form change nothing on the sphere either', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(1, 2, 5, 20),
      fc.boolean(),
      fc.nat(1e6),
      async (n, d, k, ties, seed) => {
        const random = new Random(seed);
        const data = Float32Array.from({ length: n * d }, (_, i) =>
          i % d === 0 ? 1 : ties ? random.integer(3) - 1 : random.normal(),
        );
        const X = unitRows(new Matrix(data, n, d), 'X');
        const checked = checkKMeansOptions('kmeans', X, {
          nClusters: Math.min(k, n),
          init: 'random',
          metric: 'cosine',
          allowFewer: true,
          tol: 0,
          maxIter: 30,
          seed,
        });
        const origin = X.row(0).slice();
        const fits = [];
        for (const [sparse, search] of [
          [false, 'differences'],
          [false, 'products'],
          [false, 'bounds'],
          [true, 'bounds'],
        ] as const)
          fits.push(
            await bestOfRestarts(X, layoutOf(X, false), { sparse, search, origin, shift: origin }, checked),
          );
        for (const fit of fits) expect(fit).toEqual(fits[0]);
      },
    ),
    { numRuns: 60 },
  );
});

describe('corners', () => {
  test('rows of opposite direction leave their center where it was', async () => {
    const model = await kmeans(
      [
        [1, 0],
        [-1, 0],
      ],
      { nClusters: 1, init: [[0, 2]], metric: 'cosine' },
    );
    expect(model.centers.toArray()).toEqual([[0, 1]]);
    expect(model.inertia).toBe(2);
  });

  test('lengths whose squares overflow or vanish', async () => {
    const model = await kmeans(
      [
        [1e300, 0],
        [0, 1e-300],
        [2e-300, 0],
      ],
      { nClusters: 2, metric: 'cosine' },
    );
    expect(model.inertia).toBe(0);
    expect(model.labels[0]).toBe(model.labels[2]);
    expect(model.nearest([5e-324, 0])).toBe(model.labels[0]);
  });

  test('a row of zeros is refused, in X, in the start and in predict', async () => {
    const message = 'is all zeros and has no direction; leave it out, or use metric "euclidean"';
    const fit = kmeans(
      [
        [1, 0],
        [0, 0],
      ],
      { nClusters: 1, metric: 'cosine' },
    );
    await expect(fit).rejects.toThrow(`kmeans: X: row 1 ${message}`);
    const X = [
      [1, 0],
      [0, 1],
    ];
    const start = kmeans(X, { nClusters: 1, init: [[0, 0]], metric: 'cosine' });
    await expect(start).rejects.toThrow(`kmeans: init: row 0 ${message}`);
    const model = await kmeans(X, { nClusters: 2, metric: 'cosine' });
    expect(() => model.predict([[0, 0]])).toThrow(`KMeansModel.predict: X: row 0 ${message}`);
    expect(() => model.nearest([0, 0])).toThrow(`KMeansModel.nearest: row ${message}`);
  });

  test('missing entries are refused', async () => {
    const fit = kmeans([[1, NaN]], { nClusters: 1, metric: 'cosine', missing: 'observed' });
    await expect(fit).rejects.toThrow('kmeans: metric "cosine" needs complete rows; use metric "euclidean"');
    const wrong = kmeans([[1, 0]], { nClusters: 1, metric: 'l1' as never });
    await expect(wrong).rejects.toThrow('kmeans: metric must be "euclidean" or "cosine"; got "l1"');
  });
});
