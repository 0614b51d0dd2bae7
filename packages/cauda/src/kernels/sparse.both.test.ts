import { describe, expect, test } from 'vitest';
import { Random } from '../random.ts';
import { bytesOf, putPadded, roundUp } from './kernels.ts';
import { withKernels } from './module.ts';
import { columnMoments } from './reference/lloyd.ts';
import { entriesOf, packedDot, packedWord, sparseDot, sparseSquare } from './reference/sparse.ts';

describe.each(['F32', 'F64'] as const)('%s sparse kernels give the bits of the reference', (precision) => {
  const random = new Random(2);
  const round = precision === 'F32' ? Math.fround : (value: number) => value;
  const lengths = [...Array.from({ length: 34 }, (_, d) => d).slice(1), 64, 131];

  test('entries, products, squares, sums and rows, at every length and density', () => {
    for (const d of lengths)
      for (const density of [0, 0.3, 1]) {
        const n = 5;
        const k = 11;
        const stride = roundUp(d, 4);
        const width = roundUp(k, 16 / bytesOf(precision));
        const make = (length: number) =>
          new (precision === 'F64' ? Float64Array : Float32Array)(length).map(() => random.normal());
        const origin = make(d);
        const x = make(n * d).map((v, i) => (random.uniform() < density ? v : origin[i % d]!));
        const c = make(k * d);
        const row = (i: number) => x.subarray(i * d, (i + 1) * d);
        withKernels((kernels) => {
          const { run } = kernels;
          const size = bytesOf(precision);
          const px = putPadded(kernels, x, n, d, stride);
          const po = putPadded(kernels, origin, 1, d, stride);
          const start = kernels.zeros((n + 1) * 4);
          const entry = kernels.alloc(n * d * 2 * size);
          const columns = kernels.zeros(d * width * size);
          const view = kernels.floats(precision, columns, d * width);
          for (let j = 0; j < d; j++) for (let l = 0; l < k; l++) view[j * width + l] = c[l * d + j]!;
          const list = kernels.put(Int32Array.of(4, 0, 2));
          const out = kernels.alloc(3 * width * size);
          const squares = kernels.alloc(n * 8);
          const sums = kernels.zeros(2 * stride * 8);
          const dense = kernels.alloc(stride * size);

          // in two goes, as rows arrive block by block
          const first = run[`entries${precision}`](px, 2, stride, po, 0, start, entry);
          const count = run[`entries${precision}`](
            px + 2 * stride * size,
            3,
            stride,
            po,
            first,
            start + 8,
            entry,
          );
          const expected = Array.from({ length: n }, (_, i) => entriesOf(row(i), origin));
          expect(count).toBe(expected.flat().length);
          const starts = kernels.i32(start, n + 1);
          expected.forEach((entries, i) => {
            expect(starts[i + 1]! - starts[i]!).toBe(entries.length);
          });

          run[`sparseDots${precision}`](list, 3, start, entry, po, columns, width, out);
          [4, 0, 2].forEach((i, at) => {
            for (let l = 0; l < k; l++)
              expect(kernels.floats(precision, out, 3 * width)[at * width + l]).toBe(
                sparseDot(row(i), origin, c.subarray(l * d, (l + 1) * d), round),
              );
          });

          run[`sparseSquares${precision}`](n, start, entry, po, squares);
          expect(Array.from(kernels.f64(squares, n))).toEqual(
            Array.from({ length: n }, (_, i) => sparseSquare(row(i), origin)),
          );

          kernels.f64(sums, 2 * stride).fill(0);
          run[`entryMoments${precision}`](count, entry, po, sums, sums + stride * 8);
          const moments = columnMoments(x, d, origin);
          expect(Array.from(kernels.f64(sums, d))).toEqual(moments.sum);
          expect(Array.from(kernels.f64(sums + stride * 8, d))).toEqual(moments.square);

          run[`expandRow${precision}`](1, start, entry, po, stride, dense);
          expect(kernels.floats(precision, dense, d)).toEqual(row(1));
        });
      }
  });
});

test('packed entries name their columns and are off by no more than their bits allow; their products are the reference’s', () => {
  const random = new Random(3);
  const tiny = 2 ** -149;
  for (const d of [1, 2, 3, 4, 33, 300, 4096])
    for (const scale of [1, 1e30, 1e-30, 3 * tiny]) {
      const bits = Math.max(1, 32 - Math.clz32(d - 1));
      const stride = roundUp(d, 4);
      const n = 3;
      const k = 13; // a group of four vectors, and one of three
      const width = roundUp(k, 4);
      const x = Float32Array.from({ length: n * d }, (_, i) => (i % 3 === 0 ? 0 : scale * random.normal()));
      const c = Float32Array.from({ length: k * d }, () => random.normal());
      withKernels((kernels) => {
        const { run } = kernels;
        const px = putPadded(kernels, x, n, d, stride);
        const origin = kernels.zeros(stride * 4);
        const start = kernels.zeros((n + 1) * 4);
        const entry = kernels.alloc(n * d * 8);
        const packed = kernels.alloc(n * d * 4);
        const count = run.entriesF32(px, n, stride, origin, 0, start, entry);
        run.packEntries(count, entry, origin, bits, packed);
        const expected = Array.from({ length: n }, (_, i) =>
          entriesOf(x.subarray(i * d, (i + 1) * d), new Float32Array(d)),
        );
        const words = expected.flatMap((entries) =>
          entries.map(({ column, value }) => packedWord(value, column, bits)),
        );
        expect(Array.from(kernels.i32(packed, count), (word) => word >>> 0)).toEqual(words);
        expected.flat().forEach(({ column, value }, e) => {
          expect(kernels.i32(packed, count)[e]! & (2 ** bits - 1)).toBe(column);
          const off = Math.abs(kernels.f32(packed, count)[e]! - value);
          expect(off).toBeLessThanOrEqual(Math.max(2 ** (bits - 24) * Math.abs(value), 2 ** bits * tiny));
        });

        const columns = kernels.zeros(d * width * 4);
        const view = kernels.f32(columns, d * width);
        for (let j = 0; j < d; j++) for (let l = 0; l < k; l++) view[j * width + l] = c[l * d + j]!;
        const out = kernels.alloc(2 * width * 4);
        run.packedDots(kernels.put(Int32Array.of(2, 0)), 2, start, packed, bits, columns, width, out);
        [2, 0].forEach((i, at) => {
          for (let l = 0; l < k; l++)
            expect(kernels.f32(out, 2 * width)[at * width + l]).toBe(
              packedDot(expected[i]!, c.subarray(l * d, (l + 1) * d), bits),
            );
        });
      });
    }
});
