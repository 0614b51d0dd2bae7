import type { FloatArray } from '../matrix.ts';
import type { WasmModule } from '../platform.ts';
import type { KernelName } from './wasm.generated.ts';

const PAGE = 65536;
const LIMIT = 65536 * PAGE; // 4 GiB: all that a 32-bit module can address

/** The two precisions of the kernels: the letters that end a kernel's name. */
export type Precision = 'F32' | 'F64';

/** The precision of an array. */
export function precisionOf(data: FloatArray): Precision {
  return data instanceof Float64Array ? 'F64' : 'F32';
}

/** Bytes of one element. */
export function bytesOf(precision: Precision): number {
  return precision === 'F64' ? 8 : 4;
}

/**
 * One instance of the kernel module with a memory of its own, which is handed out as a stack: what is allocated after
 * `mark()` is freed by `release(mark)`. Views go stale when memory grows, so take them after the last `alloc`.
 */
export class Kernels {
  /** The exported kernels; pointers are byte offsets into the memory. */
  readonly run: Readonly<Record<KernelName, (...args: number[]) => number>>;
  readonly #memory: WebAssembly.Memory;
  readonly #base: number;
  #top: number;
  /** The highest that `#top` has been. */
  #reach: number;

  constructor(module: WasmModule) {
    const { exports } = new WebAssembly.Instance(module, {
      env: {
        abort() {
          throw new Error('kernels: the module aborted'); // unreachable: the kernels have no assertions
        },
      },
    });
    this.run = exports as unknown as Kernels['run'];
    this.#memory = exports.memory as WebAssembly.Memory;
    this.#base = this.run.heapBase();
    this.#top = this.#base;
    this.#reach = this.#base;
  }

  /** The size of the memory in bytes. */
  get bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** Frees everything and fills it with zeros. */
  clear(): void {
    if (this.#reach > this.#base) this.u8(this.#base, this.#reach - this.#base).fill(0);
    this.#top = this.#base;
    this.#reach = this.#base;
  }

  /**
   * Allocates `bytes` bytes, aligned to 64. Their contents are undefined.
   * @returns a pointer to them
   * @throws RangeError when the module's 4 GiB are used up or the machine has no more memory
   */
  alloc(bytes: number): number {
    const pointer = Math.ceil(this.#top / 64) * 64;
    const top = pointer + bytes;
    const size = this.#memory.buffer.byteLength;
    if (top > size) {
      const needed = Math.ceil((top - size) / PAGE);
      const generous = Math.min(Math.max(needed, Math.floor(size / PAGE / 4)), (LIMIT - size) / PAGE);
      if (top > LIMIT || !(this.#grow(generous) || this.#grow(needed)))
        throw new RangeError(
          `kernels: ${(top / 2 ** 20).toFixed(0)} MiB do not fit one thread's memory; use more workers, float32 or fewer rows`,
        );
    }
    this.#top = top;
    this.#reach = Math.max(this.#reach, top);
    return pointer;
  }

  #grow(pages: number): boolean {
    try {
      this.#memory.grow(pages);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Allocates `bytes` bytes of zeros.
   * @returns a pointer to them
   */
  zeros(bytes: number): number {
    const pointer = this.alloc(bytes);
    this.u8(pointer, bytes).fill(0);
    return pointer;
  }

  /**
   * Copies `array` to the kernels' memory.
   * @returns a pointer to it
   */
  put(array: Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array): number {
    const pointer = this.alloc(array.byteLength);
    this.u8(pointer, array.byteLength).set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    return pointer;
  }

  /** The top of the stack, for `release`. */
  mark(): number {
    return this.#top;
  }

  /** Frees all that was allocated since `mark`. */
  release(mark: number): void {
    this.#top = mark;
  }

  u8(pointer: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, pointer, length);
  }
  i32(pointer: number, length: number): Int32Array {
    return new Int32Array(this.#memory.buffer, pointer, length);
  }
  f32(pointer: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, pointer, length);
  }
  f64(pointer: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, pointer, length);
  }
  /** A view of `length` values in either precision. */
  floats(precision: Precision, pointer: number, length: number): FloatArray {
    return precision === 'F64' ? this.f64(pointer, length) : this.f32(pointer, length);
  }
}

/**
 * Copies `rows` × `cols` values to the kernels' memory, as rows of `stride` elements, a whole number of vectors. The lanes
 * beyond `cols` and the rows up to `paddedRows` are zero.
 * @returns a pointer to the first row
 */
export function putPadded(
  kernels: Kernels,
  data: FloatArray,
  rows: number,
  cols: number,
  stride: number,
  paddedRows: number = rows,
): number {
  const precision = precisionOf(data);
  const pointer = kernels.zeros(paddedRows * stride * bytesOf(precision));
  const view = kernels.floats(precision, pointer, rows * stride);
  if (stride === cols) view.set(data.subarray(0, rows * cols));
  else for (let i = 0; i < rows; i++) view.set(data.subarray(i * cols, (i + 1) * cols), i * stride);
  return pointer;
}

/** `n` rounded up to a multiple of `unit`. */
export function roundUp(n: number, unit: number): number {
  return Math.ceil(n / unit) * unit;
}
