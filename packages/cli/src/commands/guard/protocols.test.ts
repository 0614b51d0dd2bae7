import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { interrupted, run } from '../../../test/run.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cauda-protocols-'));
});
afterAll(() => rm(folder, { recursive: true }));

const protocols = (...more: string[]) => ['guard', 'protocols', '--quick', '--data', 'sample', ...more];

test('guard protocols prints its table and writes all figures', async () => {
  const out = join(folder, 'protocols.json');
  const { code, stdout } = await run(protocols('--seeds', '1', '--out', out));
  expect(code).toBe(0);
  for (const text of [
    'Fashion-MNIST: 1 network',
    'corrupted digits, AUROC by severity',
    'unknown digits: 5 networks',
  ])
    expect(stdout).toContain(text);
  expect(stdout).toMatch(/^ {2}energy( +0\.\d{4}){5}$/m);
  expect(stdout).toMatch(/\nDone in .*protocols\.json\n$/);
  const file = JSON.parse(await readFile(out, 'utf8'));
  expect(file).toMatchObject({
    format: 'cauda-protocols',
    version: 1,
    options: { seeds: [0], quick: true },
    data: { source: 'sample' },
    network: { hiddenLayers: [128, 64] },
  });
  expect(file.runs).toHaveLength(7);
  expect(file.summary).toHaveLength(32 * 6);
});

test('guard protocols without a seed exits 2, and Ctrl-C exits 130 without a file', async () => {
  const { code, stderr } = await run(protocols('--seeds', '0'));
  expect(code).toBe(2);
  expect(stderr).toContain('It must be an integer in [1, 1000].');
  expect(stderr).toContain('Usage: cauda guard protocols [options]');

  const out = join(folder, 'interrupted.json');
  expect((await interrupted(protocols('--out', out))).code).toBe(130);
  expect(await readdir(folder)).not.toContain('interrupted.json');
});
