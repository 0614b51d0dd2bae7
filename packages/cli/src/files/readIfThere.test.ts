import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readIfThere } from './readIfThere.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cauda-files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a file that is there is read, and one that is not is undefined', async () => {
  writeFileSync(join(folder, 'a.txt'), 'α\n');
  expect(await readIfThere(join(folder, 'a.txt'))).toBe('α\n');
  expect(await readIfThere(join(folder, 'b.txt'))).toBeUndefined();
});

test('a file that cannot be read is an error', async () => {
  await expect(readIfThere(folder)).rejects.toThrow('EISDIR');
});
