import { Kernels } from './kernels.ts';
import { kernelModule } from './module.ts';

/** Beyond this size the whole cache is dropped; owners still in use are placed again on their next call. */
const MOST_BYTES = 256 * 2 ** 20;

let kernels: Kernels | undefined;
let residents = new WeakMap<object, Map<string, unknown>>();

/**
 * Places something of an owner in the calling thread's kernels and keeps it there from call to call: a model that scores
 * one row after another pays for its parameters once.
 * @param form tells it from other things of the same owner: a precision, for example
 * @param put places it; called only if it is not there yet
 * @returns what `put` returned
 */
export function resident<Placed>(owner: object, form: string, put: (kernels: Kernels) => Placed): Placed {
  const known = residents.get(owner)?.get(form);
  if (known) return known as Placed;
  if (!kernels || kernels.mark() > MOST_BYTES) {
    kernels = new Kernels(kernelModule());
    residents = new WeakMap();
  }
  const placed = put(kernels);
  const ours = residents.get(owner) ?? new Map<string, unknown>();
  residents.set(owner, ours.set(form, placed));
  return placed;
}
