import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import fixtures from '../../test/fixtures/npy/fixtures.json';
import { writeIdx } from '../io/idx.ts';
import { writeNpy } from '../io/npy.ts';
import { readMatrixFile } from './readMatrixFile.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cauda-node-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Makes a file in the folder and returns its path. */
function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

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

test('keeps float64, turns bytes into float32 and one dimension into one column', async () => {
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

test('puts the path before the reader’s error', async () => {
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

test('knows a file by the end of its path in the syntax of Windows too', async () => {
  await expect(readMatrixFile('C:\\none\\train-images-idx3-ubyte')).rejects.toThrow('ENOENT');
  await expect(readMatrixFile('C:\\data.npy\\a.parquet')).rejects.toThrow('expected a file named .npy');
});
