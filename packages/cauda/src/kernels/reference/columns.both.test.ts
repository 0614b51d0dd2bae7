import { describe, expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { putPadded, roundUp } from '../kernels.ts';
import { withKernels } from '../module.ts';
import { addRow, columnMoments } from './columns.ts';
import { normals, row } from './inputs.ts';

const random = new Random(1);
const lengths = [...Array.from({ length: 33 }, (_, i) => i + 1), 63, 64, 65, 784];

describe.each(['F32', 'F64'] as const)('%s: sums over rows', (precision) => {
  test('addRow and columnMoments give the reference’s sums, at every length', () => {
    for (const d of lengths) {
      const n = 3;
      const stride = roundUp(d, 4);
      const x = normals(random, n * d, precision);
      const origin = normals(random, d, precision);
      const sum = Float64Array.from({ length: stride }, () => random.normal());
      withKernels((kernels) => {
        const px = putPadded(kernels, x, n, d, stride);
        const po = putPadded(kernels, origin, 1, d, stride);
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
});
