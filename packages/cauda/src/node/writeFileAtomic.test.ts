import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix, win32 } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryPath, writeFileAtomic } from './writeFileAtomic.ts';

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

test('the temporary file is in the folder of the path, in the syntax of Windows too', () => {
  const before = (path: string, syntax: typeof posix) => {
    const temporary = temporaryPath(path, syntax.basename);
    expect(temporary).toMatch(/\.guard\.json\.\d+\.\d+\.tmp$/);
    return temporary.slice(0, temporary.indexOf('.guard.json'));
  };
  for (const folder of ['C:\\data\\', 'C:/data/', 'C:', 'C:\\', '\\\\host\\share\\', '..\\', ''])
    expect(before(`${folder}guard.json`, win32)).toBe(folder);
  for (const folder of ['/data/', 'data/', '/', './', '../', ''])
    expect(before(`${folder}guard.json`, posix)).toBe(folder);
});

test.runIf(process.platform !== 'win32')('follows a link, also one whose file is not there yet', async () => {
  const target = file('target.txt', 'old');
  symlinkSync(target, join(folder, 'link'));
  await writeFileAtomic(join(folder, 'link'), 'new');
  expect(readFileSync(target, 'utf8')).toBe('new');
  expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
  symlinkSync('later.txt', join(folder, 'dangling'));
  await writeFileAtomic(join(folder, 'dangling'), 'made');
  expect(readFileSync(join(folder, 'later.txt'), 'utf8')).toBe('made');
  expect(readdirSync(folder).sort()).toEqual(['dangling', 'later.txt', 'link', 'target.txt']);
});

test.runIf(process.platform !== 'win32')('writes to a device instead of replacing it', async () => {
  await writeFileAtomic('/dev/null', 'gone');
  expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
});

test('refuses a folder', async () => {
  await expect(writeFileAtomic(folder, 'x')).rejects.toThrow(
    `${folder}: expected a file to write; it is a folder`,
  );
});
