import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kmeans, kmeansPlusPlus } from './cluster/index.ts';
import { type CsrLike, CsrMatrix } from './csr.ts';
import { Matrix } from './matrix.ts';
import { Random } from './random.ts';

/** A dense matrix of which `share` is not 0, and the same compressed. */
function pair(
  n: number,
  d: number,
  share: number,
  dtype: 'float32' | 'float64',
  seed = 1,
): { dense: Matrix; sparse: CsrMatrix } {
  const random = new Random(seed);
  const data = new (dtype === 'float64' ? Float64Array : Float32Array)(n * d).map((_, at) =>
    at % d === Math.floor(at / d) % d || random.uniform() < share
      ? random.normal() + (Math.floor(at / d) % 3)
      : 0,
  );
  const dense = new Matrix(data, n, d);
  return { dense, sparse: compressed(dense) };
}

function compressed({ data, rows, cols }: Matrix): CsrMatrix {
  const found = Array.from(data.keys()).filter((at) => data[at] !== 0);
  const indptr = [0];
  for (let i = 1, p = 0; i <= rows; i++) {
    while (p < found.length && found[p]! < i * cols) p++;
    indptr.push(p);
  }
  return CsrMatrix.from({
    data: data.filter((value) => value !== 0),
    indices: Uint32Array.from(found, (at) => at % cols),
    indptr,
    shape: [rows, cols],
  });
}

test('by hand', async () => {
  const X = { data: [3, 4, 100], indices: [0, 0, 2], indptr: [0, 1, 2, 3], shape: [3, 3] };
  const model = await kmeans(X, { nClusters: 2, init: { labels: [0, 0, 1] } });
  expect(model.centers.toArray()).toEqual([
    [3.5, 0, 0],
    [0, 0, 100],
  ]);
  expect(model.inertia).toBe(0.5);
  expect(Array.from(model.predict({ ...X, data: new Int8Array([9, 0, 99]) }))).toEqual([0, 0, 1]);
});

test('kmeansPlusPlus draws rows by their distances, and gives them as dense centers', async () => {
  const { dense, sparse } = pair(900, 40, 0.05, 'float64');
  for (let seed = 0; seed < 5; seed++) {
    const { centers, indices } = await kmeansPlusPlus(sparse, { nClusters: 6, seed, workers: seed % 3 });
    expect(centers).toEqual(dense.take(indices));
    expect(new Set(indices).size).toBe(6);
    expect(indices).toEqual((await kmeansPlusPlus(sparse, { nClusters: 6, seed, workers: 0 })).indices);
    const { indices: ofDense } = await kmeansPlusPlus(dense, { nClusters: 6, seed });
    expect(indices).toEqual(ofDense);
  }
  const X = { data: [1, 2], indices: [0, 9], indptr: [0, 1, 2], shape: [2, 3] };
  await expect(kmeansPlusPlus(X, { nClusters: 1 })).rejects.toThrow(
    new RangeError('kmeansPlusPlus: X: row 1: a column index must be an integer in [0, 2]; got 9'),
  );
});

test('a fit is that of the dense matrix, whatever the start and the density', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 600 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(0.05, 0.3, 0.7, 1),
      fc.constantFrom('float32' as const, 'float64' as const),
      fc.constantFrom('random' as const, 'labels' as const, 'centers' as const),
      fc.constantFrom('euclidean' as const, 'cosine' as const),
      fc.nat(1e6),
      async (n, d, share, dtype, start, metric, seed) => {
        // opposite rows cancel, and a mean of theirs has no direction to start from
        fc.pre(metric === 'euclidean' || (d > 1 && start !== 'labels'));
        const { dense, sparse } = pair(n, d, share, dtype, seed);
        const nClusters = Math.min(n, 4);
        const random = new Random(seed);
        const sampleWeight = Float64Array.from({ length: n }, () => 1 + random.integer(2));
        const init =
          start === 'random'
            ? start
            : start === 'labels'
              ? { labels: Array.from({ length: n }, (_, i) => i % nClusters) }
              : dense.take(random.choice(n, nClusters));
        const options = { nClusters, init, metric, sampleWeight, seed, allowFewer: true };
        const model = await kmeans(sparse, options);
        const same = await kmeans(dense, options); // it may measure rows from another origin: the last bits are its own
        expect(model.labels).toEqual(same.labels);
        expect(model.nIter).toBe(same.nIter);
        const bound = dtype === 'float64' ? 1e-12 : 1e-6;
        model.centers.data.forEach((value, i) => {
          expect(Math.abs(value - same.centers.data[i]!)).toBeLessThan(bound * Math.max(1, Math.abs(value)));
        });
        expect(Math.abs(model.inertia - same.inertia)).toBeLessThan(bound * Math.max(1, same.inertia));
        expect(model.predict(sparse)).toEqual(model.labels);
        expect(model.predict(dense)).toEqual(model.labels);
        expect(model.transform(sparse)).toEqual(model.transform(dense));
        expect(model.score(sparse)).toBe(model.score(dense));
      },
    ),
    { numRuns: 80 },
  );
});

