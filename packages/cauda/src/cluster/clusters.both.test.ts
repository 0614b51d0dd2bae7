import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { KMeansModel, kmeans } from './index.ts';

/** Rows around `k` places. */
function clouds(n: number, d: number, k: number, dtype: 'float32' | 'float64' = 'float64'): Matrix {
  const random = new Random(9);
  const places = Float64Array.from({ length: k * d }, () => 5 * random.normal());
  const data = new (dtype === 'float64' ? Float64Array : Float32Array)(n * d).map(
    (_, i) => places[(Math.floor(i / d) % k) * d + (i % d)]! + random.normal(),
  );
  return new Matrix(data, n, d);
}

describe('a start from labels', () => {
  test('is the start from their means, by hand', async () => {
    // labels {0, 13} and {1, 10}: means 6.5 and 5.5; then {10, 13} and {0, 1}: 11.5 and 0.5
    const X = [[0], [1], [10], [13]];
    const options = { nClusters: 2, init: { labels: [0, 1, 1, 0] } };
    const once = await kmeans(X, { ...options, maxIter: 1 });
    expect(once.centers.toArray()).toEqual([[11.5], [0.5]]);
    const weighted = await kmeans(X, {
      nClusters: 2,
      init: { labels: [0, 0, 1, 1] },
      sampleWeight: [3, 1, 0, 2],
      maxIter: 1,
      tol: 0,
    });
    expect(weighted.centers.toArray()).toEqual([[0.25], [13]]);
  });

  test('stays at a labelling that no row wants to leave', async () => {
    const X = clouds(300, 3, 4);
    const { labels, centers } = await kmeans(X, { nClusters: 4, tol: 0, nInit: 3 });
    const again = await kmeans(X, { nClusters: 4, init: { labels }, tol: 0 });
    expect(again.labels).toEqual(labels);
    expect(again.nIter).toBeLessThanOrEqual(2); // the second only finds that they rest
    again.centers.data.forEach((value, i) => {
      expect(value).toBeCloseTo(centers.data[i]!, 10);
    });
  });

  test('takes the column’s mean where a label has observed nothing', async () => {
    const X = [
      [0, 1],
      [1, 3],
      [8, NaN],
      [9, NaN],
    ];
    const model = await kmeans(X, { nClusters: 2, init: { labels: [0, 0, 1, 1] }, missing: 'observed' });
    expect(model.centers.toArray()).toEqual([
      [0.5, 2],
      [8.5, 2],
    ]);
  });

  test.each([
    [[0, 1], 'kmeans: init.labels must have one label a row, 3; got an array of 2'],
    [[0, 1, 2], 'kmeans: init.labels[2] must be an integer in [0, 1]; got 2'],
    [[0, 1, NaN], 'kmeans: init.labels[2] must be an integer in [0, 1]; got NaN'],
    [[1, 1, 1], 'kmeans: init.labels gives cluster 0 no row; give each of the 2 at least one'],
    [undefined, 'kmeans: init.labels must have one label a row, 3; got undefined'],
  ])('labels %j are refused', async (labels, message) => {
    const fit = kmeans([[1], [2], [3]], { nClusters: 2, init: { labels } as never });
    await expect(fit).rejects.toThrow(message);
  });

  test('a label whose rows weigh nothing is refused', async () => {
    const fit = kmeans([[1], [2]], { nClusters: 2, init: { labels: [0, 1] }, sampleWeight: [1, 0] });
    await expect(fit).rejects.toThrow('kmeans: init.labels gives cluster 1 no row of positive weight; give');
  });
});

