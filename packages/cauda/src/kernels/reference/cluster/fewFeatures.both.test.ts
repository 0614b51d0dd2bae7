import { describe, expect, test } from 'vitest';
import { Random } from '../../../random.ts';
import { putPadded, roundUp } from '../../kernels.ts';
import { withKernels } from '../../module.ts';
import { arithmetics } from '../arithmetic.ts';
import { normals, row } from '../inputs.ts';
import { nearestByDifferences } from './fewFeatures.ts';

const random = new Random(1);

describe.each(['F32', 'F64'] as const)('%s: nearest centers of rows of few features', (precision) => {
  const arithmetic = arithmetics[precision];

  test('changedRows lists the rows whose nearest center is another one, at every length and number of rows', () => {
    for (const d of Array.from({ length: 33 }, (_, i) => i + 1))
      for (let n = 1; n < 20; n++) {
        const k = 1 + ((n * 7 + d) % 11);
        const stride = roundUp(d, 4);
        const whole = (length: number) =>
          normals(random, length, precision).map((value) => Math.round(value)); // ties
        const x = n % 2 ? normals(random, n * d, precision) : whole(n * d);
        const c = n % 2 ? normals(random, k * d, precision) : whole(k * d);
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
          const px = putPadded(kernels, x, n, d, stride, roundUp(n, 8));
          const pc = putPadded(kernels, c, k, d, stride);
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
