import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dataset, type Flat, matrix, worstError } from '../../../test/oracles.ts';
import { Matrix } from '../../matrix.ts';
import { adjustedRandScore } from '../../metrics/pairs.ts';
import type { ProgressEvent } from '../../parallel/session.ts';
import { Random } from '../../random.ts';
import { FieldReader, saveArray } from '../../serialize.ts';
import { BisectingKMeansModel, bisectingKMeans, kmeans } from '../index.ts';

function clouds(n: number, dtype: 'float32' | 'float64' = 'float64'): Matrix {
  const random = new Random(8);
  const data = new (dtype === 'float64' ? Float64Array : Float32Array)(n * 2).map(
    (_, i) => 4 * (Math.floor(i / 2) % 5) * (i % 2) + random.normal(),
  );
  return new Matrix(data, n, 2);
}

const sorted = (rows: number[][]): number[][] => rows.sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);

describe('by hand', () => {
  // {0, 1, 2 | 100, 104} first, with inertias 2 and 8: then 100 and 104 part; by size, 0, 1, 2 do
  const X = [[0], [1], [2], [100], [104]];

  test('the cluster of the largest inertia is split next', async () => {
    const model = await bisectingKMeans(X, { nClusters: 3, nInit: 5 });
    expect(sorted(model.centers.toArray())).toEqual([[1], [100], [104]]);
    expect(model.inertia).toBe(2);
    const order = Array.from(model.centers.data, (_, i) => i).sort(
      (a, b) => model.centers.data[a]! - model.centers.data[b]!,
    );
    expect(order.map((k) => model.sizes[k])).toEqual([3, 1, 1]);
    expect(order.map((k) => model.inertias[k])).toEqual([2, 0, 0]);
    expect(order.map((k) => model.radii[k])).toEqual([1, 0, 0]);
  });

  test('or the one of the most rows', async () => {
    const options = { nClusters: 3, nInit: 9, bisectingStrategy: 'largestCluster' } as const;
    const model = await bisectingKMeans(X, options);
    expect(Math.max(...model.centers.data)).toBe(102);
    expect(Array.from(model.sizes).sort()).toEqual([1, 2, 2]);
  });

  test('predict goes down the tree, where nearest takes the nearest center', async () => {
    // {0, 10, 30} and {60, 62} part at (40/3 + 61) / 2 = 37.2; then 30 becomes a center of its own
    const rows = [[0], [10], [30], [60], [62]];
    const model = await bisectingKMeans(rows, { nClusters: 3, init: 'k-means++', nInit: 20 });
    expect(sorted(model.centers.toArray())).toEqual([[5], [30], [61]]);
    expect(model.nearest([40])).toBe(model.centers.data.indexOf(30));
    expect(model.predict([[40]])[0]).toBe(model.centers.data.indexOf(61));
    expect(model.score([[40]])).toBe(-((61 - 40) ** 2));
  });
});

interface Reference {
  dataset: string;
  nClusters: number;
  strategy: 'biggest_inertia' | 'largest_cluster';
  inertia: number;
  labels: number[];
  centers: Flat;
  grid: Flat;
  predicted: number[];
}
const { bisecting } = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/cluster/sklearn.json', import.meta.url), 'utf8'),
) as { bisecting: Reference[] };

describe('against scikit-learn, from the best of many starts', () => {
  test.each(bisecting)('$dataset, $nClusters clusters, $strategy', async (c) => {
    for (const dtype of ['float64', 'float32'] as const) {
      const { X } = dataset(c.dataset, dtype);
      const model = await bisectingKMeans(X, {
        nClusters: c.nClusters,
        bisectingStrategy: c.strategy === 'biggest_inertia' ? 'biggestInertia' : 'largestCluster',
        init: 'k-means++',
        nInit: 30,
        tol: 0,
      });
      expect(Math.abs(model.inertia / c.inertia - 1)).toBeLessThan(dtype === 'float64' ? 1e-9 : 1e-5);
      expect(adjustedRandScore(c.labels, model.labels)).toBe(1);
      expect(adjustedRandScore(c.predicted, model.predict(matrix(c.grid)))).toBe(1);
      const ours = sorted(model.centers.toArray()).flat();
      const theirs = sorted(matrix(c.centers).toArray()).flat();
      expect(worstError(ours, theirs)).toBeLessThan(dtype === 'float64' ? 1e-9 : 1e-3);
    }
  });
});

