import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadDatasets } from './datasets.ts';
import { filesOf, fullSets, sampleSets, setNames } from './files.ts';
import { cacheDirectory, fullDirectories, sampleDirectory } from './places.ts';
import { readVerified } from './stored.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cauda-data-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** An environment in which nothing but the sample is found. */
const nothing = () => ({ XDG_CACHE_HOME: folder });

describe('loadDatasets', () => {
  test('reads the embedded sample with the promised counts', async () => {
    const { source, directory, mnist, fashionMnist, digests } = await loadDatasets('sample');
    expect(source).toBe('sample');
    expect(directory).toBe(sampleDirectory);
    expect(
      [mnist.train, mnist.test, fashionMnist.train, fashionMnist.test].map(({ count }) => count),
    ).toEqual([8000, 2000, 2000, 2000]);
    expect(mnist.train.images.length).toBe(8000 * 784);
    expect(mnist.train.labels.slice(0, 9)).toEqual(Uint8Array.of(5, 0, 4, 1, 9, 2, 1, 3, 1));
    expect(fashionMnist.test.labels.slice(0, 5)).toEqual(Uint8Array.of(9, 2, 1, 1, 6));
    expect(Math.max(...mnist.train.labels)).toBe(9);
    expect(Object.keys(digests)).toHaveLength(8);
    expect(digests['mnist/train-images-idx3-ubyte']).toBe(sampleSets.mnist.train.images.sha256);
  });

  test('takes the sample where no full set is found, and says so', async () => {
    expect((await loadDatasets(undefined, nothing())).source).toBe('sample');
  });

  test('says what is missing and how to get it when the full sets are asked for', async () => {
    const path = join(folder, 'cauda', 'mnist');
    await expect(loadDatasets('full', nothing())).rejects.toThrow(
      `data: expected train-images-idx3-ubyte or train-images-idx3-ubyte.gz in ${path}; got neither; "cauda data fetch all" downloads the full sets, --data sample takes the embedded ones`,
    );
  });

  test('finds the files where torchvision puts them, and under the names that archives give them', async () => {
    const names = { mnist: 'MNIST/raw', 'fashion-mnist': 'FashionMNIST/raw' };
    for (const set of setNames) {
      mkdirSync(join(folder, names[set]), { recursive: true });
      for (const { name } of filesOf(fullSets[set]))
        writeFileSync(join(folder, names[set], name.replace('-idx', '.idx')), 'not it');
    }
    const path = join(folder, 'MNIST', 'raw', 'train-images.idx3-ubyte');
    await expect(loadDatasets(folder, nothing())).rejects.toThrow(
      `data: ${path}: expected 47040016 bytes of train-images-idx3-ubyte; got 6`,
    );
  });

  test('does not take another set for the official one', async () => {
    const path = join(sampleDirectory, 'mnist', 'train-images-idx3-ubyte.gz');
    await expect(loadDatasets(sampleDirectory, nothing())).rejects.toThrow(
      `data: ${path}: expected 47040016 bytes of train-images-idx3-ubyte; got 6272016`,
    );
  });

  test('finds the full sets in CAUDA_DATA, and fails on a damaged one rather than falling back to the sample', async () => {
    for (const set of setNames) {
      mkdirSync(join(folder, set));
      for (const { name } of filesOf(fullSets[set])) writeFileSync(join(folder, set, name), 'not it');
    }
    await expect(loadDatasets(undefined, { ...nothing(), CAUDA_DATA: folder })).rejects.toThrow(
      `data: ${join(folder, 'mnist', 'train-images-idx3-ubyte')}: expected 47040016 bytes of train-images-idx3-ubyte; got 6`,
    );
  });
});

describe('readVerified', () => {
  const file = sampleSets.mnist.test.labels;
  const original = join(sampleDirectory, 'mnist', `${file.name}.gz`);

  test('reads the same bytes from a gzipped and from a plain file', async () => {
    const plain = join(folder, file.name);
    writeFileSync(plain, gunzipSync(readFileSync(original)));
    expect(Buffer.from(await readVerified(plain, file))).toEqual(
      Buffer.from(await readVerified(original, file)),
    );
  });

  test('names both digests when one bit differs', async () => {
    const content = gunzipSync(readFileSync(original));
    content[1000]! ^= 1;
    const path = join(folder, `${file.name}.gz`);
    writeFileSync(path, gzipSync(content));
    const digest = createHash('sha256').update(content).digest('hex');
    await expect(readVerified(path, file)).rejects.toThrow(
      `data: ${path}: expected SHA-256 ${file.sha256}; got ${digest}`,
    );
  });

  test('refuses a truncated gzip stream', async () => {
    const path = join(folder, `${file.name}.gz`);
    writeFileSync(path, readFileSync(original).subarray(0, 500));
    await expect(readVerified(path, file)).rejects.toThrow(
      `data: ${path}: the gzip stream is damaged or cut short (unexpected end of file)`,
    );
  });

  test('stops unpacking where the file should have ended', async () => {
    const path = join(folder, `${file.name}.gz`);
    writeFileSync(path, gzipSync(Buffer.alloc(1e7)));
    await expect(readVerified(path, file)).rejects.toThrow(
      `data: ${path}: expected 2008 bytes of t10k-labels-idx1-ubyte; the gzip stream holds more`,
    );
  });
});

describe('the sample', () => {
  test('holds every file that the code knows, and copies load from anywhere', async () => {
    cpSync(sampleDirectory, folder, { recursive: true });
    for (const set of setNames)
      for (const file of filesOf(sampleSets[set]))
        expect((await readVerified(join(folder, set, `${file.name}.gz`), file)).length).toBe(file.bytes);
  });
});

describe('places', () => {
  test('the cache is where each platform keeps it', () => {
    expect(cacheDirectory({ XDG_CACHE_HOME: '/x' }, 'darwin')).toBe('/x/cauda');
    expect(cacheDirectory({}, 'linux')).toMatch(/\.cache.cauda$/);
    expect(cacheDirectory({}, 'darwin')).toMatch(/Library.Caches.cauda$/);
    expect(cacheDirectory({ LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' }, 'win32')).toBe(
      'C:\\Users\\ada\\AppData\\Local\\cauda\\Cache',
    );
    expect(cacheDirectory({ XDG_CACHE_HOME: 'D:/cache' }, 'win32')).toBe('D:\\cache\\cauda');
    expect(cacheDirectory({}, 'win32')).toMatch(/\\AppData\\Local\\cauda\\Cache$/);
  });

  test('CAUDA_DATA comes before the cache', () => {
    expect(fullDirectories({ CAUDA_DATA: '/d', XDG_CACHE_HOME: '/x' })).toEqual(['/d', join('/x', 'cauda')]);
  });
});
