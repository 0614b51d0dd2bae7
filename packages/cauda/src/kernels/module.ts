import { Kernels } from './kernels.ts';
import { kernelBytes } from './wasm.generated.ts';

let compiled: WebAssembly.Module | undefined;
let local: Kernels | undefined;

/** The kernel module, compiled on first use; workers are sent the compiled form. */
export function kernelModule(): WebAssembly.Module {
  return (compiled ??= new WebAssembly.Module(Uint8Array.from(atob(kernelBytes), (c) => c.charCodeAt(0))));
}

/**
 * Runs `body` with the calling thread's own kernels and frees what it allocated. For the methods of fitted models:
 * they work in blocks, so this memory stays small.
 */
export function withKernels<Result>(body: (kernels: Kernels) => Result): Result {
  local ??= new Kernels(kernelModule());
  const mark = local.mark();
  try {
    return body(local);
  } finally {
    local.release(mark);
  }
}
