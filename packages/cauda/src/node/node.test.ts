import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import fixtures from '../../test/fixtures/npy/fixtures.json';
import { kmeans, Matrix, Random } from '../index.ts';
import { writeIdx } from '../io/idx.ts';
import { writeNpy } from '../io/npy.ts';
import type { MatrixSource } from '../source.ts';
import { npySource } from './npySource.ts';
import { readMatrixFile } from './readMatrixFile.ts';
import { writeFileAtomic } from './writeFileAtomic.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cauda-node-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file in the folder; its path. */
function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('readMatrixFile', () => {
  const rows = [
    [1, 2],
    [3, 4],
  ];

  test('reads every format by its extension', async () => {
    const idx = writeIdx(Uint8Array.of(1, 2, 3, 4), [2, 1, 2]);
    const files = [
      file('a.npy', writeNpy(Float64Array.of(1, 2, 3, 4), [2, 2])),
      file('a.csv', 'a,b\n1,2\n3,4\n'),
      file('a.tsv', '1\t2\n3\t4\n'),
      file('a.idx', idx),
      file('A.IDX', idx),
      file('train-images-idx3-ubyte', idx),
      file('train-images-idx3-ubyte.gz', gzipSync(idx)),
    ];
    for (const path of files) expect((await readMatrixFile(path)).toArray()).toEqual(rows);
  });

  test('keeps float64, makes bytes float32, and one dimension one column', async () => {
    expect((await readMatrixFile(file('a.npy', writeNpy([1, NaN], [1, 2])))).dtype).toBe('float64');
    const labels = await readMatrixFile(file('labels-idx1-ubyte', writeIdx(Uint8Array.of(7, 8, 9), [3])));
    expect([labels.dtype, labels.shape]).toEqual(['float32', [3, 1]]);
  });

  test('reads the named array of an archive, and lists the names where none is given', async () => {
    const path = file('a.npz', Buffer.from(fixtures.archives[1]!.bytes, 'base64'));
    expect((await readMatrixFile(path, { array: 'X' })).shape).toEqual([6, 4]);
    expect((await readMatrixFile(path, { array: 'labels' })).toArray()).toEqual([[3], [1], [2]]);
    await expect(readMatrixFile(path)).rejects.toThrow(
      new RangeError(`${path}: npz: array must be one of "X", "labels"; got undefined`),
    );
    await expect(readMatrixFile(path, { array: 'toString' })).rejects.toThrow('got "toString"');
  });

  test('names the file in what the reader complains about', async () => {
    const path = file('a.csv', 'a\n1\nx\n');
    await expect(readMatrixFile(path)).rejects.toThrow(
      new RangeError(`${path}: csv: line 3, column "a": expected a number; got "x"`),
    );
    const empty = file('empty.npy', writeNpy(new Float32Array(0), [0, 3]));
    await expect(readMatrixFile(empty)).rejects.toThrow(
      `${empty}: matrix: expected at least one row and one column; got 0 × 3`,
    );
  });

  test('passes the csv options on', async () => {
    const path = file('a.csv', '1;NA\n');
    const matrix = await readMatrixFile(path, { csv: { delimiter: ';', missing: ['NA'] } });
    expect(matrix.toArray()).toEqual([[1, NaN]]);
  });

  test('refuses other extensions and unknown options', async () => {
    const path = join(folder, 'a.parquet');
    await expect(readMatrixFile(path)).rejects.toThrow(
      new RangeError(`${path}: expected a file named .npy, .npz, .csv, .tsv, .idx, .gz or …-idx3-ubyte`),
    );
    await expect(readMatrixFile(path, { name: 'X' } as object)).rejects.toThrow(
      'readMatrixFile: unknown option "name"; known are array, csv',
    );
  });

  test('leaves a missing file to the system', async () => {
    await expect(readMatrixFile(join(folder, 'none.csv'))).rejects.toThrow('ENOENT');
  });
});

