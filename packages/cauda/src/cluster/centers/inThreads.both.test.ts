import { describe, expect, test } from 'vitest';
import { CsrMatrix } from '../../csr.ts';
import { Matrix } from '../../matrix.ts';
import type { ProgressEvent } from '../../parallel/session.ts';
import { Random } from '../../random.ts';
import { bisectingKMeans, KMeansModel, kmeans, miniBatchKMeans } from '../index.ts';
import type { CentersModel } from './centersModel.ts';

/** Rows in clouds; with `holes`, a tenth of the entries is missing. */
function clouds(n: number, d: number, dtype: 'float32' | 'float64', holes = false): Matrix {
  const random = new Random(n + d);
  const values = Float64Array.from({ length: n * d }, (_, at) => {
    const value = random.normal() + 3 * (Math.floor(at / d) % 4);
    return holes && random.uniform() < 0.1 ? NaN : value;
  });
  return new Matrix(dtype === 'float32' ? Float32Array.from(values) : values, n, d);
}

/** The async answers for several numbers of workers are the sync ones. */
async function agrees(model: CentersModel, X: Matrix | CsrMatrix): Promise<void> {
  for (const workers of [0, 1, 2, 5]) {
    expect(await model.predictAsync(X as Matrix, { workers })).toEqual(model.predict(X as Matrix));
    expect(await model.transformAsync(X as Matrix, { workers })).toEqual(model.transform(X as Matrix));
    expect(await model.scoreAsync(X as Matrix, { workers })).toBe(model.score(X as Matrix));
  }
}

describe.each(['float32', 'float64'] as const)(
  'the async twins give the bits of the sync methods, %s',
  (dtype) => {
    const X = clouds(300, 7, dtype);
    // shards and blocks that end in a single row, and a matrix of one; rows of the other precision as well
    const others = [clouds(1, 7, dtype), clouds(1025, 7, dtype), clouds(600, 7, 'float64')];

    test('kmeans', async () => {
      const model = await kmeans(X, { nClusters: 5 });
      for (const rows of others) await agrees(model, rows);
    });

    test('directions', async () => {
      const model = await kmeans(X, { nClusters: 5, metric: 'cosine' });
      for (const rows of others) await agrees(model, rows);
    });

    test.each(['observed', { prior: 'gaussian', variance: 2 }] as const)(
      'missing entries: %j',
      async (missing) => {
        const model = await kmeans(clouds(300, 7, dtype, true), { nClusters: 4, missing });
        for (const rows of [clouds(900, 7, dtype, true), ...others]) await agrees(model, rows);
      },
    );

    test('sparse rows', async () => {
      const model = await kmeans(X, { nClusters: 3 });
      const n = 1100;
      const indptr = Uint32Array.from({ length: n + 1 }, (_, i) => 2 * i);
      const indices = Uint32Array.from({ length: 2 * n }, (_, p) => (p % 2 ? 5 : (p >> 1) % 5));
      const data = clouds(n, 2, dtype).data;
      await agrees(model, new CsrMatrix(data, indices, indptr, 7));
    });

    test('mini-batch and bisecting models', async () => {
      await agrees(await miniBatchKMeans(X, { nClusters: 4, batchSize: 64 }), others[1]!);
      for (const nClusters of [1, 6]) await agrees(await bisectingKMeans(X, { nClusters }), others[1]!);
    });
  },
);

describe('many rows', () => {
  const X = clouds(60_000, 32, 'float32');
  const fitted = kmeans(X.take(Array.from({ length: 2000 }, (_, i) => i)), { nClusters: 100, maxIter: 2 });

  test.each([0, 2])('are answered part by part, with progress, by %i workers', async (workers) => {
    const model = await fitted;
    const events: ProgressEvent[] = [];
    const onProgress = (event: ProgressEvent) => events.push(event);
    expect(await model.predictAsync(X, { workers, onProgress })).toEqual(model.predict(X));
    expect(events.map(({ iteration }) => iteration)).toEqual(events.map((_, i) => i + 1));
    expect(events.length).toBeGreaterThan(2);
    expect(events.at(-1)).toMatchObject({
      task: 'KMeansModel.predictAsync',
      maxIterations: events.length,
    });
  });

  test.each([0, 2])('are left when the signal says so, with its reason, by %i workers', async (workers) => {
    const model = await fitted;
    const stop = new AbortController();
    let parts = 0;
    const onProgress = () => {
      if (++parts === 2) stop.abort(new Error('enough'));
    };
    const control = { workers, signal: stop.signal, onProgress };
    await expect(model.predictAsync(X, control)).rejects.toThrow(/^enough$/);
    expect(parts).toBe(2);
    await expect(model.transformAsync(X, control)).rejects.toThrow(/^enough$/);
    await expect(model.scoreAsync(X, control)).rejects.toThrow(/^enough$/);
    expect(parts).toBe(2);
    expect(await model.scoreAsync(X, { workers })).toBe(model.score(X)); // the next call is not disturbed
  });
});

test('what makes no sense is refused, by the name of the method', async () => {
  const model = await kmeans([[0], [1], [2]], { nClusters: 2 });
  expect(model).toBeInstanceOf(KMeansModel);
  await expect(model.predictAsync([[1, 2]])).rejects.toThrow(
    'KMeansModel.predictAsync: X has 2 features; this model was fitted on 1',
  );
  await expect(model.transformAsync([[1]], { workers: -1 })).rejects.toThrow(
    'KMeansModel.transformAsync: workers must be an integer in [0, 64]; got -1',
  );
  await expect(model.scoreAsync([[1]], { seed: 1 } as object)).rejects.toThrow(
    'KMeansModel.scoreAsync: unknown option "seed"; known are workers, signal, onProgress',
  );
});
