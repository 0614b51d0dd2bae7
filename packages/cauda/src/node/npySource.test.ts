import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import fixtures from '../../test/fixtures/npy/fixtures.json';
import { kmeans, Matrix, Random } from '../index.ts';
import { writeNpy } from '../io/npy.ts';
import type { MatrixSource } from '../source.ts';
import { npySource } from './npySource.ts';
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

test('each pass gives the rows that readMatrixFile reads', async () => {
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

test('reads the files that NumPy wrote, except those in Fortran order', async () => {
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
      expect(rows).toBe(`${path}: npy: the array is in Fortran order, column by column; save it in C order`);
      refused++;
    } else expect(rows).toEqual(X.toArray());
  }
  expect(refused).toBeGreaterThan(0);
});

test('kmeans over megabytes in blocks gives the model of kmeans over the matrix', async () => {
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
    `kmeans: source: reading failed after 0 of 200 rows: ${path}: the file has changed since it was opened; call npySource again`,
  );
});

test('a relative path means the folder in which the source was made', async () => {
  file('a.npy', writeNpy(Float64Array.of(1, 2, 3, 4), [2, 2]));
  const before = process.cwd();
  process.chdir(folder);
  let source: MatrixSource;
  try {
    source = await npySource('a.npy');
  } finally {
    process.chdir(before);
  }
  expect((await readAll(source)).rows).toEqual([
    [1, 2],
    [3, 4],
  ]);
});
