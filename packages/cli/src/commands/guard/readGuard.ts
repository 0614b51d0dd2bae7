import { readFile } from 'node:fs/promises';
import { MlpClassifier } from 'cauda/nn';
import { type Guard, loadGuard } from 'cauda/ood';
import { within } from '../../rows/within.ts';

/**
 * Reads the guard in a file.
 * @throws Error that says the path and what is wrong with the file
 */
export async function readGuard(path: string): Promise<Guard> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EISDIR' ? new Error(`${path}: expected a guard's file; it is a folder`) : error;
  });
  return within(path, () => loadGuard(bytes, { networks: [MlpClassifier] }));
}