describe('writeFileAtomic', () => {
  test('writes bytes and text, over an older file too, and leaves nothing else', async () => {
    const path = join(folder, 'result.json');
    await writeFileAtomic(path, '{"é":1}');
    expect(readFileSync(path, 'utf8')).toBe('{"é":1}');
    await writeFileAtomic(path, Uint8Array.of(1, 2));
    expect(readFileSync(path)).toEqual(Buffer.of(1, 2));
    expect(readdirSync(folder)).toEqual(['result.json']);
  });

  test('lets simultaneous writers finish, one of them last', async () => {
    const path = join(folder, 'result.txt');
    const contents = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000));
    await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
    expect(contents).toContain(readFileSync(path, 'utf8'));
    expect(readdirSync(folder)).toEqual(['result.txt']);
  });

  test('leaves no temporary file when the name cannot be taken', async () => {
    const path = join(folder, 'taken');
    mkdirSync(path);
    await expect(writeFileAtomic(path, 'x')).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  test('leaves the old file when writing fails', async () => {
    const path = file('kept.txt', 'old');
    await expect(writeFileAtomic(path, 7 as unknown as string)).rejects.toThrow(TypeError);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['kept.txt']);
  });

  test('fails where the folder does not exist', async () => {
    await expect(writeFileAtomic(join(folder, 'none', 'a'), 'x')).rejects.toThrow('ENOENT');
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});

describe('npySource', () => {
  /** All rows of one pass, and the sizes of its blocks. */
  async function readAll(source: MatrixSource): Promise<{ rows: number[][]; sizes: number[] }> {
    const rows: number[][] = [];
    const sizes: number[] = [];
    for await (const block of source.read()) {
      const { shape } = block as { shape: readonly number[] };
      rows.push(...Matrix.from(block, { allowNaN: true }).toArray());
      sizes.push(shape[0]!);
    }
    return { rows, sizes };
  }

  test('gives the rows that readMatrixFile reads, in every pass', async () => {
    const files = [
      file('a.npy', writeNpy(Float64Array.of(1, 2, NaN, 4), [2, 2])),
      file('b.npy', writeNpy(Float32Array.of(1, 2, 3), [3])),
      file(
        'c.npy',
        writeNpy(
          Uint8Array.from({ length: 24 }, (_, i) => i),
          [2, 3, 4],
        ),
      ),
      file('d.npy', writeNpy(Int32Array.of(7), [])),
    ];
    for (const path of files) {
      const X = await readMatrixFile(path);
      const source = await npySource(path);
      expect([source.rows, source.cols]).toEqual(X.shape);
      for (let pass = 0; pass < 2; pass++) expect((await readAll(source)).rows).toEqual(X.toArray());
    }
  });

  test('reads the files that NumPy wrote, but for those in Fortran order', async () => {
    let refused = 0;
    for (const [i, { bytes }] of fixtures.files.entries()) {
      const path = file(`${i}.npy`, Buffer.from(bytes, 'base64'));
      const X = await readMatrixFile(path).catch(() => undefined);
      if (!X || X.data.some((value) => Math.abs(value) === Infinity)) continue;
      const rows = await npySource(path).then(
        async (source) => (await readAll(source)).rows,
        (error: Error) => error.message,
      );
      if (typeof rows === 'string') {
        expect(rows).toBe(
          `${path}: npy: the array is in Fortran order, column by column; save it in C order`,
        );
        refused++;
      } else expect(rows).toEqual(X.toArray());
    }
    expect(refused).toBeGreaterThan(0);
  });

  test('kmeans over it is kmeans over the matrix, some megabytes in blocks', async () => {
    const random = new Random(2);
    const data = Float64Array.from({ length: 50_000 * 8 }, () => random.normal());
    const path = file('big.npy', writeNpy(data, [50_000, 8]));
    const source = await npySource(path);
    expect((await readAll(source)).sizes).toEqual([16384, 16384, 16384, 848]);
    const options = { nClusters: 3, init: 'random', maxIter: 5 } as const;
    expect(await kmeans(source, options)).toEqual(await kmeans(await readMatrixFile(path), options));
  });

  test('errors begin with the path', async () => {
    const whole = writeNpy(Float32Array.of(1, 2, 3, 4), [2, 2]);
    const cut = file('cut.npy', whole.subarray(0, whole.length - 1));
    await expect(npySource(cut)).rejects.toThrow(
      `${cut}: npy: shape (2, 2) needs a file of ${whole.length} bytes; got ${whole.length - 1}`,
    );
    const empty = file('empty.npy', writeNpy(new Float32Array(0), [0, 2]));
    await expect(npySource(empty)).rejects.toThrow(
      `${empty}: npy: expected at least one row and one column; got shape (0, 2)`,
    );
    const other = file('other.npy', 'a,b');
    await expect(npySource(other)).rejects.toThrow(`${other}: npy: expected a file that begins with`);
    await expect(npySource(join(folder, 'none.npy'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a file that changes between two passes stops the fit', async () => {
    const bytes = writeNpy(
      Float64Array.from({ length: 400 }, (_, i) => i % 7),
      [200, 2],
    );
    const path = file('a.npy', bytes);
    const source = await npySource(path);
    const onProgress = () => {
      writeFileSync(path, bytes);
      utimesSync(path, 1, 1);
    };
    await expect(kmeans(source, { nClusters: 3, onProgress })).rejects.toThrow(
      `kmeans: source: reading failed after 0 of 200 rows: ${path}: the file has changed since it was opened`,
    );
  });
});
