import { describe, expect, test } from 'vitest';
import { Random } from '../../../random.ts';
import { bytesOf, putPadded, roundUp } from '../../kernels.ts';
import { withKernels } from '../../module.ts';
import { arithmetics } from '../arithmetic.ts';
import { columnMoments } from '../columns.ts';
import { entriesOf, sparseDot, sparseSquare } from './sparse.ts';

describe.each(['F32', 'F64'] as const)('%s: sparse rows', (precision) => {
  const random = new Random(2);
  const { round } = arithmetics[precision];
  const lengths = [...Array.from({ length: 33 }, (_, i) => i + 1), 64, 131];

  test('entries, products, squares, sums and rows have the reference’s bits, at every length and density', () => {
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
