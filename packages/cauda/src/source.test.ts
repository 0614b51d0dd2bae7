import { describe, expect, test } from 'vitest';
import { sourceOf } from '../test/sources.ts';
import { kmeans, Matrix, type MatrixLike, type MatrixSource, Random } from './index.ts';

const random = new Random(0);
const X = new Matrix(
  Float64Array.from({ length: 3000 }, () => random.normal()),
  1000,
  3,
);

/** A source whose pass number `pass`, from 1, goes wrong in block number `block`, from 0. */
function broken(
  pass: number,
  block: number,
  change: (given: MatrixLike) => MatrixLike | undefined,
): MatrixSource & { begun: number; ended: number } {
  const whole = sourceOf(X, 100);
  const { read } = whole;
  return Object.assign(whole, {
    async *read() {
      let number = 0;
      for await (const given of read()) {
        const changed = whole.begun === pass && number === block ? change(given) : given;
        if (changed) yield changed;
        number++;
      }
    },
  });
}

const fit = (source: MatrixSource): Promise<unknown> => kmeans(source, { nClusters: 4, seed: 1 });

/** The fit's error; every pass that was begun has been ended. */
async function errorOf(source: MatrixSource & { begun: number; ended: number }): Promise<Error> {
  const error = await fit(source).then(
    () => expect.fail('this should not fit'),
    (error: unknown) => error as Error,
  );
  expect(source.ended).toBe(source.begun);
  return error;
}

describe('a source that is none', () => {
  test.each<[string, object, string]>([
    ['read', { rows: 2, cols: 2, read: 7 }, 'kmeans: source: read must be a function; got 7'],
    ['rows', { rows: 0, cols: 2 }, 'kmeans: source: rows must be an integer in [1, ∞); got 0'],
    ['rows', { cols: 2 }, 'kmeans: source: rows must be an integer in [1, ∞); got undefined'],
    ['cols', { rows: 2, cols: 1.5 }, 'kmeans: source: cols must be an integer in [1, ∞); got 1.5'],
  ])('%s', async (_, wrong, message) => {
    await expect(fit({ read: () => [], ...wrong } as never)).rejects.toThrow(message);
  });

  test('options are checked before anything is read', async () => {
    const source = sourceOf(X, 100);
    await expect(kmeans(source, { nClusters: 1001 })).rejects.toThrow(
      'kmeans: nClusters must be an integer in [1, 1000], the rows of X; got 1001',
    );
    await expect(kmeans(source, { nClusters: 2, signal: 'now' as never })).rejects.toThrow(
      'kmeans: signal must be an AbortSignal; got "now"',
    );
    expect(source.begun).toBe(0);
  });

  test('no iterable', async () => {
    await expect(fit({ rows: 20, cols: 2, read: () => 7 as never })).rejects.toThrow(
      'kmeans: source: read must return an async iterable of blocks; got 7',
    );
  });
});

describe('a pass that goes wrong, in the first or a later one', () => {
  const rows = (change: (row: number, column: number) => number, cols = 3): number[][] =>
    Array.from({ length: 100 }, (_, i) => Array.from({ length: cols }, (_, j) => change(i, j)));
  const cases: [string, (given: MatrixLike) => MatrixLike | undefined, string][] = [
    ['too few rows', () => undefined, 'kmeans: source: expected 1000 rows in every pass; got 900'],
    [
      'too many rows',
      () => ({ data: new Float64Array(1500), shape: [500, 3] }),
      'kmeans: source: expected 1000 rows in every pass; got 1100 or more',
    ],
    [
      'another width',
      () => rows(() => 0, 4),
      'kmeans: source: expected blocks of 3 columns; got 4 at row 600',
    ],
    [
      'another precision',
      () => ({ data: new Float32Array(300), shape: [100, 3] }),
      'kmeans: source: expected float64 blocks, as the first one was; got float32 at row 600',
    ],
    [
      'NaN',
      () => rows((i, j) => (i === 7 && j === 1 ? NaN : 0)),
      'kmeans: source: row 607, column 1 is NaN; expected finite values',
    ],
    [
      'infinity',
      () => rows((i, j) => (i === 99 && j === 2 ? -Infinity : 0)),
      'kmeans: source: row 699, column 2 is -Infinity; expected finite values',
    ],
    ['an empty block', () => [], 'kmeans: source: expected at least one row and one column; got 0 × 0'],
    ['no matrix', () => 'rows' as never, 'kmeans: source: expected a Matrix, '],
    [
      'an error of its own',
      () => {
        throw new Error('the disk is gone');
      },
      'kmeans: source: reading failed after 600 of 1000 rows: the disk is gone',
    ],
  ];
  // the passes: the precision; the plan's sample; column moments; k-means++; the iterations
  test.each(cases)('%s', async (_, change, message) => {
    const sound = sourceOf(X, 100);
    await fit(sound);
    expect(sound.ended).toBe(sound.begun);
    let failures = 0;
    for (let pass = 2; pass <= sound.begun; pass++) {
      const source = broken(pass, 6, change);
      // a pass that is over before the sixth block cannot go wrong there
      const failed = await fit(source).then(
        () => false,
        (error: Error) => {
          expect(error.message).toContain(message);
          return true;
        },
      );
      expect(source.ended).toBe(source.begun);
      if (failed) failures++;
    }
    expect(failures).toBeGreaterThan(5);
  });
});

