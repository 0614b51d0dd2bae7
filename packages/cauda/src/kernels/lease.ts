import { Kernels } from './kernels.ts';

/** Instances that were given back and wait for the next fit. */
const spare: Kernels[] = [];

/** At most this many are kept, and none with more memory than this. */
const MOST = 2;
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Kernels with a memory of zeros, for one fit. An engine reserves gigabytes of addresses for each instance and takes
 * them back when it likes, so that a page that fits one small model after another would run out of addresses.
 */
export function leaseKernels(module: WebAssembly.Module): Kernels {
  return spare.pop() ?? new Kernels(module);
}

/** Ends a lease. The caller must not look at this memory afterwards. */
export function giveBack(kernels: Kernels): void {
  if (spare.length === MOST || kernels.bytes > MOST_BYTES) return;
  kernels.clear();
  spare.push(kernels);
}
