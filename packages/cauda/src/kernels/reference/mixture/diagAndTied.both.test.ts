import { describe, expect, test } from 'vitest';
import { Random } from '../../../random.ts';
import { bytesOf, Kernels, putPadded, roundUp } from '../../kernels.ts';
import { kernelModule } from '../../module.ts';
import { arithmetics } from '../arithmetic.ts';
import { normals, row, tiles } from '../inputs.ts';
import { mahalanobisDiag, mahalanobisTied } from './diagAndTied.ts';

const lengths = Array.from({ length: 33 }, (_, i) => i + 1);

describe.each(['F64', 'F32'] as const)(
  '%s: Mahalanobis distances to diagonal and tied components',
  (precision) => {
    const { round } = arithmetics[precision];
    const asArray = (values: number[]) =>
      precision === 'F64' ? Float64Array.from(values) : Float32Array.from(values);

    test('mahalanobisDiag and mahalanobisTied fill k columns with the reference’s distances, for 1 … 33 features', () => {
      const random = new Random(7);
      const k = 6; // four and two
      const across = 17;
      for (const d of lengths) {
        const kernels = new Kernels(kernelModule());
        const n = 11;
        const stride = roundUp(d, 4);
        const X = normals(random, n * d, precision);
        const mu = normals(random, k * d, precision);
        const M = normals(random, d * d, precision);
        const scales = normals(random, k * d, precision);
        const whitened = Float64Array.from({ length: k * stride }, (_, i) =>
          i % stride < d ? random.normal() : 0,
        );
        const list = Int32Array.from([3, 0, 10, 7, 1, 2, 9, 4, 6]);
        const x = putPadded(kernels, X, n, d, stride, 16);
        const means = putPadded(kernels, mu, k, d, stride);
        const packed = kernels.put(asArray(tiles(M, d)));
        const padded = kernels.zeros(16 * 4);
        kernels.i32(padded, 16).set(list);
        const inOrder = kernels.put(Int32Array.from({ length: 8 }, (_, i) => i));
        const tile = kernels.alloc(stride * 64 + 256);
        const zero = kernels.zeros(stride * 8);
        const out = kernels.zeros(k * across * 8);
        const pack = new Array<number>(8 * stride * 2).fill(0);
        for (let c = 0; c < k; c++)
          for (let i = 0; i < d; i++) {
            const at = (Math.floor(c / 4) * stride + i) * 8 + (c % 4);
            pack[at] = mu[c * d + i]!;
            pack[at + 4] = scales[c * d + i]!;
          }
        const fours = kernels.put(asArray(pack));
        const run = kernels.run[`mahalanobisDiag${precision}`];
        run(x, stride, inOrder, n, fours, k, zero, tile, out, across);
        for (let c = 0; c < k; c++)
          for (let i = 0; i < n; i++)
            expect(kernels.f64(out, k * across)[c * across + i]).toBe(
              mahalanobisDiag(row(X, i, d), row(mu, c, d), row(scales, c, d), round),
            );

        const columns = (of: (i: number, c: number) => number) =>
          Array.from({ length: k * across }, (_, at) =>
            list.includes(at % across) ? of(at % across, Math.floor(at / across)) : 0,
          );
        const offset = kernels.zeros(8 * stride * bytesOf(precision));
        kernels.run[`offsets${precision}`](kernels.put(whitened), stride, k, 1, offset);
        kernels.f64(out, k * across).fill(0);
        kernels.run[`mahalanobisTied${precision}`](
          x,
          stride,
          padded,
          list.length,
          means,
          packed,
          offset,
          k,
          tile,
          out,
          across,
        );
        const offsets = Array.from({ length: k }, (_, c) =>
          Array.from({ length: d }, (_, j) => round(whitened[c * stride + j]! - whitened[stride + j]!)),
        );
        expect(Array.from(kernels.f64(out, k * across))).toEqual(
          columns((i, c) => mahalanobisTied(row(X, i, d), row(mu, 0, d), M, offsets[c]!, round)),
        );
      }
    });
  },
);
