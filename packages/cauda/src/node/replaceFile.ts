import { rename } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

/** Milliseconds before each further attempt: a little more than a second in all. */
const WAITS = [1, 4, 16, 64, 256, 768];

/**
 * Gives the file `from` the name `to`, in place of a file that has it. On Windows this fails for as long as another
 * process, a virus scanner for example, has the old file open; so there it is tried again for about a second.
 * @throws the system's last error
 */
export async function replaceFile(
  from: string,
  to: string,
  platform: NodeJS.Platform = process.platform,
  move: typeof rename = rename,
): Promise<void> {
  const waits = platform === 'win32' ? WAITS : [];
  for (let attempt = 0; ; attempt++) {
    try {
      return await move(from, to);
    } catch (error) {
      const wait = waits[attempt];
      if (wait === undefined || !isBusy(error)) throw error;
      await setTimeout(wait);
    }
  }
}

/** The codes by which Windows says that a file is open elsewhere. */
function isBusy(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EPERM' || code === 'EACCES' || code === 'EBUSY';
}
