import { Kernels } from './kernels.ts';
import { kernelModule } from './module.ts';

/** When all that is kept takes more than this, it is dropped, and what is still used comes back. */
const MOST_BYTES = 256 * 2 ** 20;

let kernels: Kernels | undefined;
let residents = new WeakMap<object, Map<string, unknown>>();

/**
 * What `put` has placed in the calling thread's kernels for this owner, which lasts from call to call: a model that
 * scores one row after another pays for its parameters once.
 * @param form which of the owner's, such as a precision
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
