import { describe, expect, test } from 'vitest';
import { Random } from '../../../random.ts';
import { type Kernels, roundUp } from '../../kernels.ts';
import { withKernels } from '../../module.ts';
import { shifted } from './batches.ts';
import * as reference from './layers.ts';
import { getRows, putRows } from './rows.ts';

const random = new Random(3);
const normals = (length: number) => Float32Array.from({ length }, () => random.normal());
const withZeros = (length: number) => normals(length).map((value) => (random.uniform() < 0.6 ? 0 : value));
const lengths = [...Array.from({ length: 33 }, (_, i) => i + 1), 63, 64, 65, 100];

/** x as sparse rows, and all of them as a batch in column order. */
function putBatch(kernels: Kernels, x: Float32Array, n: number, d: number, rows: Uint32Array) {
  const starts = kernels.alloc((n + 1) * 4);
  const entries = kernels.alloc((n * d + 1) * 8);
  const dense = kernels.put(x);
  const half = n >> 1; // in two parts, as long data comes
  const used = kernels.run.compressF32(dense, half, d, d, starts, entries, 0);
  const all = kernels.run.compressF32(dense + half * d * 4, n - half, d, d, starts + half * 4, entries, used);
  const batch = kernels.alloc(rows.length * d * 12);
  const counts = kernels.alloc(d * 4);
  const chosen = kernels.put(rows);
  const count = kernels.run.batchEntriesF32(starts, entries, chosen, rows.length, d, counts, batch);
  return { all, batch, count };
}

describe('batches', () => {
  test('takeRowsF32 copies the named rows, and columnSumsF32 adds all in their order', () => {
    for (const d of lengths) {
      const stride = roundUp(d, 8);
      const x = normals(6 * d);
      withKernels((kernels) => {
        const px = putRows(kernels, x, 6, d, stride);
        const out = kernels.alloc(3 * stride * 4);
        kernels.run.takeRowsF32(px, stride, kernels.put(Uint32Array.from([5, 1, 1])), 3, out);
        expect(getRows(kernels, out, 3, d, stride)).toEqual(
          [5, 1, 1].flatMap((i) => [...x.subarray(i * d, (i + 1) * d)]),
        );
        kernels.run.columnSumsF32(px, 6, stride, out);
        expect(getRows(kernels, out, 1, d, stride)).toEqual(reference.columnSums(x, 6, d, Math.fround));
      });
    }
  });

  test('shiftRowsF32 and shiftEntriesF32 move images of any shape, until nothing of them is left', () => {
    for (const lines of [1, 2, 5, 9])
      for (const width of lengths) {
        const d = lines * width;
        const stride = roundUp(d, 8);
        const x = withZeros(4 * d);
        const rows = Uint32Array.from([3, 0, 0, 2, 1, 3]);
        const shifts = Int32Array.from([0, 0, 1, 0, -1, 2, lines, 1, 0, -width, 1 - lines, width - 1]);
        const expected = Array.from(rows).flatMap((row, i) =>
          shifted(x.subarray(row * d, (row + 1) * d), lines, width, shifts[2 * i]!, shifts[2 * i + 1]!),
        );
        withKernels((kernels) => {
          const px = putRows(kernels, x, 4, d, stride);
          const [chosen, moves] = [kernels.put(rows), kernels.put(shifts)];
          const out = kernels.zeros(rows.length * stride * 4);
          kernels.run.shiftRowsF32(px, stride, chosen, moves, rows.length, lines, width, out);
          expect(getRows(kernels, out, rows.length, d, stride)).toEqual(expected);

          const starts = kernels.alloc(5 * 4);
          const entries = kernels.alloc((4 * d + 1) * 8);
          kernels.run.compressF32(kernels.put(x), 4, d, d, starts, entries, 0);
          const movedStarts = kernels.alloc((rows.length + 1) * 4);
          const moved = kernels.alloc((rows.length * d + 1) * 8);
          kernels.run.shiftEntriesF32(
            starts,
            entries,
            chosen,
            moves,
            rows.length,
            lines,
            width,
            movedStarts,
            moved,
          );
          const bounds = kernels.i32(movedStarts, rows.length + 1);
          const found = new Array<number>(rows.length * d).fill(0);
          for (let i = 0; i < rows.length; i++)
            for (let e = bounds[i]!; e < bounds[i + 1]!; e++)
              found[i * d + kernels.i32(moved + e * 8 + 4, 1)[0]!] = kernels.f32(moved + e * 8, 1)[0]!;
          expect(bounds[0]).toBe(0);
          expect(bounds[rows.length]).toBe(expected.filter((value) => value !== 0).length);
          expect(found).toEqual(expected);
        });
      }
  });

  test('accumulateF32 gives the product without the zeros, for rows in any order and for the transpose', () => {
    for (const d of lengths)
      for (const width of [3, 8, 31, 40, 72]) {
        const n = 11;
        const stride = roundUp(width, 8);
        const x = withZeros(n * d);
        const rows = Uint32Array.from([4, 0, 6, 3, 1, 9, 10, 2, 5]);
        const chosen = Float32Array.from([...rows].flatMap((i) => [...x.subarray(i * d, (i + 1) * d)]));
        const matrix = normals(d * width);
        const delta = normals(rows.length * width);
        const init = normals(width);
        withKernels((kernels) => {
          const { all, batch, count } = putBatch(kernels, x, n, d, rows);
          expect(all).toBe(x.filter((value) => value !== 0).length);
          expect(count).toBe(chosen.filter((value) => value !== 0).length);
          const pi = putRows(kernels, init, 1, width, stride);
          const out = kernels.alloc(Math.max(rows.length, d) * stride * 4);
          kernels.run.repeatRowF32(pi, stride, rows.length, out);
          const pm = putRows(kernels, matrix, d, width, stride);
          kernels.run.accumulateF32(batch, count, pm, 4, out, 8, stride);
          expect(getRows(kernels, out, rows.length, width, stride)).toEqual(
            reference.product(chosen, rows.length, d, matrix, width, init, Math.fround),
          );
          kernels.run.repeatRowF32(pi, stride, d, out);
          const pd = putRows(kernels, delta, rows.length, width, stride);
          kernels.run.accumulateF32(batch, count, pd, 8, out, 4, stride);
          const back = reference.transposed(chosen, rows.length, d);
          expect(getRows(kernels, out, d, width, stride)).toEqual(
            reference.product(back, d, rows.length, delta, width, init, Math.fround),
          );
        });
      }
  });
});
