import { describe, expect, test } from 'vitest';
import { CsrMatrix } from './csr.ts';
import { admit, openRows } from './door.ts';
import { Matrix } from './matrix.ts';
import { Source } from './source.ts';
import { tags, takers } from './tags.ts';

const sparse = { data: [1], indices: [1], indptr: [0, 1], shape: [1, 2] };
const source = (fail?: Error) => ({
  rows: 2,
  cols: 1,
  async *read() {
    if (fail) throw fail;
    yield [[1], [2]];
  },
});

describe('the door of an estimator', () => {
  test('dense rows pass every door', () => {
    for (const name of Object.keys(tags) as (keyof typeof tags)[])
      expect(admit(name, [[1, 2]])).toBeInstanceOf(Matrix);
  });

  test('what the tags deny is refused by name, with who takes it', () => {
    expect(admit('kmeans', sparse)).toBeInstanceOf(CsrMatrix);
    expect(() => admit('gaussianMixture', sparse)).toThrow(
      new TypeError(
        `gaussianMixture: X is a sparse matrix, and gaussianMixture takes dense rows; write its zeros out, or use one that takes sparse rows: ${takers('sparse')}`,
      ),
    );
    expect(() => admit('mlpClassifier', source())).toThrow(
      new TypeError(
        `mlpClassifier: X is a source, and mlpClassifier needs all rows in memory; read them into a Matrix, or use one that takes a source: ${takers('source')}`,
      ),
    );
  });

  test('a generator is told from a source', () => {
    const generator = (async function* () {
      yield [[1]];
    })();
    for (const X of [generator, { next: () => {} }])
      expect(() => admit('kmeans', X as unknown as number[][])).toThrow(
        'kmeans: X is a generator, which can be read once only; a source is { rows, cols, read }, whose read begins a new pass each time: { rows, cols, read: makeGenerator }',
      );
  });

  test('a source is not read before it is opened', async () => {
    const door = admit('kmeans', source(new Error('no disk')));
    await expect(openRows('kmeans', door)).rejects.toThrow(
      'kmeans: source: reading failed after 0 of 2 rows: no disk',
    );
    expect(await openRows('kmeans', admit('kmeans', source()))).toBeInstanceOf(Source);
  });

  test('what is in memory is opened as it is', async () => {
    const X = new Matrix(Float64Array.of(1), 1, 1);
    expect(await openRows('pca', admit('pca', X))).toBe(X);
  });
});
