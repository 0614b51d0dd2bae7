import { join } from 'node:path';
import { filesOf, fullSets, type KnownSet, type SetName, sampleSets, setNames } from './files.ts';
import { cacheDirectory, type Environment, sampleDirectory } from './places.ts';
import { find, readVerified } from './stored.ts';

/** A folder that may hold both sets, and the files that it should have. */
export interface Place {
  readonly label: string;
  readonly directory: string;
  readonly sets: Record<SetName, KnownSet>;
}

/** What was found of one set. If there are no problems, it is complete and verified. */
export interface SetState {
  readonly set: SetName;
  readonly found: boolean;
  /** One sentence for each file that is missing or not the expected one. */
  readonly problems: readonly string[];
}

/** The places to look for data: `directory` if it is given, else the sample, CAUDA_DATA and the cache. */
export function places(
  directory: string | undefined,
  env: Environment,
  sets: Place['sets'] = fullSets,
): Place[] {
  if (directory !== undefined) return [{ label: '--dir', directory, sets }];
  return [
    { label: 'sample', directory: sampleDirectory, sets: sampleSets },
    ...(env.CAUDA_DATA ? [{ label: 'CAUDA_DATA', directory: env.CAUDA_DATA, sets }] : []),
    { label: 'cache', directory: cacheDirectory(env), sets },
  ];
}

/** Reads and verifies every file of both sets in `place`. */
export async function inspect({ directory, sets }: Place): Promise<SetState[]> {
  const states: SetState[] = [];
  for (const set of setNames) {
    const folder = join(directory, set);
    const problems: string[] = [];
    let found = false;
    for (const file of filesOf(sets[set])) {
      const path = find(folder, file);
      found ||= path !== undefined;
      if (path === undefined) problems.push(`data: ${join(folder, file.name)} is missing`);
      else await readVerified(path, file).catch((error: Error) => problems.push(error.message));
    }
    states.push({ set, found, problems });
  }
  return states;
}
