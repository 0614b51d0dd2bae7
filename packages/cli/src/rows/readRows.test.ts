import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeNpy } from 'cauda/io';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { npz } from '../../test/npz.ts';
import { inputOf, readRows, takeRows } from './readRows.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cauda-rows-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file in the folder; its path. */
function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const arrays = {
  logits: { data: [1, 2, 3, 4, 5, 6], shape: [3, 2] },
  layer1: { data: [7, 8, 9], shape: [3] },
  layer0: { data: Array.from({ length: 12 }, (_, i) => i), shape: [3, 2, 2] },
  labels: { data: [2, 0, 1], shape: [3] },
  ids: { data: [5], shape: [1] },
};

test('an archive has layers in their order, one row a first index, and labels; other arrays are ignored', async () => {
  const rows = await readRows(file('a.npz', npz(arrays)));
  expect(rows.count).toBe(3);
  expect(rows.labels).toEqual([2, 0, 1]);
  const { layers, ...others } = inputOf(rows);
  expect(layers).toMatchObject([{ shape: [3, 4] }, { shape: [3, 1] }]);
  expect(others).toEqual({ logits: rows.arrays.get('logits') });
  expect(rows.arrays.get('layer0')!.toArray()[1]).toEqual([4, 5, 6, 7]);
});

test('a folder of .npy and .csv files is the same as the archive', async () => {
  file('layer0.npy', writeNpy(arrays.layer0.data, arrays.layer0.shape));
  file('layer1.csv', '7\n8\n9\n');
  file('logits.tsv', 'a\tb\n1\t2\n3\t4\n5\t6\n');
  file('labels.npy', writeNpy(Int32Array.from(arrays.labels.data), [3]));
  file('notes.txt', 'not an array');
  file('ids.csv', 'x,y,z\n');
  const { path, ...rows } = await readRows(folder);
  const other = mkdtempSync(join(tmpdir(), 'cauda-rows-'));
  writeFileSync(join(other, 'a.npz'), npz(arrays));
  const { path: _, arrays: archived, ...same } = await readRows(join(other, 'a.npz'));
  rmSync(other, { recursive: true });
  expect(rows).toMatchObject(same);
  for (const [name, matrix] of rows.arrays) expect(matrix).toEqual(archived.get(name));
});

test('a single file is the array of its name', async () => {
  const rows = await readRows(file('logits.csv', '1,2\n3,4\n'));
  expect(inputOf(rows)).toEqual({ logits: rows.arrays.get('logits') });
  expect(rows.labels).toBeUndefined();
});

test('rows can be taken by their indices', async () => {
  const rows = takeRows(await readRows(file('a.npz', npz(arrays))), [2, 0]);
  expect([rows.count, rows.labels, rows.arrays.get('logits')!.toArray()]).toEqual([
    2,
    [1, 2],
    [
      [5, 6],
      [1, 2],
    ],
  ]);
});

const { ids: _, ...good } = arrays;
test.each([
  ['no known array', { ids: arrays.ids }, 'expected arrays named layer0, layer1, … and logits; got ids'],
  ['labels alone', { labels: arrays.labels }, 'layer1, … and logits; got labels'],
  ['an empty archive', {}, 'layer1, … and logits; got none'],
  [
    'a gap',
    { layer0: arrays.layer0, layer2: arrays.layer1 },
    'layer1 is missing; layers are layer0, layer1, … without a gap',
  ],
  [
    'other counts of rows',
    { ...good, logits: { data: [1, 2], shape: [2, 1] } },
    'layer1 has 3 rows but logits has 2',
  ],
  [
    'labels by column',
    { ...good, labels: { data: [1, 0, 0, 1, 1, 0], shape: [3, 2] } },
    'labels must be one number a row; got 2 columns',
  ],
  [
    'a value that is no number',
    { ...good, layer1: { data: [1, NaN, 3], shape: [3] } },
    'layer1: row 1, column 0 is NaN',
  ],
  ['no rows', { logits: { data: [], shape: [0, 3] } }, 'logits: expected at least one row and one column'],
])('%s is refused, with the path', async (_, given, message) => {
  const path = file('a.npz', npz(given));
  await expect(readRows(path)).rejects.toThrow(message);
  await expect(readRows(path)).rejects.toThrow(`${path}: `);
});

test('a file that is cut off, of another kind, or not there is refused, with the path', async () => {
  const cut = file('cut.npz', npz(good).subarray(0, 200));
  await expect(readRows(cut)).rejects.toThrow(`${cut}: npz: expected a zip archive that ends with`);
  const npy = file('logits.npy', writeNpy([1, 2], [2, 1]).subarray(0, 140));
  await expect(readRows(npy)).rejects.toThrow(`${npy}: npy: shape (2, 1)`);
  const text = file('logits.txt', '1 2');
  await expect(readRows(text)).rejects.toThrow(
    `${text}: expected an .npz archive, a folder, or a file named .npy, .csv or .tsv`,
  );
  const unknown = file('numbers.csv', '1,2');
  await expect(readRows(unknown)).rejects.toThrow(`${unknown}: expected arrays named`);
  await expect(readRows(join(folder, 'none.npz'))).rejects.toThrow('ENOENT');
  mkdirSync(join(folder, 'twice'));
  file('twice/logits.csv', '1,2');
  file('twice/logits.npy', writeNpy([1, 2], [1, 2]));
  await expect(readRows(join(folder, 'twice'))).rejects.toThrow('twice: two files hold logits');
});
