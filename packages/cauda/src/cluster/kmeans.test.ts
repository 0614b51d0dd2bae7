import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matrix, oracle, worstError } from '../../test/oracles.ts';
import { Matrix } from '../matrix.ts';
import type { ProgressEvent } from '../parallel/session.ts';
import { pipeline, pipelineReader } from '../pipeline/pipeline.ts';
import { StandardScalerModel, standardScaler, standardScalerStep } from '../preprocess/standardScaler.ts';
import { Random } from '../random.ts';
import { saveArray, saveMatrix } from '../serialize.ts';
import { takers } from '../tags.ts';
import { KMeansModel, kmeans, kmeansPlusPlus, kmeansStep } from './index.ts';

/** Three round clouds of `each` points in the plane. */
function clouds(each: number, dtype: 'float32' | 'float64' = 'float64'): Matrix {
  const random = new Random(5);
  const places = [
    [0, 0],
    [10, 0],
    [0, 10],
  ];
  const data = new (dtype === 'float64' ? Float64Array : Float32Array)(each * 6).map(
    (_, i) => places[Math.floor(i / 2) % 3]![i % 2]! + random.normal(),
  );
  return new Matrix(data, each * 3, 2);
}

/** A saved model but for its centers and what belongs to each. */
const saved = {
  format: 'cauda.kmeans',
  version: 2,
  labels: saveArray(new Int32Array()),
  inertia: 0,
  nIter: 1,
  converged: true,
  metric: 'euclidean',
  missing: null,
};

/** The same with its centers. */
function savedWith(centers: Matrix): object {
  const zeros = saveArray(new Float64Array(centers.rows));
  const sizes = saveArray(new Int32Array(centers.rows));
  return { ...saved, centers: saveMatrix(centers), sizes, inertias: zeros, radii: zeros };
}

describe('by hand', () => {
  // Rows 0, 1 | 10, 13 on a line, centers starting at 0 and 1:
  // round 1: {0} and {1, 10, 13} -> 0 and 8; round 2: {0, 1} and {10, 13} -> 0.5 and 11.5; round 3: unchanged.
  const X = [[0], [1], [10], [13]];

  test('four points, two centers', async () => {
    const model = await kmeans(X, { nClusters: 2, init: [[0], [1]] });
    expect(model.centers.toArray()).toEqual([[0.5], [11.5]]);
    expect(Array.from(model.labels)).toEqual([0, 0, 1, 1]);
    expect(model.inertia).toBe(0.25 + 0.25 + 2.25 + 2.25);
    expect(model.nIter).toBe(3);
    expect(model.converged).toBe(true);
    expect(model.transform([[0.5]]).toArray()).toEqual([[0, 11]]);
    expect(model.score([[0.5], [10]])).toBe(-2.25);
  });

  test('running out of iterations is a result, with labels of the returned centers', async () => {
    const model = await kmeans(X, { nClusters: 2, init: [[0], [1]], maxIter: 1 });
    expect(model.converged).toBe(false);
    expect(model.centers.toArray()).toEqual([[0], [8]]);
    expect(Array.from(model.labels)).toEqual([0, 0, 1, 1]);
  });

  test('a tie goes to the lower index', async () => {
    const model = await kmeans([[-1], [0], [1]], { nClusters: 2, init: [[-1], [1]], maxIter: 1 });
    expect(model.predict([[(model.centers.data[0]! + model.centers.data[1]!) / 2]])).toEqual(
      Int32Array.of(0),
    );
  });

  test('an empty cluster takes the row furthest from its center', async () => {
    const model = await kmeans(X, { nClusters: 2, init: [[5], [1000]] });
    expect([...model.centers.data].sort((a, b) => a - b)).toEqual([0.5, 11.5]);
  });
});