describe('invariants', () => {
  test('labels equal predict, each center is the mean of its rows, and the inertia is their sum', async () => {
    for (const dtype of ['float32', 'float64'] as const)
      for (const bisectingStrategy of ['biggestInertia', 'largestCluster'] as const)
        for (const nClusters of [1, 2, 3, 11]) {
          const X = clouds(300, dtype);
          const model = await bisectingKMeans(X, { nClusters, bisectingStrategy, tol: 0, seed: nClusters });
          expect(model.centers.shape).toEqual([nClusters, 2]);
          expect(model.predict(X)).toEqual(model.labels);
          expect(-model.score(X) / model.inertia).toBeCloseTo(1, 10);
          expect(model.converged).toBe(true);
          const distances = model.transform(X);
          for (let k = 0; k < nClusters; k++) {
            const rows = Array.from(model.labels.keys()).filter((i) => model.labels[i] === k);
            expect(model.sizes[k]).toBe(rows.length);
            for (const j of [0, 1])
              expect(model.centers.row(k)[j]).toBeCloseTo(
                rows.reduce((sum, i) => sum + X.row(i)[j]!, 0) / rows.length,
                dtype === 'float64' ? 10 : 4,
              );
            expect(model.radii[k]).toBe(Math.max(...rows.map((i) => distances.row(i)[k]!)));
          }
        }
  });

  test('one cluster more splits one cluster and leaves the others', async () => {
    const X = clouds(200);
    const four = await bisectingKMeans(X, { nClusters: 4 });
    const five = await bisectingKMeans(X, { nClusters: 5 });
    const before = new Set(four.centers.toArray().map(String));
    expect(five.centers.toArray().filter((center) => before.has(String(center)))).toHaveLength(3);
    expect(five.inertia).toBeLessThan(four.inertia);
  });

  test('a weight of 3 is three copies, and a weight of 0 is absence', async () => {
    const X = clouds(40);
    const sampleWeight = Float64Array.from({ length: 40 }, (_, i) => (i * 7) % 4);
    const copies = X.take([...sampleWeight.keys()].flatMap((i) => new Array(sampleWeight[i]!).fill(i)));
    const options = { nClusters: 4, nInit: 40, tol: 0 };
    const weighted = await bisectingKMeans(X, { ...options, sampleWeight });
    const repeated = await bisectingKMeans(copies, options);
    expect(
      worstError(sorted(weighted.centers.toArray()).flat(), sorted(repeated.centers.toArray()).flat()),
    ).toBeLessThan(1e-12);
    expect(weighted.inertia).toBeCloseTo(repeated.inertia, 10);
    expect(weighted.sizes.reduce((a, b) => a + b)).toBe(sampleWeight.filter((w) => w > 0).length);
  });

  test('two clusters are those of kmeans', async () => {
    const X = clouds(100);
    const two = await bisectingKMeans(X, { nClusters: 2, nInit: 20, tol: 0 });
    const best = await kmeans(X, { nClusters: 2, nInit: 20, tol: 0 });
    expect(two.inertia).toBeCloseTo(best.inertia, 10);
  });

  test('the same bits for any number of workers', async () => {
    const X = clouds(3000, 'float32');
    const [first, ...rest] = await Promise.all(
      [0, 1, 2, 5].map((workers) => bisectingKMeans(X, { nClusters: 6, workers })),
    );
    for (const model of rest) expect(model).toEqual(first);
  });
});

describe('corners', () => {
  test('as many clusters as rows', async () => {
    const X = clouds(9);
    const model = await bisectingKMeans(X, { nClusters: 9 });
    expect(model.inertia).toBe(0);
    expect(new Set(model.labels).size).toBe(9);
  });

  test('equal rows are never split, however many they are', async () => {
    const X = [[0.1], [0.1], [0.1], [0.1], [0.7], [0.9]];
    for (const bisectingStrategy of ['biggestInertia', 'largestCluster'] as const) {
      const model = await bisectingKMeans(X, { nClusters: 3, bisectingStrategy });
      expect(Array.from(model.sizes).sort()).toEqual([1, 1, 4]);
      await expect(bisectingKMeans(X, { nClusters: 4, bisectingStrategy })).rejects.toThrow(
        'bisectingKMeans: X has rows for only 3 different clusters, but nClusters = 4; use fewer clusters, or allowFewer: true',
      );
      const fewer = await bisectingKMeans(X, { nClusters: 4, bisectingStrategy, allowFewer: true });
      expect(fewer.centers.rows).toBe(3);
      expect(fewer.predict(X)).toEqual(fewer.labels);
    }
    await expect(bisectingKMeans([[1], [1]], { nClusters: 2 })).rejects.toThrow(
      'only 1 different cluster, but',
    );
  });
});

