import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkOutput } from './checkOutput.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cauda-output-'));
  writeFileSync(join(folder, 'file'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a new file in a folder, and one that is there, can be written', async () => {
  await checkOutput(join(folder, 'new.json'));
  await checkOutput(join(folder, 'file'));
});

test('what cannot be written is said before the work', async () => {
  const nowhere = join(folder, 'nope');
  await expect(checkOutput(join(nowhere, 'a.json'))).rejects.toThrow(
    `${join(nowhere, 'a.json')}: the folder ${nowhere} does not exist; make it first`,
  );
  await expect(checkOutput(join(folder, 'file', 'a.json'))).rejects.toThrow(
    `${join(folder, 'file', 'a.json')}: ${join(folder, 'file')} is no folder`,
  );
  await expect(checkOutput(folder)).rejects.toThrow(`${folder}: expected a file to write; it is a folder`);
});