test('the first block of all has the wrong width', async () => {
  expect((await errorOf(Object.assign(sourceOf(X, 100), { cols: 4 }))).message).toBe(
    'kmeans: source: expected blocks of 4 columns; got 3 at row 0',
  );
});

test('what reading throws is the cause of the error', async () => {
  const cause = new Error('the disk is gone');
  const source = broken(3, 2, () => {
    throw cause;
  });
  const error = await errorOf(source);
  expect(error.cause).toBe(cause);
});

describe('aborting', () => {
  test('between blocks: the pass is ended and the fit rejects with the reason', async () => {
    const stop = new AbortController();
    const source = broken(4, 3, (given) => {
      stop.abort(new Error('enough'));
      return given;
    });
    await expect(kmeans(source, { nClusters: 4, signal: stop.signal })).rejects.toThrow(/^enough$/);
    expect([source.begun, source.ended]).toEqual([4, 4]);
  });

  test('a source that heeds the same signal rejects the fit with the reason too', async () => {
    const stop = new AbortController();
    const source = broken(4, 3, () => {
      stop.abort(new Error('enough'));
      throw new Error('the stream was destroyed');
    });
    await expect(kmeans(source, { nClusters: 4, signal: stop.signal })).rejects.toThrow(/^enough$/);
    expect(source.ended).toBe(source.begun);
  });

  test('before it began: nothing is read', async () => {
    const source = sourceOf(X, 100);
    await expect(kmeans(source, { nClusters: 4, signal: AbortSignal.abort() })).rejects.toThrow('aborted');
    expect(source.begun).toBe(0);
  });

  test('from onProgress: nothing more is read', async () => {
    const stop = new AbortController();
    const source = sourceOf(X, 100);
    let begun = 0;
    const onProgress = () => {
      begun = source.begun;
      stop.abort();
    };
    await expect(kmeans(source, { nClusters: 4, signal: stop.signal, onProgress })).rejects.toThrow(
      'aborted',
    );
    expect([source.begun, source.ended]).toEqual([begun, begun]);
  });

  test('a page stays alive while a source that never waits is read', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 50);
    const endless = { nClusters: 200, nInit: 1e6, tol: 0, signal: stop.signal };
    await expect(kmeans(sourceOf(X, 100), endless)).rejects.toThrow(/^enough$/);
  });
});

test('progress is reported as for rows in memory', async () => {
  const heard: unknown[] = [];
  const options = { nClusters: 4, nInit: 2, onProgress: (event: unknown) => heard.push(event) };
  await kmeans(X, options);
  const expected = heard.splice(0);
  await kmeans(sourceOf(X, 300), options);
  expect(expected.length).toBeGreaterThan(3);
  expect(heard).toEqual(expected);
});

test('a source may use the same memory for every block', async () => {
  const block = new Float64Array(3 * 40);
  const source: MatrixSource = {
    rows: 1000,
    cols: 3,
    async *read() {
      for (let from = 0; from < 1000; from += 40) {
        block.set(X.data.subarray(from * 3, (from + 40) * 3));
        yield { data: block, shape: [40, 3] };
      }
    },
  };
  const options = { nClusters: 4 };
  expect(await kmeans(source, options)).toEqual(await kmeans(X, options));
});
