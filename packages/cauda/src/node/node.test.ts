import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import fixtures from '../../test/fixtures/npy/fixtures.json';
import { writeIdx } from '../io/idx.ts';
import { writeNpy } from '../io/npy.ts';
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
