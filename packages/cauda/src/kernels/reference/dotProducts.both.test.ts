import { describe, expect, test } from 'vitest';
import type { FloatArray } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { bytesOf, type Kernels, putPadded, roundUp } from '../kernels.ts';
import { withKernels } from '../module.ts';
import { arithmetics } from './arithmetic.ts';
import { chunkedDot, dot } from './dotProducts.ts';
import { normals, row } from './inputs.ts';

const random = new Random(1);
const lengths = [...Array.from({ length: 33 }, (_, i) => i + 1), 63, 64, 65, 784];
/** Rows of d values, padded with zeros to a multiple of 4 and to `rows` rows. */
const putRows = (kernels: Kernels, data: FloatArray, n: number, d: number, rows: number): number =>
  putPadded(kernels, data, n, d, roundUp(d, 4), rows);

describe.each(['F32', 'F64'] as const)('%s: dot products', (precision) => {
  const arithmetic = arithmetics[precision];

  test('dots gives the reference’s products, at every length and number of centers', () => {
    for (const d of lengths)
      for (const k of [1, 2, 3, 4, 5, 6, 10]) {
        const n = 7;
        const x = normals(random, n * d, precision);
        const c = normals(random, k * d, precision);
        withKernels((kernels) => {
          const width = roundUp(k, 2);
          const px = putRows(kernels, x, n, d, 8);
          const pc = putRows(kernels, c, k, d, width);
          const out = kernels.alloc(8 * width * bytesOf(precision));
          kernels.run[`dots${precision}`](px, 8, roundUp(d, 4), pc, width, out);
          const products = kernels.floats(precision, out, 8 * width);
          for (let i = 0; i < n; i++)
            for (let j = 0; j < k; j++)
              expect(products[i * width + j]).toBe(dot(arithmetic, row(x, i, d), row(c, j, d)));
        });
      }
  });

  test('panelDots takes the listed rows, in their order and with repeats, at every length and number of centers', () => {
    for (const d of [...lengths, 128, 129])
      for (const k of [1, 2, 3, 4, 5, 8, 9, 13, 20]) {
        const x = normals(random, 9 * d, precision);
        const c = normals(random, k * d, precision);
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
          const px = putRows(kernels, x, 9, d, 12);
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
});
