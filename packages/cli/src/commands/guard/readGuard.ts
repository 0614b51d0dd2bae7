import { readFile } from 'node:fs/promises';
import { type Guard, loadGuard } from 'cauda/ood';
import { within } from '../../rows/within.ts';

/** The guard in a file; an error says path and reason. */
export async function readGuard(path: string): Promise<Guard> {
  const bytes = await readFile(path);
  return within(path, () => loadGuard(bytes));
}
