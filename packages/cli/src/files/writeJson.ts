import { writeFileAtomic } from 'cauda/node';

/** Writes a file that holds a value as one line of JSON; after a failure the earlier file is still there. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value)}\n`);
}
