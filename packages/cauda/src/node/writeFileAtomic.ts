import { lstat, open, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { replaceFile } from './replaceFile.ts';

/**
 * Writes a file so that whoever reads `path` sees the old content or the new one, never a part. The bytes go to a hidden
 * file in the same folder, are flushed to disk, and take the name at the end. On failure that file is removed and `path`
 * is as it was. A symbolic link is followed, and what is no regular file, such as a device or a pipe, is written to.
 * @param content bytes, or text to be written in UTF-8
 * @throws Error if the path is a folder, the system's own error if the file cannot be written, TypeError if the content
 *   is neither bytes nor text
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const { target, regular } = await destination(path);
  if (!regular) return writeFile(target, content);
  const temporary = temporaryPath(target);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await replaceFile(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {}); // the first failure is the one to report
    throw error;
  }
}

/** The file that a path leads to, and whether it is, or will be, a regular one. */
async function destination(path: string): Promise<{ target: string; regular: boolean }> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) throw new Error(`${path}: expected a file to write; it is a folder`);
  if (found && !found.isFile()) return { target: path, regular: false };
  const link = await lstat(path).then(
    (itself) => itself.isSymbolicLink(),
    () => false,
  );
  if (!link) return { target: path, regular: true };
  return {
    target: found ? await realpath(path) : resolve(dirname(path), await readlink(path)),
    regular: true,
  };
}

let written = 0;

/**
 * A name that no other writer takes, in the folder of `path`. What stands before the file's name is kept as it is: put
 * together again by `join`, "C:guard.json" of Windows, in the current folder of drive C, would be in the drive's root.
 * @param nameOf takes the file's name from a path: the system's own `basename` unless a test gives another one
 */
export function temporaryPath(path: string, nameOf: (path: string) => string = basename): string {
  const name = nameOf(path);
  return `${path.slice(0, path.lastIndexOf(name))}.${name}.${process.pid}.${written++}.tmp`;
}
