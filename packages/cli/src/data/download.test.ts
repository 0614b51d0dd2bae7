import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Mirror, startMirror } from '../../test/mirror.ts';
import { type DownloadOptions, download } from './download.ts';
import { sampleSets } from './files.ts';
import { sampleDirectory } from './places.ts';

const file = sampleSets.mnist.test.images;
const packed = readFileSync(join(sampleDirectory, 'mnist', `${file.name}.gz`));

let folder = '';
let path = '';
let part = '';
let content: Uint8Array | undefined;
let mirror: Mirror;
let url = '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cauda-download-'));
  path = join(folder, `${file.name}.gz`);
  part = `${path}.part`;
  content = packed;
  mirror = await startMirror(() => content);
  url = `${mirror.url}/a.gz`;
});
afterEach(async () => {
  await mirror.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (options?: DownloadOptions) => download(url, path, file, options);

/** Nothing is there that could be taken for data. */
const expectNoData = () => expect(existsSync(path)).toBe(false);
const expectWhole = () => {
  expect(readFileSync(path).equals(packed)).toBe(true);
  expect(readdirSync(folder)).toEqual([`${file.name}.gz`]);
};

describe('download', () => {
  test('gets the file and leaves nothing else', async () => {
    await run();
    expectWhole();
    expect(mirror.requests).toEqual(['/a.gz']);
  });

  test('tells how far it is, up to the whole', async () => {
    const seen: [number, number | undefined][] = [];
    await run({ onProgress: (received, total) => seen.push([received, total]) });
    expect(seen.at(-1)).toEqual([packed.length, packed.length]);
    expect(seen.every(([received], i) => i === 0 || received > seen[i - 1]![0])).toBe(true);
  });

  test('keeps what came before the connection broke, and resumes there', async () => {
    mirror.manners = { breakAfter: 100_000 };
    await expect(run()).rejects.toThrow(
      new RegExp(
        `^data: ${url}: the connection broke after \\d+ of ${packed.length} bytes \\(\\w+\\); run the command again to resume$`,
      ),
    );
    expectNoData();
    expect(readFileSync(part).equals(packed.subarray(0, 100_000))).toBe(true);
    mirror.manners = {};
    const seen: number[] = [];
    await run({ onProgress: (received) => seen.push(received) });
    expectWhole();
    expect(mirror.requests).toEqual(['/a.gz', '/a.gz bytes=100000-']);
    expect(seen[0]).toBeGreaterThan(100_000);
  });

  test('starts over where the server does not know Range', async () => {
    writeFileSync(part, packed.subarray(0, 5000));
    mirror.manners = { ranges: false };
    await run();
    expectWhole();
    expect(mirror.requests).toEqual(['/a.gz bytes=5000-']);
  });

  test('takes a part that turns out to be whole', async () => {
    writeFileSync(part, packed);
    await run();
    expectWhole();
  });

  test('refuses an answer with another range than it asked for, and keeps its part', async () => {
    writeFileSync(part, packed.subarray(0, 5000));
    mirror.manners = { contentRange: `bytes 0-${packed.length - 1}/${packed.length}` };
    await expect(run()).rejects.toThrow(
      `data: ${url}: asked for the bytes from 5000; the server sent others`,
    );
    expectNoData();
    expect(readFileSync(part).length).toBe(5000);
  });

  test('deletes a download with another checksum, and says so', async () => {
    const other = gunzipSync(packed);
    other[5000]! ^= 1;
    content = gzipSync(other);
    await expect(run()).rejects.toThrow(
      new RegExp(
        `^data: ${url}: expected SHA-256 ${file.sha256}; got [0-9a-f]{64}; the download was deleted, run the command again$`,
      ),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test('deletes a part that does not fit what it was resumed with, and gets the file the next time', async () => {
    writeFileSync(part, Buffer.alloc(5000, 7));
    await expect(run()).rejects.toThrow('the download was deleted, run the command again');
    expect(readdirSync(folder)).toEqual([]);
    await run();
    expectWhole();
  });

  test('deletes what ended too early without having told its length', async () => {
    mirror.manners = { endAfter: 100_000 };
    await expect(run()).rejects.toThrow(
      `data: ${url}: the gzip stream is damaged or cut short (unexpected end of file); the download was deleted, run the command again`,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  test('does not download without end', async () => {
    content = Buffer.alloc(20_000_000);
    let most = 0;
    const run20 = run({ onProgress: (received) => (most = received) });
    await expect(run20).rejects.toThrow(`data: ${url}: expected ${file.bytes} bytes of ${file.name}; got `);
    expect(most).toBeLessThan(2_500_000);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('takes a file that the mirror sends unpacked', async () => {
    content = gunzipSync(packed);
    await run();
    expect(readFileSync(path).length).toBe(file.bytes);
  });

  test.each([
    [404, '404 Not Found'],
    [503, '503 Service Unavailable'],
    [204, '204 No Content'],
  ])('says what the server answered: %i', async (status, words) => {
    writeFileSync(part, packed.subarray(0, 5000));
    mirror.manners = { status };
    await expect(run()).rejects.toThrow(
      new Error(`data: ${url}: expected the file; the server answered ${words}`),
    );
    expectNoData();
    expect(readFileSync(part).length).toBe(5000);
  });

  test('says why it could not connect', async () => {
    await mirror.close();
    await expect(run()).rejects.toThrow(new Error(`data: ${url}: could not connect (ECONNREFUSED)`));
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a full disk leaves no data, and the next run resumes', async () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    let room = 60_000;
    const openPart = async (name: string) => {
      const handle = await open(name, 'w');
      return {
        write: async (bytes: Uint8Array) => {
          const fits = bytes.subarray(0, room);
          room -= fits.length;
          await handle.appendFile(fits);
          if (fits.length < bytes.length) throw full;
        },
        close: () => handle.close(),
      };
    };
    await expect(run({ openPart })).rejects.toThrow(
      new Error(`data: ${part}: could not be written (ENOSPC); no data was changed`),
    );
    expectNoData();
    expect(readFileSync(part).length).toBe(60_000);
    await run();
    expectWhole();
    expect(mirror.requests.at(-1)).toBe('/a.gz bytes=60000-');
  });

  test('says so when the part cannot be opened', async () => {
    rmSync(folder, { recursive: true });
    await expect(run()).rejects.toThrow(`data: ${part}: could not be written (ENOENT); no data was changed`);
  });
});
