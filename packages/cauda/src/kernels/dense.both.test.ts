import { describe, expect, test } from 'vitest';
import { Random } from '../random.ts';
import { type Kernels, roundUp } from './kernels.ts';
import { withKernels } from './module.ts';
import * as reference from './reference/dense.ts';

const random = new Random(3);
const normals = (length: number) => Float32Array.from({ length }, () => random.normal());
const withZeros = (length: number) => normals(length).map((value) => (random.uniform() < 0.6 ? 0 : value));
const lengths = [...Array.from({ length: 33 }, (_, i) => i + 1), 63, 64, 65, 100];

/** n rows of d values with `stride` elements each, in the kernels' memory. */
function putRows(kernels: Kernels, x: Float32Array, n: number, d: number, stride: number, rows = n): number {
  const pointer = kernels.zeros(rows * stride * 4);
  for (let i = 0; i < n; i++) kernels.f32(pointer + i * stride * 4, d).set(x.subarray(i * d, (i + 1) * d));
  return pointer;
}

/** The first d of each of n rows of `stride` elements; the padding must be zero. */
function getRows(kernels: Kernels, pointer: number, n: number, d: number, stride: number): number[] {
  const rows = Array.from({ length: n }, (_, i) => kernels.f32(pointer + i * stride * 4, stride));
  for (const row of rows) expect(row.subarray(d).every((value) => value === 0)).toBe(true);
  return rows.flatMap((row) => Array.from(row.subarray(0, d)));
}

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

