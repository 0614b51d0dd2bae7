import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Mirror, startMirror } from '../../test/mirror.ts';
import { filesOf, sampleSets } from '../data/files.ts';
import { sampleDirectory } from '../data/places.ts';
import { Interrupted } from '../terminal/interruption.ts';
import { dataCommand } from './data.ts';

let folder = '';
let mirror: Mirror;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cauda-data-'));
  mirror = await startMirror((path) =>
    existsSync(join(sampleDirectory, path)) ? readFileSync(join(sampleDirectory, path)) : undefined,
  );
});
afterEach(async () => {
  await mirror.close();
  rmSync(folder, { recursive: true });
});

/** Runs `cauda data …`, where the full sets are as small as the sample's; what it wrote to stdout, line by line. */
async function data(args: readonly string[], env: Record<string, string> = {}, lines: string[] = []) {
  const stdout = { write: (text: string) => lines.push(...text.split('\n').slice(0, -1)) };
  const command = dataCommand({
    env: { XDG_CACHE_HOME: join(folder, 'cache'), ...env },
    stdout,
    stderr: { write: () => {} },
    sets: sampleSets,
  });
  await command.parseAsync(args, { from: 'user' });
  return lines;
}

describe('data fetch', () => {
  test('downloads both sets into the given folder, and not a second time', async () => {
    const args = ['fetch', 'all', '--dir', folder, '--mirror', mirror.url];
    const lines = await data(args);
    expect(lines).toHaveLength(8);
    expect(lines[0]).toBe(`${join(folder, 'mnist', 'train-images-idx3-ubyte.gz')}: downloaded, verified`);
    expect(readdirSync(join(folder, 'fashion-mnist')).sort()).toEqual(
      readdirSync(join(sampleDirectory, 'fashion-mnist')).sort(),
    );
    expect(mirror.requests).toHaveLength(8);
    const again = await data(args);
    expect(again[7]).toBe(
      `${join(folder, 'fashion-mnist', 't10k-labels-idx1-ubyte.gz')}: already there, verified`,
    );
    expect(mirror.requests).toHaveLength(8);
  });

  test('downloads one set into CAUDA_DATA, or else the cache', async () => {
    const args = ['fetch', 'mnist', '--mirror', `${mirror.url}/`];
    await data(args, { CAUDA_DATA: join(folder, 'mine') });
    expect(readdirSync(join(folder, 'mine'))).toEqual(['mnist']);
    await data(args);
    expect(readdirSync(join(folder, 'cache', 'cauda'))).toEqual(['mnist']);
    expect(mirror.requests[0]).toBe('/mnist/train-images-idx3-ubyte.gz');
  });

  test('replaces a damaged file', async () => {
    cpSync(join(sampleDirectory, 'mnist'), join(folder, 'mnist'), { recursive: true });
    const damaged = join(folder, 'mnist', 't10k-labels-idx1-ubyte.gz');
    writeFileSync(damaged, readFileSync(damaged).subarray(0, 100));
    const lines = await data(['fetch', 'mnist', '--dir', folder, '--mirror', mirror.url]);
    expect(lines[3]).toBe(`${damaged}: downloaded, verified`);
    expect(mirror.requests).toEqual(['/mnist/t10k-labels-idx1-ubyte.gz']);
  });

  test('fails with the sentence of the download, and keeps the files that came before', async () => {
    const lines: string[] = [];
    mirror.manners = {};
    const missing = await startMirror((path) =>
      path.includes('images') ? readFileSync(join(sampleDirectory, path)) : undefined,
    );
    await expect(
      data(['fetch', 'mnist', '--dir', folder, '--mirror', missing.url], {}, lines),
    ).rejects.toThrow(
      `data: ${missing.url}/mnist/train-labels-idx1-ubyte.gz: expected the file; the server answered 404 Not Found`,
    );
    await missing.close();
    expect(lines).toHaveLength(1);
    expect(readdirSync(join(folder, 'mnist'))).toEqual(['train-images-idx3-ubyte.gz']);
  });

  test('Ctrl-C rejects as it does in every other command, and the next fetch resumes', async () => {
    const args = ['fetch', 'mnist', '--dir', folder, '--mirror', mirror.url];
    const listeners = process.listenerCount('SIGINT');
    mirror.manners = { breakAfter: 100_000, stall: true };
    const part = join(folder, 'mnist', 'train-images-idx3-ubyte.gz.part');
    const interrupted = expect(data(args)).rejects.toThrow(Interrupted);
    await vi.waitUntil(() => existsSync(part) && statSync(part).size === 100_000);
    process.emit('SIGINT');
    await interrupted;
    expect(process.listenerCount('SIGINT')).toBe(listeners);
    mirror.manners = {};
    const lines = await data(args);
    expect(lines[0]).toBe(`${part.replace(/\.part$/, '')}: downloaded, verified`);
    expect(mirror.requests[1]).toBe('/mnist/train-images-idx3-ubyte.gz bytes=100000-');
  });
});

describe('data verify', () => {
  test('says which sets are right', async () => {
    expect(await data(['verify', '--dir', sampleDirectory])).toEqual([
      `${join(sampleDirectory, 'mnist')}: verified`,
      `${join(sampleDirectory, 'fashion-mnist')}: verified`,
    ]);
  });

  test('checks the sample when there is nothing else', async () => {
    expect(await data(['verify'])).toHaveLength(2);
  });

  test('names what is damaged or missing, and fails', async () => {
    cpSync(join(sampleDirectory, 'mnist'), join(folder, 'mnist'), { recursive: true });
    const [images, labels] = filesOf(sampleSets.mnist).map(({ name }) => join(folder, 'mnist', `${name}.gz`));
    rmSync(images!);
    writeFileSync(labels!, 'not it');
    const lines: string[] = [];
    await expect(data(['verify', '--dir', folder], {}, lines)).rejects.toThrow(
      new Error('data: 2 files are not as expected'),
    );
    expect(lines).toEqual([
      `data: ${images!.replace(/\.gz$/, '')} is missing`,
      `data: ${labels}: expected 8008 bytes of train-labels-idx1-ubyte; got 6`,
    ]);
  });

  test('fails where there is nothing to verify', async () => {
    await expect(data(['verify', '--dir', folder])).rejects.toThrow(
      new Error(`data: found neither mnist nor fashion-mnist in ${folder}`),
    );
  });
});

describe('data list', () => {
  test('says what is where and what the study would take', async () => {
    cpSync(join(sampleDirectory, 'mnist'), join(folder, 'mnist'), { recursive: true });
    const labels = join(folder, 'mnist', 't10k-labels-idx1-ubyte.gz');
    rmSync(labels);
    expect(await data(['list'], { CAUDA_DATA: folder })).toEqual([
      `sample: ${sampleDirectory}`,
      '  mnist          8,000 train, 2,000 test, verified',
      '  fashion-mnist  2,000 train, 2,000 test, verified',
      `CAUDA_DATA: ${folder}`,
      '  mnist          damaged',
      `    data: ${labels.replace(/\.gz$/, '')} is missing`,
      '  fashion-mnist  not there',
      `cache: ${join(folder, 'cache', 'cauda')}`,
      '  mnist          not there',
      '  fashion-mnist  not there',
      'cauda study takes the sample unless told otherwise',
    ]);
  });
});
