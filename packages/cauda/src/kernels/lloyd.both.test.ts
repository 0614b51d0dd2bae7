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
  manhattan,
  moveRows,
  nearestByDifferences,
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

  test('Manhattan distances, at every length', () => {
    for (const d of lengths) {
      const [n, k] = [3, 4];
      const x = normals(precision, n * d);
      const c = normals(precision, k * d);
      withKernels((kernels) => {
        const out = kernels.alloc(n * k * 8);
        const px = put(kernels, x, n, d, n);
        kernels.run[`manhattan${precision}`](px, n, roundUp(d, 4), put(kernels, c, k, d, k), k, out);
        for (let i = 0; i < n; i++)
          for (let j = 0; j < k; j++)
            expect(kernels.f64(out, n * k)[i * k + j]).toBe(
              manhattan(arithmetic, row(x, i, d), row(c, j, d)),
            );
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

  test('addRow and columnMoments, at every length', () => {
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
        kernels.run[`addRow${precision}`](pointer, px, stride, 0.2);
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

  test('rows and entries that change cluster leave one sum and join another, at every length, weighted or not', () => {
    for (const d of lengths) {
      const n = 9;
      const k = 4;
      const stride = roundUp(d, 4);
      const origin = normals(precision, d);
      const x = normals(precision, n * d).map((value, i) => (i % 5 === 0 ? origin[i % d]! : value));
      const rounds = [
        { list: [0, 1, 2, 3, 4, 5, 6, 7, 8], fresh: [0, 0, 1, 1, 2, 2, 2, 0, 1] },
        { list: [1, 2, 3, 8], fresh: [3, 3, 0, 1] }, // one stays
        { list: [4, 5, 6], fresh: [1, 0, 1] }, // cluster 2 is left empty
      ];
      for (const weights of [undefined, Float64Array.from({ length: n }, (_, i) => (i % 4) * 0.3)])
        withKernels((kernels) => {
          const { run } = kernels;
          const px = put(kernels, x, n, d, n);
          const po = put(kernels, origin, 1, d, 1);
          const start = kernels.zeros((n + 1) * 4);
          const entry = kernels.alloc(n * d * 2 * bytesOf(precision));
          run[`entries${precision}`](px, n, stride, po, 0, start, entry);
          const length = k * (stride + 2);
          const [dense, sparse] = [kernels.zeros(length * 8), kernels.zeros(length * 8)];
          const label = [0, 1].map(() => kernels.put(new Int32Array(n).fill(-1)));
          const weight = weights ? kernels.put(weights) : 0;
          const expected = { stats: new Float64Array(length), labels: new Int32Array(n).fill(-1) };
          for (const { list, fresh } of rounds) {
            const given = [
              kernels.put(Int32Array.from(list)),
              list.length,
              kernels.put(Int32Array.from(fresh)),
            ];
            const changed = moveRows(expected, { x, d, stride, origin, weights, k }, list, fresh);
            const byRow = run[`moveRows${precision}`];
            expect(byRow(...given, label[0]!, weight, px, po, stride, k, dense)).toBe(changed);
            const byEntry = run[`moveEntries${precision}`];
            expect(byEntry(...given, label[1]!, weight, start, entry, po, stride, k, sparse)).toBe(changed);
            expect(kernels.f64(dense, length)).toEqual(expected.stats);
            expect(kernels.f64(sparse, length)).toEqual(expected.stats);
            for (const labels of label) expect(kernels.i32(labels, n)).toEqual(expected.labels);
          }
        });
    }
  });

  test('changedRows lists the rows whose nearest center is another one, at every length and number of rows', () => {
    for (const d of lengths.filter((length) => length < 40))
      for (let n = 1; n < 20; n++) {
        const k = 1 + ((n * 7 + d) % 11);
        const stride = roundUp(d, 4);
        const whole = (length: number) => normals(precision, length).map((value) => Math.round(value)); // ties
        const x = n % 2 ? normals(precision, n * d) : whole(n * d);
        const c = n % 2 ? normals(precision, k * d) : whole(k * d);
        const nearest = Array.from({ length: n }, (_, i) =>
          nearestByDifferences(
            arithmetic,
            row(x, i, d),
            Array.from({ length: k }, (_, j) => row(c, j, d)),
          ),
        );
        const old = nearest.map((label) => (random.integer(2) ? label : random.integer(k + 1) - 1));
        const changed = Array.from(nearest.keys()).filter((i) => nearest[i] !== old[i]);
        withKernels((kernels) => {
          const px = put(kernels, x, n, d, roundUp(n, 8));
          const pc = put(kernels, c, k, d, k);
          const label = kernels.alloc(roundUp(n, 8) * 4);
          kernels.i32(label, n).set(old);
          const room = kernels.alloc(32 * (stride + 1));
          const [list, fresh] = [kernels.alloc(n * 4), kernels.alloc(n * 4)];
          const kernel = kernels.run[`changedRows${precision}`];
          const count = kernel(px, n, stride, d, pc, k, label, room, list, fresh);
          expect(Array.from(kernels.i32(list, count))).toEqual(changed);
          expect(Array.from(kernels.i32(fresh, count))).toEqual(changed.map((i) => nearest[i]));
        });
      }
  });
});