describe('fewer distinct rows than nClusters', () => {
  const X = [
    [2, 2],
    [2, 2],
    [-0, 5],
    [0, 5],
    [2, 2],
  ];

  test.each(['k-means++', 'random'] as const)('are an error that counts them: %s', async (init) => {
    for (let seed = 0; seed < 5; seed++)
      await expect(kmeans(X, { nClusters: 3, init, seed })).rejects.toThrow(
        'kmeans: X has only 2 distinct rows for nClusters = 3; use fewer clusters, or allowFewer: true',
      );
    await expect(kmeans([[1], [1]], { nClusters: 2, init })).rejects.toThrow(
      'kmeans: X has only 1 distinct row for nClusters = 2; use fewer clusters, or allowFewer: true',
    );
  });

  test('are as many clusters with allowFewer, in which nothing is left over', async () => {
    for (const init of [
      'k-means++',
      'random',
      [
        [9, 9],
        [2, 2],
        [0, 5],
        [7, 7],
      ],
    ] as const)
      for (let seed = 0; seed < 5; seed++) {
        const model = await kmeans(X, { nClusters: 4, init: init as never, seed, allowFewer: true });
        expect(model.centers.rows).toBe(2);
        expect(model.inertia).toBe(0);
        expect(Array.from(model.sizes).sort()).toEqual([2, 3]);
        expect(model.predict(X)).toEqual(model.labels);
        expect(KMeansModel.fromJSON(JSON.parse(JSON.stringify(model)))).toEqual(model);
      }
  });

  test('rows of weight 0 are not among them', async () => {
    const sampleWeight = [1, 1, 0, 0, 1];
    await expect(kmeans(X, { nClusters: 2, sampleWeight })).rejects.toThrow(
      'kmeans: X has only 1 distinct row of positive weight for nClusters = 2; use',
    );
    const model = await kmeans(X, { nClusters: 2, sampleWeight, allowFewer: true });
    expect(model.centers.toArray()).toEqual([[2, 2]]);
    expect(Array.from(model.sizes)).toEqual([3]);
    expect(Array.from(model.labels)).toEqual([0, 0, 0, 0, 0]);
  });

  test('are counted with their missing entries', async () => {
    const incomplete = [
      [1, NaN],
      [1, NaN],
      [NaN, 1],
    ];
    const fit = kmeans(incomplete, { nClusters: 3, missing: 'observed' });
    await expect(fit).rejects.toThrow('kmeans: X has only 2 distinct rows for nClusters = 3');
  });

  test('a property: an error exactly when there are fewer, and never more clusters than rows that differ', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 1 })), {
          minLength: 1,
          maxLength: 14,
        }),
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom('k-means++' as const, 'random' as const),
        async (rows, k, init) => {
          const nClusters = Math.min(k, rows.length);
          const distinct = new Set(rows.map(String)).size;
          const model = await kmeans(rows, { nClusters, init, allowFewer: true });
          expect(model.centers.rows).toBeLessThanOrEqual(Math.min(distinct, nClusters));
          expect(model.sizes.includes(0)).toBe(false);
          if (distinct <= nClusters) {
            expect(model.centers.rows).toBe(distinct);
            expect(model.inertia).toBe(0);
          }
          const strict = kmeans(rows, { nClusters, init });
          if (distinct < nClusters) await expect(strict).rejects.toThrow(`only ${distinct} distinct row`);
          else await strict;
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('sizes, inertias and radii', () => {
  test('by hand', async () => {
    const model = await kmeans([[0], [1], [10], [13], [50]], {
      nClusters: 2,
      init: [[0], [10]],
      sampleWeight: [1, 3, 1, 1, 0],
      tol: 0,
    });
    expect(model.centers.toArray()).toEqual([[0.75], [11.5]]);
    expect(Array.from(model.sizes)).toEqual([2, 2]);
    expect(Array.from(model.inertias)).toEqual([0.75 ** 2 + 3 * 0.25 ** 2, 2 * 1.5 ** 2]);
    expect(Array.from(model.radii)).toEqual([0.75, 1.5]);
  });

  test.each(['float32', 'float64'] as const)('are what labels and transform say, %s', async (dtype) => {
    const X = clouds(700, 5, 6, dtype);
    const holes = new Random(4);
    const incomplete = new Matrix(
      X.data.map((v) => (holes.uniform() < 0.1 ? NaN : v)),
      X.rows,
      X.cols,
    );
    const sampleWeight = Float64Array.from({ length: X.rows }, () => holes.integer(3));
    const fits = [
      [X, {}],
      [X, { sampleWeight }],
      [X, { metric: 'cosine' }],
      [X, { metric: 'cosine', sampleWeight }],
      [incomplete, { missing: 'observed' }],
      [incomplete, { missing: { prior: 'gaussian', variance: 0.4 }, sampleWeight }],
    ] as const;
    for (const [rows, options] of fits) {
      const model = await kmeans(rows, { nClusters: 6, ...options });
      const weights = 'sampleWeight' in options ? sampleWeight : new Float64Array(X.rows).fill(1);
      const distances = model.transform(rows);
      const sizes = new Int32Array(6);
      const inertias = new Float64Array(6);
      const radii = new Float64Array(6);
      model.labels.forEach((label, i) => {
        const distance = distances.row(i)[label]!;
        if (weights[i] === 0) return;
        sizes[label]!++;
        inertias[label]! += weights[i]! * ('metric' in options ? distance : distance ** 2);
        radii[label] = Math.max(radii[label]!, distance);
      });
      expect(model.sizes).toEqual(sizes);
      expect(model.radii).toEqual(radii);
      for (let k = 0; k < 6; k++) expect(model.inertias[k]! / inertias[k]!).toBeCloseTo(1, 12);
      const sum = model.inertias.reduce((a, b) => a + b);
      expect(sum / model.inertia).toBeCloseTo(1, 12);
      if (!('sampleWeight' in options)) expect(-model.score(rows) / model.inertia).toBeCloseTo(1, 12);
    }
  });
});

describe('nearest', () => {
  test('is predict for one row: in both precisions, with ties, offsets, missing entries and directions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 33 }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('float32' as const, 'float64' as const),
        fc.constantFrom('plain' as const, 'observed' as const, 'prior' as const, 'cosine' as const),
        fc.constantFrom(0, 1e4),
        fc.nat(1e6),
        async (d, k, dtype, kind, offset, seed) => {
          const random = new Random(seed);
          const n = 40;
          const data = new (dtype === 'float64' ? Float64Array : Float32Array)(n * d).map((_, i) =>
            i >= d && random.integer(5) === 0 && (kind === 'observed' || kind === 'prior')
              ? NaN
              : random.integer(3) + offset + 0.1 * (kind === 'cosine' ? 1 : 0),
          );
          const X = new Matrix(data, n, d);
          const model = await kmeans(X, {
            nClusters: k,
            maxIter: 2,
            allowFewer: true,
            ...(kind === 'observed' ? { missing: 'observed' } : {}),
            ...(kind === 'prior' ? { missing: { prior: 'gaussian', variance: 1 } } : {}),
            ...(kind === 'cosine' ? { metric: 'cosine' } : {}),
          });
          for (let i = 0; i < n; i++) {
            expect(model.nearest(X.row(i))).toBe(model.labels[i]);
            expect(model.nearest(Array.from(X.row(i)))).toBe(model.labels[i]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('refuses what is no row of the model', async () => {
    const model = await kmeans(
      [
        [1, 2],
        [3, 4],
      ],
      { nClusters: 2 },
    );
    expect(Object.isFrozen(model)).toBe(true);
    const refused = (row: unknown, message: string) =>
      expect(() => model.nearest(row as number[])).toThrow(`KMeansModel.nearest: ${message}`);
    refused([1], 'row must have 2 values, the features of this model; got an array of 1');
    refused(undefined, 'row must have 2 values, the features of this model; got undefined');
    refused([1, NaN], 'row[1] is NaN; expected finite values');
    refused([Infinity, 1], 'row[0] is Infinity; expected finite values');
    refused([1, '2'], 'row[1] is "2"; expected finite values');
    expect(model.nearest([3, 4])).toBe(model.predict([[3, 4]])[0]); // and answers as before
  });
});
