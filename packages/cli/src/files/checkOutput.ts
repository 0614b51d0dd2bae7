import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Looks whether a file can be written, before the work that makes its content.
 * @throws Error with one sentence if its folder is not there or takes no files, or the path itself is a folder
 */
export async function checkOutput(path: string): Promise<void> {
  const folder = dirname(path);
  const place = await stat(folder).catch(() => undefined);
  if (!place) throw new Error(`${path}: the folder ${folder} does not exist; make it first`);
  if (!place.isDirectory()) throw new Error(`${path}: ${folder} is no folder`);
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw new Error(`${path}: expected a file to write; it is a folder`);
  await access(there ? path : folder, constants.W_OK).catch(() => {
    throw new Error(`${path}: no permission to write it`);
  });
}
