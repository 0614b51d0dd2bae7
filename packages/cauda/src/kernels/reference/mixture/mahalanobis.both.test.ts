import { describe, expect, test } from 'vitest';
import { Random } from '../../../random.ts';
import { bytesOf, Kernels, putPadded, roundUp } from '../../kernels.ts';
import { kernelModule } from '../../module.ts';
import { arithmetics } from '../arithmetic.ts';
import { normals, row, tiles } from '../inputs.ts';
import { mahalanobis } from './mahalanobis.ts';

const lengths = Array.from({ length: 33 }, (_, i) => i + 1);

describe.each(['F64', 'F32'] as const)('%s: Mahalanobis distances', (precision) => {
  const { round } = arithmetics[precision];
  const asArray = (values: number[]) =>
    precision === 'F64' ? Float64Array.from(values) : Float32Array.from(values);

  test('mahalanobis gives the reference’s distances of listed rows, and stops at limits, for 1 … 33 features', () => {
    const random = new Random(1);
    for (const d of lengths) {
      const kernels = new Kernels(kernelModule());
      const n = 11;
      const stride = roundUp(d, 4);
      const X = normals(random, n * d, precision);
      const mu = normals(random, d, precision);
      const M = normals(random, d * d, precision);
      const list = Int32Array.from([3, 0, 10, 7, 7, 1, 2, 9, 4]);
      const x = putPadded(kernels, X, n, d, stride);
      const means = putPadded(kernels, mu, 1, d, stride);
      const packed = kernels.put(asArray(tiles(M, d)));
      const padded = kernels.zeros(16 * 4);
      const tile = kernels.alloc(stride * 64 + 64);
      const out = kernels.alloc(16 * 8);
      kernels.i32(padded, 16).set(list);
      const run = kernels.run[`mahalanobis${precision}`];
      run(x, stride, padded, list.length, means, packed, tile, out, 0);
      const wanted = Array.from(list, (i) => mahalanobis(row(X, i, d), mu, M, round));
      expect(Array.from(kernels.f64(out, list.length))).toEqual(wanted);

      // no row alone can stop the sums; all together leave them above their limits and below the whole
      const limits = kernels.put(new Float64Array(16).fill(0.1).fill(Infinity, 0, 1));
      run(x, stride, padded, 4, means, packed, tile, out, limits);
      expect(Array.from(kernels.f64(out, 4))).toEqual(wanted.slice(0, 4));
      kernels.f64(limits, 16).fill(0.1);
      run(x, stride, padded, 8, means, packed, tile, out, limits);
      kernels.f64(out, 8).forEach((value, t) => {
        expect(value).toBeLessThanOrEqual(wanted[t]!);
        expect(value).toBeGreaterThan(Math.min(0.1, wanted[t]! * 0.999));
      });
    }
  });

  test('mahalanobisRow gives the same bits for one row and k components, and abandons those beyond the cutoff', () => {
    const random = new Random(8);
    const k = 4;
    for (const d of lengths) {
      const kernels = new Kernels(kernelModule());
      const stride = roundUp(d, 4);
      const X = normals(random, d, precision);
      const mu = normals(random, k * d, precision);
      const M = Array.from({ length: k }, () => normals(random, d * d, precision));
      const x = putPadded(kernels, X, 1, d, stride);
      const means = putPadded(kernels, mu, k, d, stride);
      const factor = tiles(M[0]!, d).length * bytesOf(precision);
      const packed = kernels.put(asArray(M.flatMap((own) => tiles(own, d))));
      const tile = kernels.alloc(stride * 64 + 64);
      const out = kernels.alloc(k * 3 * 8);
      const constants = Float64Array.of(1, -2, 0, 3);
      const wanted = M.map((own, c) => mahalanobis(X, mu.subarray(c * d, (c + 1) * d), own, round));
      const run = (cutoff: number): number[] => {
        const pointer = kernels.put(constants);
        const kernel = kernels.run[`mahalanobisRow${precision}`];
        kernel(x, stride, means, packed, factor, k, tile, out, 3, pointer, cutoff);
        return Array.from({ length: k }, (_, c) => kernels.f64(out, k * 3)[c * 3]!);
      };
      expect(run(-Infinity)).toEqual(wanted);
      const best = Math.max(...wanted.map((q, c) => constants[c]! - q / 2));
      run(-0.5).forEach((q, c) => {
        expect(q).toBeLessThanOrEqual(wanted[c]!);
        if (q < wanted[c]!) expect(constants[c]! - q / 2).toBeLessThan(best - 0.5); // never one that counts
      });
    }
  });
});
