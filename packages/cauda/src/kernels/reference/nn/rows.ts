import { expect } from 'vitest';
import type { Kernels } from '../../kernels.ts';

/** n rows of d values with `stride` elements each, in the kernels' memory. */
export function putRows(
  kernels: Kernels,
  x: Float32Array,
  n: number,
  d: number,
  stride: number,
  rows = n,
): number {
  const pointer = kernels.zeros(rows * stride * 4);
  for (let i = 0; i < n; i++) kernels.f32(pointer + i * stride * 4, d).set(x.subarray(i * d, (i + 1) * d));
  return pointer;
}

/** The first d of each of n rows of `stride` elements; the padding must be zero. */
export function getRows(kernels: Kernels, pointer: number, n: number, d: number, stride: number): number[] {
  const rows = Array.from({ length: n }, (_, i) => kernels.f32(pointer + i * stride * 4, stride));
  for (const row of rows) expect(row.subarray(d).every((value) => value === 0)).toBe(true);
  return rows.flatMap((row) => Array.from(row.subarray(0, d)));
}
