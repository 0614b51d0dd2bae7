import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The variables that say where data is; `process.env` fits. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The embedded sample: the same four steps up from packages/cli/src/data and from packages/cli/dist/data. */
export const sampleDirectory: string = fileURLToPath(new URL('../../../../sample', import.meta.url));

/** The user's cache: XDG_CACHE_HOME, or where the platform keeps such files. */
export function cacheDirectory(env: Environment = process.env, platform: string = process.platform): string {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'cauda');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'cauda');
  if (platform === 'win32')
    return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'cauda', 'Cache');
  return join(homedir(), '.cache', 'cauda');
}

/** Where the full sets are looked for, in order: CAUDA_DATA, then the cache. */
export function fullDirectories(env: Environment = process.env): string[] {
  return [...(env.CAUDA_DATA ? [env.CAUDA_DATA] : []), cacheDirectory(env)];
}
