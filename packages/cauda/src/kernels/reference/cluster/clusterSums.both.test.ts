import { describe, expect, test } from 'vitest';
import { Random } from '../../../random.ts';
import { bytesOf, putPadded, roundUp } from '../../kernels.ts';
import { withKernels } from '../../module.ts';
import { normals } from '../inputs.ts';
import { moveRows } from './clusterSums.ts';

const random = new Random(1);
const lengths = [...Array.from({ length: 33 }, (_, i) => i + 1), 63, 64, 65, 784];

describe.each(['F32', 'F64'] as const)('%s: sums of clusters', (precision) => {
  test('rows and entries that change cluster leave one sum and join another, at every length, weighted or not', () => {
    for (const d of lengths) {
      const n = 9;
      const k = 4;
      const stride = roundUp(d, 4);
      const origin = normals(random, d, precision);
      const x = normals(random, n * d, precision).map((value, i) => (i % 5 === 0 ? origin[i % d]! : value));
      const rounds = [
        { list: [0, 1, 2, 3, 4, 5, 6, 7, 8], fresh: [0, 0, 1, 1, 2, 2, 2, 0, 1] },
        { list: [1, 2, 3, 8], fresh: [3, 3, 0, 1] }, // one stays
        { list: [4, 5, 6], fresh: [1, 0, 1] }, // cluster 2 is left empty
      ];
      for (const weights of [undefined, Float64Array.from({ length: n }, (_, i) => (i % 4) * 0.3)])
        withKernels((kernels) => {
          const { run } = kernels;
          const px = putPadded(kernels, x, n, d, stride);
          const po = putPadded(kernels, origin, 1, d, stride);
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
});
