import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Matrix } from '../src/index.ts';
import { writeNpy } from '../src/io/index.ts';

/** Arrays as .npy files for the Python side, in a folder that `remove` deletes. */
export class Exchange {
  readonly #directory: string = mkdtempSync(join(tmpdir(), 'cauda-bench-'));
  #count = 0;

  /**
   * Writes an array.
   * @returns the path of its file
   */
  put(data: Float32Array | Float64Array | Uint8Array, shape: readonly number[]): string {
    const path = join(this.#directory, `${this.#count++}.npy`);
    writeFileSync(path, writeNpy(data, [...shape]));
    return path;
  }

  putMatrix({ data, shape }: Matrix): string {
    return this.put(data, shape);
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }
}
