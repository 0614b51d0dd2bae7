import { readFile } from 'node:fs/promises';
import { MlpClassifier } from 'cauda/nn';
import { type Guard, type GuardInput, loadGuard, type Views } from 'cauda/ood';
import { within } from '../../rows/within.ts';

/**
 * Reads the guard in a file.
 * @throws Error that says the path and what is wrong with the file
 */
export async function readGuard(path: string): Promise<Guard> {
  const bytes = await readFile(path);
  return within(path, () => loadGuard(bytes, { networks: [MlpClassifier] }));
}

/** The rows as the guard's detector reads them: through the network in its file, if they are its inputs. */
export async function viewsFor(guard: Guard, { inputs, ...views }: GuardInput): Promise<Views> {
  if (inputs === undefined) return views;
  if (!guard.network)
    throw new TypeError(
      'this guard holds no network for inputs; give what its detector reads: layer0, …, logits',
    );
  return guard.network.views(inputs);
}