describe('invariants', () => {
  test('labels equal predict, in both precisions and from every start', async () => {
    for (const dtype of ['float32', 'float64'] as const)
      for (const init of ['k-means++', 'random'] as const) {
        const X = clouds(200, dtype);
        const model = await kmeans(X, { nClusters: 7, init, seed: 3 });
        expect(model.predict(X)).toEqual(model.labels);
        expect(model.centers.dtype).toBe(dtype);
      }
  });

  test('inertia is the sum of squared distances and never rises', async () => {
    const X = clouds(300);
    const objectives: number[] = [];
    const model = await kmeans(X, {
      nClusters: 9,
      init: 'random',
      tol: 0,
      onProgress: ({ objective }) => objectives.push(objective),
    });
    expect(objectives.length).toBe(model.nIter);
    expect(objectives.length).toBeGreaterThan(3);
    for (let i = 1; i < objectives.length; i++)
      expect(objectives[i]!).toBeLessThanOrEqual(objectives[i - 1]! * (1 + 1e-12));
    const distances = model.transform(X);
    const sum = Array.from(model.labels).reduce((s, label, i) => s + distances.row(i)[label]! ** 2, 0);
    expect(model.inertia).toBeCloseTo(sum, 8);
    expect(model.inertia).toBeLessThanOrEqual(objectives.at(-1)! * (1 + 1e-12));
    expect(-model.score(X)).toBeCloseTo(model.inertia, 8);
  });

  test('each center is the mean of its rows once the labels rest', async () => {
    const X = clouds(100);
    const { centers, labels } = await kmeans(X, { nClusters: 5, tol: 0, seed: 1 });
    for (let k = 0; k < 5; k++) {
      const rows = X.take([...labels.keys()].filter((i) => labels[i] === k));
      for (let j = 0; j < 2; j++) {
        const mean = rows.toArray().reduce((s, row) => s + row[j]!, 0) / rows.rows;
        expect(centers.row(k)[j]).toBeCloseTo(mean, 12);
      }
    }
  });

  test('each restart begins elsewhere, and more of them never hurt', async () => {
    const X = clouds(100);
    const starts = new Set<number>();
    const one = await kmeans(X, { nClusters: 8, init: 'random' });
    const ten = await kmeans(X, {
      nClusters: 8,
      init: 'random',
      nInit: 10,
      onProgress: ({ iteration, objective }) => {
        if (iteration === 1) starts.add(objective);
      },
    });
    expect(starts.size).toBe(10);
    expect(ten.inertia).toBeLessThanOrEqual(one.inertia);
  });

  test('the caller’s arrays are untouched', async () => {
    const X = clouds(50);
    const init = X.take([0, 1, 2]);
    const before = [X.data.slice(), init.data.slice()];
    await kmeans(X, { nClusters: 3, init, workers: 2 });
    expect([X.data, init.data]).toEqual(before);
  });

  test('a weight of 3 is three copies, and a weight of 0 is absence', async () => {
    const X = clouds(60);
    const random = new Random(2);
    const sampleWeight = Float64Array.from({ length: X.rows }, () => random.integer(4));
    const copies = X.take([...sampleWeight.keys()].flatMap((i) => new Array(sampleWeight[i]!).fill(i)));
    const init = X.take([0, 1, 2, 3]);
    const weighted = await kmeans(X, { nClusters: 4, init, sampleWeight, tol: 0 });
    const repeated = await kmeans(copies, { nClusters: 4, init, tol: 0 });
    expect(worstError(weighted.centers.data, repeated.centers.data)).toBeLessThan(1e-12);
    expect(weighted.inertia).toBeCloseTo(repeated.inertia, 8);
  });

  test('weights count in when to stop, too: a far row of weight 0 ends nothing early (scikit-learn #16298)', async () => {
    const random = new Random(1);
    const rows = Array.from({ length: 2000 }, () => [10 * random.uniform(), random.uniform()]);
    const init = [
      [0, 0.5],
      [0.1, 0.5],
      [0.2, 0.5],
    ];
    const flat = [...rows, [9999, 9999]];
    const sampleWeight = [...new Array(2000).fill(1), 0];
    for (const dtype of [Float64Array, Float32Array])
      for (const options of [{}, { missing: 'observed' as const }]) {
        const matrix = (given: number[][]) => new Matrix(dtype.from(given.flat()), given.length, 2);
        const without = await kmeans(matrix(rows), { nClusters: 3, init, ...options });
        const given = await kmeans(matrix(flat), { nClusters: 3, init, sampleWeight, ...options });
        expect(given.nIter).toBe(without.nIter);
        expect(without.nIter).toBeGreaterThan(8);
        expect(given.inertia / without.inertia).toBeCloseTo(1, 12);
        // nor one so far away that variances measured from it are all rounding
        const beyond = matrix([...rows.slice(0, 100), [1e18, -1e18]]);
        const few = await kmeans(matrix(rows.slice(0, 100)), { nClusters: 3, init, ...options });
        const own = [...new Array(100).fill(1), 0];
        const fewGiven = await kmeans(beyond, { nClusters: 3, init, sampleWeight: own, ...options });
        expect(fewGiven.nIter).toBe(few.nIter);
        expect(fewGiven.inertia / few.inertia).toBeCloseTo(1, 12);
      }
  });

  test('three copies stop when a weight of 3 does, also where rows are kept sparse', async () => {
    const random = new Random(4);
    const rows = Array.from({ length: 300 }, () =>
      Array.from({ length: 12 }, () => (random.uniform() < 0.2 ? random.normal() : 0)),
    );
    const sampleWeight = rows.map((_, i) => (i % 3 ? 1 : 3));
    const copies = rows.flatMap((row, i) => new Array<number[]>(sampleWeight[i]!).fill(row));
    for (const tol of [1e-4, 1e-2, 0.1]) {
      const options = { nClusters: 4, init: rows.slice(0, 4), tol };
      const weighted = await kmeans(rows, { ...options, sampleWeight });
      const repeated = await kmeans(copies, options);
      expect(weighted.nIter).toBe(repeated.nIter);
      expect(weighted.inertia / repeated.inertia).toBeCloseTo(1, 12);
      const entries = rows.map((row) => [...row.entries()].filter(([, value]) => value !== 0));
      const csr = {
        data: Float64Array.from(entries.flat(), ([, value]) => value),
        indices: Uint32Array.from(entries.flat(), ([j]) => j),
        indptr: Uint32Array.from([0, ...entries.map((_, i) => entries.slice(0, i + 1).flat().length)]),
        shape: [300, 12],
      } as const;
      expect((await kmeans(csr, { ...options, sampleWeight })).nIter).toBe(repeated.nIter);
    }
  });

  test('k-means++ and random starts never choose a row of weight 0', async () => {
    const X = clouds(20);
    const sampleWeight = Float64Array.from({ length: X.rows }, (_, i) => (i % 3 === 0 ? 1 : 0));
    for (let s = 0; s < 20; s++) {
      const { indices } = await kmeansPlusPlus(X, { nClusters: 6, seed: s, sampleWeight });
      expect(new Set(indices).size).toBe(6);
      for (const index of indices) expect(index % 3).toBe(0);
    }
    await expect(kmeans(X, { nClusters: 21, init: 'random', sampleWeight })).rejects.toThrow(
      'kmeans: only 20 rows of X have a positive weight, fewer than the 21 to start from; use fewer clusters',
    );
  });

  test('shifting and scaling the data moves the centers along', async () => {
    const X = clouds(100);
    const init = X.take([0, 1, 2]);
    const base = await kmeans(X, { nClusters: 3, init });
    for (const [scale, offset] of [
      [1e9, 0],
      [1e-9, 0],
      [1, 1e6],
      [1e150, 0],
    ] as const) {
      const move = (m: Matrix) =>
        new Matrix(
          m.data.map((v) => v * scale + offset),
          m.rows,
          m.cols,
        );
      const moved = await kmeans(move(X), { nClusters: 3, init: move(init) });
      expect(moved.labels).toEqual(base.labels);
      expect(
        worstError(
          moved.centers.data.map((v) => (v - offset) / scale),
          base.centers.data,
        ),
      ).toBeLessThan(1e-8);
    }
  });

  test('products and differences agree on every label, ties and near ties included', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 6 }),
        fc.constantFrom(1, 1e-30, 1e12, 1e-3),
        fc.constantFrom(0, 1e4),
        fc.nat(1e6),
        async (n, d, k, scale, offset, seed) => {
          const random = new Random(seed);
          const draw = (rows: number) =>
            new Matrix(
              Float32Array.from({ length: rows * d }, () => (random.integer(4) + offset) * scale), // few values: many ties
              rows,
              d,
            );
          const X = draw(n);
          const C = draw(Math.min(k, n));
          const model = KMeansModel.fromJSON(savedWith(C));
          const distances = model.transform(X);
          const labels = model.predict(X);
          for (let i = 0; i < n; i++) {
            const row = Array.from(distances.row(i));
            expect(labels[i]).toBe(row.indexOf(Math.min(...row)));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('corners', () => {
  test('one cluster: the mean', async () => {
    const model = await kmeans(
      [
        [1, 2],
        [3, 4],
        [5, 9],
      ],
      { nClusters: 1 },
    );
    expect(model.centers.toArray()).toEqual([[3, 5]]);
  });
  test('as many clusters as rows: every row its own center', async () => {
    const X = clouds(5);
    const model = await kmeans(X, { nClusters: 15, seed: 4 });
    expect(model.inertia).toBe(0);
    expect(new Set(model.labels).size).toBe(15);
  });
  test('one row', async () => {
    const model = await kmeans([[7, 8]], { nClusters: 1 });
    expect(model.centers.toArray()).toEqual([[7, 8]]);
    expect(model.inertia).toBe(0);
  });
  test('a constant column changes nothing', async () => {
    const X = clouds(50);
    const wide = new Matrix(
      Float64Array.from({ length: X.rows * 3 }, (_, i) =>
        i % 3 === 2 ? 7 : X.row(Math.floor(i / 3))[i % 3]!,
      ),
      X.rows,
      3,
    );
    const init = [0, 1, 2];
    const narrow = await kmeans(X, { nClusters: 3, init: X.take(init) });
    const model = await kmeans(wide, { nClusters: 3, init: wide.take(init) });
    expect(model.labels).toEqual(narrow.labels);
    expect([0, 1, 2].map((k) => model.centers.row(k)[2])).toEqual([7, 7, 7]);
  });
});

describe('missing entries', () => {
  const [c] = oracle('missing');
  const X = matrix(c.X_with_null);
  const init = matrix(c.init);

  test('observed-only distances reach the reference fixed point', async () => {
    const used = X.take(c.rows_used);
    const path: number[] = [];
    const model = await kmeans(used, {
      nClusters: 3,
      init,
      missing: 'observed',
      tol: 0,
      onProgress: ({ objective }) => path.push(objective),
    });
    const { centers, labels, objective_observed_only } = c.partial_distance;
    expect(worstError(model.centers.data, centers.data)).toBeLessThan(1e-9);
    expect(Array.from(model.labels)).toEqual(labels);
    expect(Math.abs(model.inertia / objective_observed_only - 1)).toBeLessThan(1e-9);
    for (let i = 1; i < path.length; i++) expect(path[i]!).toBeLessThanOrEqual(path[i - 1]! * (1 + 1e-12));
    expect(model.predict(used)).toEqual(model.labels);
    expect(-model.score(used)).toBeCloseTo(model.inertia, 9);
  });

  test('the inertia over observed coordinates is k-POD’s objective: its fixed point is one of ours, or worse', async () => {
    const used = X.take(c.rows_used);
    const { centers, labels, objective_observed_only } = c.kpod_one_step;
    const there = await kmeans(used, {
      nClusters: 3,
      init: matrix(centers),
      missing: 'observed',
      tol: 0,
    });
    expect(there.inertia).toBeLessThanOrEqual(objective_observed_only * (1 + 1e-9));
    expect(there.inertia).toBeGreaterThan(objective_observed_only * (1 - 1e-4));
    expect(Array.from(there.labels)).toEqual(labels);
  });

  test('without missing entries, observed-only is K-means', async () => {
    for (const dtype of ['float64', 'float32'] as const) {
      const full = clouds(100, dtype);
      const start = full.take([0, 1, 2]);
      const plain = await kmeans(full, { nClusters: 3, init: start });
      const observed = await kmeans(full, { nClusters: 3, init: start, missing: 'observed' });
      expect(observed.labels).toEqual(plain.labels);
      expect(worstError(observed.centers.data, plain.centers.data)).toBeLessThan(1e-12);
      expect(Math.abs(observed.inertia / plain.inertia - 1)).toBeLessThan(1e-6);
    }
  });

  test('a gaussian prior is K-means on zero-filled data plus the variance of every missing entry', async () => {
    const zeros = new Matrix(
      X.data.map((v) => (Number.isNaN(v) ? 0 : v)),
      X.rows,
      X.cols,
    );
    const count = X.data.filter(Number.isNaN).length;
    const plain = await kmeans(zeros, { nClusters: 3, init });
    const model = await kmeans(X, { nClusters: 3, init, missing: { prior: 'gaussian', variance: 0.7 } });
    expect(model.centers).toEqual(plain.centers);
    expect(model.labels).toEqual(plain.labels);
    expect(model.inertia).toBeCloseTo(plain.inertia + 0.7 * count, 10);
    expect(model.predict(X)).toEqual(model.labels);
    expect(-model.score(X)).toBeCloseTo(model.inertia, 8);
    const first = Array.from(X.row(1));
    const missing = first.filter(Number.isNaN).length;
    expect(missing).toBeGreaterThan(0);
    const expected = first.reduce(
      (s, v, j) => s + ((Number.isNaN(v) ? 0 : v) - model.centers.row(2)[j]!) ** 2,
      0,
    );
    expect(model.transform(X).row(1)[2]).toBeCloseTo(Math.sqrt(expected + 0.7 * missing), 10);
  });

  test('random and k-means++ starts work with missing entries, each elsewhere', async () => {
    for (const missing of ['observed', { prior: 'gaussian', variance: 1 }] as const)
      for (const start of ['k-means++', 'random'] as const) {
        const starts = new Set<number>();
        const model = await kmeans(X, {
          nClusters: 3,
          init: start,
          nInit: 5,
          missing,
          onProgress: ({ iteration, objective }: ProgressEvent) => {
            if (iteration === 1) starts.add(objective);
          },
        });
        expect(model.centers.data.every(Number.isFinite)).toBe(true);
        expect(starts.size).toBeGreaterThan(3);
      }
  });
});

describe('errors and control', () => {
  const X = clouds(10);
  test.each([
    [{ nClusters: 200 }, 'kmeans: nClusters must be an integer in [1, 30], the rows of X; got 200'],
    [{ nClusters: 2.5 }, 'kmeans: nClusters must be an integer in [1, 30], the rows of X; got 2.5'],
    [{}, 'kmeans: nClusters is required: an integer in [1, 30], the rows of X'],
    [{ nClusters: 2, nInit: 0 }, 'kmeans: nInit must be an integer in [1, ∞); got 0'],
    [{ nClusters: 2, tol: -1 }, 'kmeans: tol must be a finite number in [0, ∞); got -1'],
    [{ nClusters: 2, tol: Number.NaN }, 'kmeans: tol must be a finite number in [0, ∞); got NaN'],
    [
      { nClusters: 2, init: 'kmeans++' },
      'kmeans: init must be "k-means++", "random", the initial centers or { labels }; got "kmeans++"',
    ],
    [{ nClusters: 2, init: [[1, 2, 3]] }, 'kmeans: init must be nClusters × nFeatures = 2 × 2; got 1 × 3'],
    [
      {
        nClusters: 2,
        init: [
          [1, 2],
          [3, NaN],
        ],
      },
      'kmeans: init: row 1, column 1 is NaN',
    ],
    [{ nClusters: 2, sampleWeight: [1, 2] }, 'kmeans: sampleWeight has 2 entries but X has 30 rows'],
    [
      { nClusters: 2, sampleWeight: new Float64Array(30) },
      'kmeans: sampleWeight must not be all zero; give at least one row a weight',
    ],
    [
      { nClusters: 2, sampleWeight: new Array(30).fill(-1) },
      'kmeans: sampleWeight[0] must be a finite number ≥ 0; got -1',
    ],
    [
      { nClusters: 2, missing: 'ignore' },
      'kmeans: missing must be "observed" or { prior: "gaussian", variance }; got "ignore"',
    ],
    [
      { nClusters: 2, missing: { prior: 'gaussian', variance: -1 } },
      'kmeans: missing: variance must be a finite number in [0, ∞); got -1',
    ],
    [
      { nClusters: 2, missing: { prior: 'laplace', variance: 1 } },
      'kmeans: missing: prior must be "gaussian"; got "laplace"',
    ],
    [{ nClusters: 2, n_init: 3 }, 'kmeans: unknown option "n_init"; known are '],
    [{ nClusters: 2, seed: -1 }, 'kmeans: seed must be an integer in [0, 9007199254740991]; got -1'],
    [{ nClusters: 2, workers: 1.5 }, 'kmeans: workers must be an integer in [0, 64]; got 1.5'],
  ])('%j is refused', async (options, message) => {
    await expect(kmeans(X, options as never)).rejects.toThrow(message);
  });

  test('NaN and infinity are named by row and column', async () => {
    await expect(
      kmeans(
        [
          [1, 2],
          [3, NaN],
        ],
        { nClusters: 1 },
      ),
    ).rejects.toThrow(
      `kmeans: X: row 1, column 1 is NaN; expected finite values (remove or fill the row; ${takers('missing')} take NaN with the option missing)`,
    );
    await expect(kmeans([[1, -Infinity]], { nClusters: 1, missing: 'observed' })).rejects.toThrow(
      'kmeans: X: row 0, column 1 is -Infinity; expected finite values',
    );
  });

  test('a model refuses rows of another width', async () => {
    const model = await kmeans(X, { nClusters: 2 });
    expect(() => model.predict([[1, 2, 3]])).toThrow(
      'KMeansModel.predict: X has 3 features; this model was fitted on 2',
    );
  });

  test('an aborted fit rejects with the signal’s reason, in the calling thread and in workers', async () => {
    const big = clouds(5000);
    for (const workers of [0, 2]) {
      const controller = new AbortController();
      let events = 0;
      const fit = kmeans(big, {
        nClusters: 40,
        init: 'random',
        tol: 0,
        workers,
        signal: controller.signal,
        onProgress: () => {
          events++;
          controller.abort(new Error('enough'));
        },
      });
      await expect(fit).rejects.toThrow('enough');
      expect(events).toBe(1);
    }
    await expect(
      kmeans(big, { nClusters: 2, signal: AbortSignal.abort(new Error('too late')) }),
    ).rejects.toThrow('too late');
  });

  test('progress tells task, iteration and run', async () => {
    const events: ProgressEvent[] = [];
    await kmeans(X, { nClusters: 3, nInit: 2, maxIter: 50, onProgress: (event) => events.push(event) });
    expect(events[0]).toMatchObject({ task: 'kmeans', iteration: 1, maxIterations: 50, run: 0, runs: 2 });
    expect(events.at(-1)).toMatchObject({ run: 1, runs: 2 });
  });
});

test('a step of a pipeline is the fit itself, and its distances are what the next step would take', async () => {
  const X = clouds(40);
  const fitted = await pipeline([standardScalerStep(), kmeansStep({ nClusters: 3 })]).fit(X, { seed: 2 });
  const Z = (await standardScaler(X)).transform(X);
  const model = await kmeans(Z, { nClusters: 3, seed: 2 });
  expect(fitted.model).toEqual(model);
  expect(fitted.predict(X)).toEqual(model.labels);
  expect(fitted.transform(X)).toEqual(model.transform(Z));
  const reader = pipelineReader([StandardScalerModel, KMeansModel]);
  expect(reader.fromJSON(JSON.parse(JSON.stringify(fitted)))).toEqual(fitted);
});

describe('saving', () => {
  test('a model comes back from JSON to the bit', async () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const X = clouds(40, dtype);
      const model = await kmeans(X, { nClusters: 4, missing: 'observed' });
      const copy = KMeansModel.fromJSON(JSON.parse(JSON.stringify(model)));
      expect(copy).toEqual(model);
      expect(copy.predict(X)).toEqual(model.labels);
      expect(Object.isFrozen(copy)).toBe(true);
    }
  });

  test('anything else is refused with the field that is wrong', async () => {
    const good = JSON.parse(JSON.stringify(await kmeans(clouds(5), { nClusters: 2 })));
    const integers = (...values: number[]) => saveArray(Int32Array.from(values));
    const cases: [change: object, message: string][] = [
      [{ format: 'other' }, 'KMeansModel.fromJSON: expected a saved "cauda.kmeans"; got "other"'],
      [{ version: 1 }, 'KMeansModel.fromJSON: this Cauda reads version 2 of "cauda.kmeans"; got version 1'],
      [
        { centers: { ...good.centers, shape: [3, 2] } },
        'KMeansModel.fromJSON: centers.data must hold 6 float64 values, 48 bytes; got 32',
      ],
      [{ centers: { ...good.centers, shape: [1e9, 1e9] } }, 'KMeansModel.fromJSON: centers.data must hold'],
      [
        { centers: saveMatrix(new Matrix(Float64Array.of(1, 2, 3, NaN), 2, 2)) },
        'KMeansModel.fromJSON: centers[3] must be a finite number; got NaN',
      ],
      [{ labels: integers(0, 1, 2) }, 'KMeansModel.fromJSON: labels must be an array of integers in [0, 1]'],
      [{ inertia: -1 }, 'KMeansModel.fromJSON: inertia must be a finite number in [0, Infinity]; got -1'],
      [{ converged: 'yes' }, 'KMeansModel.fromJSON: converged must be true or false; got "yes"'],
      [{ labels: [0, 1] }, 'KMeansModel.fromJSON: labels must be an array of integers; got an array of 2'],
      [{ sizes: integers(1) }, 'KMeansModel.fromJSON: sizes must be an array of 2 integers'],
      [{ sizes: integers(1, -1) }, 'KMeansModel.fromJSON: sizes must be an array of 2 integers ≥ 0'],
      [
        { inertias: saveArray(Float64Array.of(1, -1)) },
        'KMeansModel.fromJSON: inertias must be an array of 2 numbers ≥ 0',
      ],
      [
        { radii: saveArray(Float64Array.of(NaN, 1)) },
        'KMeansModel.fromJSON: radii[0] must be a finite number; got NaN',
      ],
      [{ metric: 'l1' }, 'KMeansModel.fromJSON: metric must be "euclidean" or "cosine"; got "l1"'],
      [
        { missing: { prior: 'gaussian' } },
        'KMeansModel.fromJSON: missing must be null, "observed" or { prior: "gaussian", variance ≥ 0 }',
      ],
    ];
    for (const [change, message] of cases)
      expect(() => KMeansModel.fromJSON({ ...good, ...change })).toThrow(message);
    expect(() => KMeansModel.fromJSON(null)).toThrow('KMeansModel.fromJSON: expected a saved "cauda.kmeans"');
  });
});
