import { writeFileAtomic } from 'cauda/node';

/** Writes a value as one line of JSON, the whole file or none of it. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${JSON.stringify(value)}\n`);
}