describe('the dense-layer kernels give the bits of the reference', () => {
  test('productF32, of a matrix and of its transpose, at every inner length and width', () => {
    for (const inner of lengths)
      for (const width of [1, 8, 11, 40]) {
        const n = 5;
        const stride = roundUp(width, 8);
        const x = normals(n * inner);
        const matrix = normals(inner * width);
        const init = normals(width);
        const expected = reference.product(x, n, inner, matrix, width, init, Math.fround);
        withKernels((kernels) => {
          const px = putRows(kernels, x, n, inner, inner, 8);
          const pt = putRows(kernels, Float32Array.from(reference.transposed(x, n, inner)), inner, n, 8);
          const pm = putRows(kernels, matrix, inner, width, stride);
          const pi = putRows(kernels, init, 1, width, stride);
          const out = kernels.alloc(8 * stride * 4);
          kernels.run.productF32(px, inner * 4, 4, 8, inner, pm, stride, pi, out);
          expect(getRows(kernels, out, n, width, stride)).toEqual(expected);
          kernels.run.productF32(pt, 4, 8 * 4, 8, inner, pm, stride, pi, out);
          expect(getRows(kernels, out, n, width, stride)).toEqual(expected);
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

  test('takeRowsF32 and columnSumsF32', () => {
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

  test('shiftRowsF32 and shiftEntriesF32, of images of any shape, up to all of it out of sight', () => {
    for (const lines of [1, 2, 5, 9])
      for (const width of lengths) {
        const d = lines * width;
        const stride = roundUp(d, 8);
        const x = withZeros(4 * d);
        const rows = Uint32Array.from([3, 0, 0, 2, 1, 3]);
        const shifts = Int32Array.from([0, 0, 1, 0, -1, 2, lines, 1, 0, -width, 1 - lines, width - 1]);
        const expected = Array.from(rows).flatMap((row, i) =>
          reference.shifted(
            x.subarray(row * d, (row + 1) * d),
            lines,
            width,
            shifts[2 * i]!,
            shifts[2 * i + 1]!,
          ),
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

  test('reluF32 and reluBackF32', () => {
    const x = Float32Array.from([-1, 0, 2, 1e-45, -1e-45, -0, 3e38, -3e38]);
    withKernels((kernels) => {
      const after = kernels.alloc(32);
      kernels.run.reluF32(kernels.put(x), 8, after);
      expect(Array.from(kernels.f32(after, 8))).toEqual([0, 0, 2, x[3], 0, 0, x[6], 0]);
      const delta = kernels.put(Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]));
      kernels.run.reluBackF32(after, 8, delta);
      expect(Array.from(kernels.f32(delta, 8))).toEqual([0, 0, 3, 4, 0, 0, 7, 0]);
    });
  });

  test('softmaxF32 and crossEntropyF32, with small and with huge logits', () => {
    for (const k of lengths)
      for (const scale of [1, 100, 1e4]) {
        const n = 5;
        const stride = roundUp(k, 8);
        const logits = normals(n * k).map((value) => value * scale);
        const all = Int32Array.from({ length: 9 }, () => random.integer(k));
        const rows = Uint32Array.from([8, 0, 3, 3, 7]);
        const targets = Array.from(rows, (row) => all[row]!);
        withKernels((kernels) => {
          const pl = putRows(kernels, logits, n, k, stride);
          const out = kernels.zeros(n * stride * 4);
          kernels.run.softmaxF32(pl, n, stride, k, out);
          expect(getRows(kernels, out, n, k, stride)).toEqual(
            reference.softmax(logits, n, k, Math.fround).probabilities,
          );
          const [pt, pr] = [kernels.put(all), kernels.put(rows)];
          const loss = kernels.run.crossEntropyF32(pl, pt, pr, n, stride, k, out);
          const expected = reference.crossEntropy(logits, targets, n, k, Math.fround);
          expect(loss).toBe(expected.loss);
          expect(getRows(kernels, out, n, k, stride)).toEqual(expected.delta);
        });
      }
  });

  test('sgdF32 and adamF32, over several steps', () => {
    const length = 36;
    const scalars = [0.9, 0.1, 0.99, 0.01, 0.05, 0.3, 1e-8] as const;
    const start = normals(length);
    const plain = { sgd: Array.from(start), adam: Array.from(start) };
    const zeros = () => new Array<number>(length).fill(0);
    const [v, m, s] = [zeros(), zeros(), zeros()];
    withKernels((kernels) => {
      const [sgd, adam] = [kernels.put(start), kernels.put(start)];
      const [pv, pm, ps] = [kernels.zeros(length * 4), kernels.zeros(length * 4), kernels.zeros(length * 4)];
      for (let step = 0; step < 4; step++) {
        const g = normals(length);
        const [gs, ga] = [kernels.put(g), kernels.put(g)];
        kernels.run.sgdF32(sgd, gs, pv, length, 0.9, 0.1);
        kernels.run.adamF32(adam, ga, pm, ps, length, ...scalars);
        for (const used of [gs, ga])
          expect(kernels.f32(used, length).every((value) => value === 0)).toBe(true);
        reference.sgd(plain.sgd, g, v, 0.9, 0.1, Math.fround);
        reference.adam(plain.adam, g, m, s, scalars, Math.fround);
      }
      expect(Array.from(kernels.f32(sgd, length))).toEqual(plain.sgd);
      expect(Array.from(kernels.f32(adam, length))).toEqual(plain.adam);
    });
  });
});

test('the softmax of logits of ±1e4 is 0 and 1, and its cross-entropy their difference', () => {
  withKernels((kernels) => {
    const logits = kernels.put(Float32Array.from([1e4, -1e4, 0, 0, 0, 0, 0, 0]));
    const [target, rows] = [kernels.put(Int32Array.from([1])), kernels.put(Uint32Array.from([0]))];
    const out = kernels.zeros(32);
    kernels.run.softmaxF32(logits, 1, 8, 2, out);
    expect(Array.from(kernels.f32(out, 2))).toEqual([1, 0]);
    expect(kernels.run.crossEntropyF32(logits, target, rows, 1, 8, 2, out)).toBe(2e4);
    expect(Array.from(kernels.f32(out, 2))).toEqual([1, -1]);
  });
});
