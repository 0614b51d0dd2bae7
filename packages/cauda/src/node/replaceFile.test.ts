import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { replaceFile } from './replaceFile.ts';

const move = vi.fn(rename);

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cauda-replace-'));
  writeFileSync(join(folder, 'new'), 'new');
  writeFileSync(join(folder, 'name'), 'old');
  move.mockClear();
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What Windows says while another process has the file open. */
const busy = (code: string): Error => Object.assign(new Error(`${code}: rename`), { code });
const replace = (platform: NodeJS.Platform): Promise<void> =>
  replaceFile(join(folder, 'new'), join(folder, 'name'), platform, move);

test('the file takes the name of an older one', async () => {
  await replace('win32');
  expect(readFileSync(join(folder, 'name'), 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['name']);
});

test('on Windows a file that is open elsewhere is waited for', async () => {
  for (const code of ['EPERM', 'EACCES', 'EBUSY']) move.mockRejectedValueOnce(busy(code));
  await replace('win32');
  expect(move).toHaveBeenCalledTimes(4);
  expect(readFileSync(join(folder, 'name'), 'utf8')).toBe('new');
});

test('after about a second the last error is thrown, and the older file is as it was', async () => {
  for (let i = 0; i < 7; i++) move.mockRejectedValueOnce(busy(`E${i < 6 ? 'BUSY' : 'PERM'}`));
  await expect(replace('win32')).rejects.toMatchObject({ code: 'EPERM' });
  expect(move).toHaveBeenCalledTimes(7);
  expect(readFileSync(join(folder, 'name'), 'utf8')).toBe('old');
});

test('elsewhere, and for any other error, nothing is tried twice', async () => {
  move.mockRejectedValueOnce(busy('EPERM'));
  await expect(replace('linux')).rejects.toMatchObject({ code: 'EPERM' });
  move.mockRejectedValueOnce(busy('ENOSPC'));
  await expect(replace('win32')).rejects.toMatchObject({ code: 'ENOSPC' });
  expect(move).toHaveBeenCalledTimes(2);
});
