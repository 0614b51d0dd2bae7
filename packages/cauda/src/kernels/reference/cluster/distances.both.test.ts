import { describe, expect, test } from 'vitest';
import type { FloatArray } from '../../../matrix.ts';
import { Random } from '../../../random.ts';
import { bytesOf, type Kernels, putPadded, roundUp } from '../../kernels.ts';
import { withKernels } from '../../module.ts';
import { arithmetics } from '../arithmetic.ts';
import { normals, row } from '../inputs.ts';
import { manhattan, squaredDistance } from './distances.ts';

const random = new Random(1);
const lengths = [...Array.from({ length: 33 }, (_, i) => i + 1), 63, 64, 65, 784];
/** Rows of d values, padded with zeros to a multiple of 4 and to `rows` rows. */
const putRows = (kernels: Kernels, data: FloatArray, n: number, d: number, rows: number): number =>
  putPadded(kernels, data, n, d, roundUp(d, 4), rows);

describe.each(['F32', 'F64'] as const)('%s: distances', (precision) => {
  const arithmetic = arithmetics[precision];

  test('distances and ownDistances give the reference’s distances, masked or not', () => {
    for (const d of lengths) {
      const n = 3;
      const k = 6;
      const width = roundUp(d, 4);
      const x = normals(random, n * d, precision);
      const c = normals(random, k * d, precision);
      const mask = x.map(() => random.integer(2));
      withKernels((kernels) => {
        const px = putRows(kernels, x, n, d, n);
        const pc = putRows(kernels, c, k, d, k);
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

  test('manhattan gives the reference’s distances, at every length', () => {
    for (const d of lengths) {
      const [n, k] = [3, 4];
      const x = normals(random, n * d, precision);
      const c = normals(random, k * d, precision);
      withKernels((kernels) => {
        const out = kernels.alloc(n * k * 8);
        const px = putRows(kernels, x, n, d, n);
        kernels.run[`manhattan${precision}`](px, n, roundUp(d, 4), putRows(kernels, c, k, d, k), k, out);
        for (let i = 0; i < n; i++)
          for (let j = 0; j < k; j++)
            expect(kernels.f64(out, n * k)[i * k + j]).toBe(
              manhattan(arithmetic, row(x, i, d), row(c, j, d)),
            );
      });
    }
  });
});