test('the same bits for any number of workers, from k-means++', async () => {
  for (const share of [0.1, 0.6]) {
    const { sparse } = pair(4000, 20, share, 'float32');
    const before = [sparse.data.slice(), sparse.indices.slice(), sparse.indptr.slice()];
    const fits = [];
    for (const workers of [0, 1, 2, 5]) fits.push(await kmeans(sparse, { nClusters: 6, workers }));
    for (const fit of fits) expect(fit).toEqual(fits[0]);
    expect([sparse.data, sparse.indices, sparse.indptr]).toEqual(before);
  }
});

describe('corners', () => {
  test('empty rows are rows of zeros', async () => {
    const X = { data: [5], indices: [1], indptr: [0, 0, 1, 1], shape: [3, 2] };
    const model = await kmeans(X, { nClusters: 2 });
    expect(model.inertia).toBe(0);
    expect(model.labels[0]).toBe(model.labels[2]);
    await expect(kmeans(X, { nClusters: 3 })).rejects.toThrow(
      'kmeans: X has only 2 distinct rows for nClusters',
    );
    await expect(kmeans(X, { nClusters: 2, metric: 'cosine' })).rejects.toThrow(
      'kmeans: X: row 0 is all zeros',
    );
  });

  test('an empty cluster takes the row furthest from its center', async () => {
    const { dense, sparse } = pair(300, 6, 0.2, 'float64');
    const init = [new Array(6).fill(0), new Array(6).fill(1e4), new Array(6).fill(-1e4)];
    const model = await kmeans(sparse, { nClusters: 3, init });
    expect(model.sizes.includes(0)).toBe(false);
    expect(model.toJSON()).toEqual((await kmeans(dense, { nClusters: 3, init })).toJSON());
  });

  test('zeros that are stored change nothing', async () => {
    const stored = { data: [1, 0, 2, 8], indices: [0, 1, 0, 1], indptr: [0, 2, 3, 4], shape: [3, 2] };
    const init = [
      [1, 0],
      [0, 8],
    ];
    const dense = [
      [1, 0],
      [2, 0],
      [0, 8],
    ];
    const model = await kmeans(stored, { nClusters: 2, init });
    expect(model.toJSON()).toEqual((await kmeans(dense, { nClusters: 2, init })).toJSON());
  });

  test('rows as dense copies and slices', () => {
    const { dense, sparse } = pair(9, 5, 0.4, 'float32');
    expect(sparse.shape).toEqual([9, 5]);
    expect(sparse.dtype).toBe('float32');
    expect(sparse.row(4)).toEqual(dense.row(4));
    expect(sparse.slice(3, 7).dense(0, 4)).toEqual(dense.take([3, 4, 5, 6]));
  });
});

describe('a broken structure is refused in one sentence', () => {
  const good = { data: [1, 2, 3], indices: [0, 2, 1], indptr: [0, 2, 3], shape: [2, 3] };
  test.each([
    [{ indptr: [0, 3] }, 'indptr must have rows + 1 = 3 entries; got 2'],
    [{ indices: [0, 2] }, 'data and indices must have the same length; got 3 and 2'],
    [{ indptr: [1, 2, 3] }, 'indptr must go from 0 to the number of values, 3; got 1 to 3'],
    [{ indptr: [0, 2, 2] }, 'indptr must go from 0 to the number of values, 3; got 0 to 2'],
    [{ indptr: [0, 4, 3] }, 'indptr must not fall; got 0 and then 4 at row 0'],
    [
      { data: [1, 2], indices: [0, 1], indptr: [0, 2, 1, 2], shape: [3, 3] },
      'indptr must not fall; got 2 and then 1 at row 1',
    ],
    [{ indices: [0, 3, 1] }, 'row 0: a column index must be an integer in [0, 2]; got 3'],
    [{ indices: [0, 2, -1] }, 'row 1: a column index must be an integer in [0, 2]; got -1'],
    [
      { indices: [2, 0, 1] },
      'row 0: column indices must rise; got 2 and then 0 (sort them, and add up duplicates)',
    ],
    [{ indices: [1, 1, 1] }, 'row 0: column indices must rise; got 1 and then 1'],
    [{ data: [1, 2, NaN] }, 'row 1, column 1 is NaN; expected finite values'],
    [{ shape: [2] }, 'shape must be [rows, columns], at least 1 × 1; got [2]'],
    [{ shape: [0, 3] }, 'shape must be [rows, columns], at least 1 × 1; got [0, 3]'],
    [
      { indices: undefined },
      'a sparse matrix is { data, indices, indptr, shape } with arrays of numbers; got',
    ],
    [{ indptr: 3 }, 'a sparse matrix is { data, indices, indptr, shape } with arrays of numbers; got'],
  ])('%j', async (change, message) => {
    const fit = kmeans({ ...good, ...change } as CsrLike, { nClusters: 1 });
    await expect(fit).rejects.toThrow(`kmeans: X: ${message}`);
  });

  test('and so are rows of another width, or with missing entries', async () => {
    const model = await kmeans(good, { nClusters: 1 });
    expect(() => model.predict({ ...good, shape: [2, 4] })).toThrow(
      'KMeansModel.predict: X has 4 features; this model was fitted on 3',
    );
    await expect(kmeans(good, { nClusters: 1, missing: 'observed' })).rejects.toThrow(
      'kmeans: missing goes with a dense matrix; the entries that X leaves out are zeros',
    );
  });
});
