import { describe, expect, test } from 'vitest';
import type { FloatArray } from '../matrix.ts';
import { Random } from '../random.ts';
import { bytesOf, type Kernels, type Precision, putPadded, roundUp } from './kernels.ts';
import { withKernels } from './module.ts';
import {
  type Arithmetic,
  addRow,
  chunkedDot,
  columnMoments,
  dot,
  squaredDistance,
} from './reference/lloyd.ts';

const arithmetics: Record<Precision, Arithmetic> = {
  F32: { lanes: 4, round: Math.fround },
  F64: { lanes: 2, round: (value) => value },
};
const random = new Random(1);
const normals = (precision: Precision, length: number): FloatArray =>
  new (precision === 'F64' ? Float64Array : Float32Array)(length).map(() => random.normal());
const put = (kernels: Kernels, data: FloatArray, rows: number, cols: number, padded: number): number =>
  putPadded(kernels, data, rows, cols, roundUp(cols, 4), padded);
const row = (data: FloatArray, i: number, d: number): FloatArray => data.subarray(i * d, (i + 1) * d);

describe.each(['F32', 'F64'] as const)('%s kernels give the bits of the reference', (precision) => {
  const arithmetic = arithmetics[precision];
  const lengths = [...Array.from({ length: 34 }, (_, d) => d), 63, 64, 65, 784].slice(1);

  test('dots, at every length and number of centers', () => {
    for (const d of lengths)
      for (const k of [1, 2, 3, 4, 5, 6, 10]) {
        const n = 7;
        const x = normals(precision, n * d);
        const c = normals(precision, k * d);
        withKernels((kernels) => {
          const width = roundUp(k, 2);
          const px = put(kernels, x, n, d, 8);
          const pc = put(kernels, c, k, d, width);
          const out = kernels.alloc(8 * width * bytesOf(precision));
          kernels.run[`dots${precision}`](px, 8, roundUp(d, 4), pc, width, out);
          const products = kernels.floats(precision, out, 8 * width);
          for (let i = 0; i < n; i++)
            for (let j = 0; j < k; j++)
              expect(products[i * width + j]).toBe(dot(arithmetic, row(x, i, d), row(c, j, d)));
        });
      }
  });

  test('distances and ownDistances, masked or not', () => {
    for (const d of lengths) {
      const n = 3;
      const k = 6;
      const width = roundUp(d, 4);
      const x = normals(precision, n * d);
      const c = normals(precision, k * d);
      const mask = x.map(() => random.integer(2));
      withKernels((kernels) => {
        const px = put(kernels, x, n, d, n);
        const pc = put(kernels, c, k, d, k);
        const out = kernels.alloc(n * k * 8);
        kernels.run[`distances${precision}`](px, n, width, width, 0, pc, k, out);
        const expected = Array.from({ length: n * k }, (_, at) =>
          squaredDistance(arithmetic, row(x, Math.floor(at / k), d), row(c, at % k, d)),
        );
        expect(Array.from(kernels.f64(out, n * k))).toEqual(expected);

        const labels = kernels.put(Int32Array.of(4, 0, 5));
        kernels.run[`ownDistances${precision}`](px, n, width, width, 0, pc, labels, out);
        expect(Array.from(kernels.f64(out, n))).toEqual([expected[4], expected[k], expected[2 * k + 5]]);

        const both = kernels.zeros(n * 2 * width * bytesOf(precision));
        const wide = kernels.zeros(k * 2 * width * bytesOf(precision));
        for (let i = 0; i < n; i++) {
          kernels.floats(precision, both, n * 2 * width).set(row(x, i, d), i * 2 * width);
          kernels.floats(precision, both, n * 2 * width).set(row(mask, i, d), i * 2 * width + width);
        }
        for (let j = 0; j < k; j++)
          kernels.floats(precision, wide, k * 2 * width).set(row(c, j, d), j * 2 * width);
        kernels.run[`distances${precision}`](both, n, 2 * width, width, 1, wide, k, out);
        const masked = Array.from({ length: n * k }, (_, at) => {
          const i = Math.floor(at / k);
          return squaredDistance(arithmetic, row(x, i, d), row(c, at % k, d), row(mask, i, d));
        });
        expect(Array.from(kernels.f64(out, n * k))).toEqual(masked);
      });
    }
  });

  test('panelDots takes the listed rows, in their order and with repeats, at every length and number of centers', () => {
    for (const d of [...lengths, 128, 129])
      for (const k of [1, 2, 3, 4, 5, 8, 9, 13, 20]) {
        const x = normals(precision, 9 * d);
        const c = normals(precision, k * d);
        const list = [8, 0, 5, 5];
        withKernels((kernels) => {
          const stride = roundUp(d, 4);
          const size = bytesOf(precision);
          const width = roundUp(k, 16 / size);
          const panel = 32 / size;
          const centers = kernels.zeros(width * stride * size);
          const panels = kernels.floats(precision, centers, width * stride);
          for (let j = 0; j < k; j++) {
            const first = j - (j % panel);
            for (let f = 0; f < d; f++)
              panels[first * stride + f * Math.min(panel, width - first) + (j - first)] = c[j * d + f]!;
          }
          const out = kernels.alloc(4 * width * size);
          const px = put(kernels, x, 9, d, 12);
          kernels.run[`panelDots${precision}`](
            px,
            stride,
            kernels.put(Int32Array.from(list)),
            4,
            centers,
            width,
            out,
          );
          const products = kernels.floats(precision, out, 4 * width);
          list.forEach((i, at) => {
            for (let j = 0; j < k; j++)
              expect(products[at * width + j]).toBe(chunkedDot(arithmetic, row(x, i, d), row(c, j, d)));
          });
        });
      }
  });

  test('slacks grow with the square of a row’s norm and the reach, and have no end where products may overflow', () => {
    withKernels((kernels) => {
      const out = kernels.alloc(3 * 8);
      const norms = kernels.put(Float64Array.of(0, 1, 7, 50));
      kernels.run.slacks(kernels.put(Int32Array.of(2, 0, 3)), 3, norms, 3, 0.5, 0.25, 53, out);
      expect(Array.from(kernels.f64(out, 3))).toEqual([0.5 * 100 + 0.25, 0.5 * 9 + 0.25, Infinity]);
    });
  });

  test('addRow, addRowFrom and columnMoments, at every length', () => {
    for (const d of lengths) {
      const n = 3;
      const stride = roundUp(d, 4);
      const x = normals(precision, n * d);
      const origin = normals(precision, d);
      const sum = Float64Array.from({ length: stride }, () => random.normal());
      withKernels((kernels) => {
        const px = put(kernels, x, n, d, n);
        const po = put(kernels, origin, 1, d, 1);
        const pointer = kernels.put(sum);
        kernels.run[`addRowFrom${precision}`](pointer, px, po, stride, -0.7);
        kernels.run[`addRow${precision}`](pointer, px, stride, 0.2);
        addRow(sum, row(x, 0, d), origin, -0.7);
        addRow(sum, row(x, 0, d), new Float64Array(d), 0.2);
        expect(kernels.f64(pointer, d)).toEqual(sum.subarray(0, d));

        const sums = kernels.zeros(stride * 8);
        const squares = kernels.zeros(stride * 8);
        kernels.run[`columnMoments${precision}`](px, n, stride, po, sums, squares);
        const moments = columnMoments(x, d, origin);
        expect(Array.from(kernels.f64(sums, d))).toEqual(moments.sum);
        expect(Array.from(kernels.f64(squares, d))).toEqual(moments.square);
      });
    }
  });
});
