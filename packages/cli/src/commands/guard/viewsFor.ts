import type { Guard, GuardInput, Views } from 'cauda/ood';

/**
 * The views that a guard reads of some rows: the rows themselves or, if they are inputs, what the network in the guard's
 * file makes of them.
 * @throws TypeError if the rows are inputs and the guard holds no network
 */
export async function viewsFor(
  guard: Guard,
  { inputs, ...views }: GuardInput,
  signal: AbortSignal,
): Promise<Views> {
  if (inputs === undefined) return views;
  if (!guard.network)
    throw new TypeError(
      'this guard holds no network for inputs; give what its detector reads: layer0, …, logits',
    );
  return guard.network.views(inputs, { signal });
}