describe('errors and control', () => {
  const X = clouds(20);
  test.each([
    [{ nClusters: 21 }, 'bisectingKMeans: nClusters must be an integer in [1, 20], the rows of X; got 21'],
    [
      { nClusters: 2, init: [[1, 2]] },
      'bisectingKMeans: init must be "k-means++" or "random"; got an array of 1',
    ],
    [
      { nClusters: 2, bisectingStrategy: 'biggest_inertia' },
      'bisectingKMeans: bisectingStrategy must be "biggestInertia" or "largestCluster"; got "biggest_inertia"',
    ],
    [{ nClusters: 2, sampleWeight: [1] }, 'bisectingKMeans: sampleWeight has 1 entries but X has 20 rows'],
    [{ nClusters: 2, metric: 'cosine' }, 'bisectingKMeans: unknown option "metric"; known are '],
  ])('%j is refused', async (options, message) => {
    await expect(bisectingKMeans(X, options as never)).rejects.toThrow(message);
  });

  test('an aborted fit rejects with the signal’s reason; progress counts the splits', async () => {
    const events: ProgressEvent[] = [];
    const model = await bisectingKMeans(X, { nClusters: 5, onProgress: (event) => events.push(event) });
    expect(events.map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4]);
    expect(events[3]).toMatchObject({ task: 'bisectingKMeans', maxIterations: 4, objective: model.inertia });
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('enough'));
    await expect(bisectingKMeans(X, { nClusters: 5, onProgress, signal: controller.signal })).rejects.toThrow(
      'enough',
    );
  });
});

describe('saving', () => {
  test('a model comes back from JSON to the bit', async () => {
    for (const nClusters of [1, 6]) {
      const X = clouds(60, 'float32');
      const model = await bisectingKMeans(X, { nClusters });
      const copy = BisectingKMeansModel.fromJSON(JSON.parse(JSON.stringify(model)));
      expect(copy).toEqual(model);
      expect(copy.predict(X)).toEqual(model.labels);
    }
  });

  test('anything else is refused with the field that is wrong', async () => {
    const good = JSON.parse(JSON.stringify(await bisectingKMeans(clouds(20), { nClusters: 3 })));
    const who = 'BisectingKMeansModel.fromJSON';
    const [a, b, c, d] = new FieldReader('test', good).integers('next') as unknown as number[];
    const integers = (...values: (number | undefined)[]) => saveArray(Int32Array.from(values as number[]));
    const broken = `${who}: next must be a tree of 2 splits and 3 labels`;
    const cases: [change: object, message: string][] = [
      [{ format: 'cauda.kmeans' }, `${who}: expected a saved "cauda.bisectingKMeans"; got "cauda.kmeans"`],
      [{ version: 1 }, `${who}: this Cauda reads version 2 of "cauda.bisectingKMeans"; got version 1`],
      [{ splitCenters: null }, `${who}: splitCenters must be a matrix of 4 × 2`],
      [
        { splitCenters: { ...good.splitCenters, dtype: 'float32' } },
        `${who}: splitCenters must be a matrix of float64`,
      ],
      [{ next: integers(a, b, c) }, `${who}: next must be an array of 4 integers`],
      [{ next: integers(a, b, 0, d) }, broken], // would go round for ever
      [{ next: integers(a, b, 1, d) }, broken],
      [{ next: integers(a, b, d, d) }, broken],
      [{ next: integers(a, b, -4, d) }, broken],
      [{ sizes: integers(1, 2) }, `${who}: sizes must be an array of 3 integers`],
    ];
    for (const [change, message] of cases)
      expect(() => BisectingKMeansModel.fromJSON({ ...good, ...change })).toThrow(message);
  });
});

test('many small fits heed a signal that a timer aborts, and let timers run (LiberTEM #1042)', async () => {
  const random = new Random(9);
  const rows = new Matrix(
    Float64Array.from({ length: 2000 }, () => random.normal()),
    1000,
    2,
  );
  const controller = new AbortController();
  let served = 0;
  const timer = setInterval(() => served++, 5);
  setTimeout(() => controller.abort(new Error('enough')), 150);
  const options = { nClusters: 1000, nInit: 2 };
  await expect(bisectingKMeans(rows, { ...options, signal: controller.signal })).rejects.toThrow('enough');
  clearInterval(timer);
  expect(served).toBeGreaterThan(1);
});
