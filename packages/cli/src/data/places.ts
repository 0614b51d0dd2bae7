import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Environment variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A folder that travels with the command: in its package, or in the repository where the command stands in one. */
function embedded(name: string, inRepository: string): string {
  const packed = fileURLToPath(new URL(`../../embedded/${name}`, import.meta.url)); // from src/data and from dist/data
  return existsSync(packed) ? packed : fileURLToPath(new URL(`../../../../${inRepository}`, import.meta.url));
}

/** The folder of the embedded sample. */
export const sampleDirectory: string = embedded('sample', 'sample');

/** The folder of the derivations. */
export const derivationsDirectory: string = embedded('derivations', 'docs/derivations');

/** The folder for the user's cached files: in XDG_CACHE_HOME, or where the platform keeps such files. */
export function cacheDirectory(env: Environment = process.env, platform: string = process.platform): string {
  const { join } = platform === 'win32' ? win32 : posix;
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'cauda');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'cauda');
  if (platform === 'win32')
    return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'cauda', 'Cache');
  return join(homedir(), '.cache', 'cauda');
}

/** The folders to look for the full sets in: CAUDA_DATA, then the cache. */
export function fullDirectories(env: Environment = process.env): string[] {
  return [...(env.CAUDA_DATA ? [env.CAUDA_DATA] : []), cacheDirectory(env)];
}
