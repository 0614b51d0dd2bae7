import { Kernels } from './kernels.ts';

/** Instances that were given back, for the next fit. */
const spare: Kernels[] = [];

/** More are not kept, nor larger ones. */
const MOST = 2;
const MOST_BYTES = 64 * 2 ** 20;

/**
 * Kernels with a memory of zeros, for one fit. An engine reserves gigabytes of addresses for each instance and takes
 * them back when it likes; a page that fits one small model after another would run out of them.
 */
export function leaseKernels(module: WebAssembly.Module): Kernels {
  return spare.pop() ?? new Kernels(module);
}

/** Ends a lease: nothing may look at this memory any more. */
export function giveBack(kernels: Kernels): void {
  if (spare.length === MOST || kernels.bytes > MOST_BYTES) return;
  kernels.clear();
  spare.push(kernels);
}
