import { describe, expect, test } from 'vitest';
import { Random } from '../../../random.ts';
import { roundUp } from '../../kernels.ts';
import { withKernels } from '../../module.ts';
import * as reference from './layers.ts';
import { getRows, putRows } from './rows.ts';

const random = new Random(3);
const normals = (length: number) => Float32Array.from({ length }, () => random.normal());
const lengths = [...Array.from({ length: 33 }, (_, i) => i + 1), 63, 64, 65, 100];

describe('layers', () => {
  test('productF32 gives the reference’s product of a matrix and of its transpose, at every inner length and width', () => {
    for (const inner of lengths)
      for (const width of [1, 8, 11, 40]) {
        const n = 5;
        const stride = roundUp(width, 8);
        const x = normals(n * inner);
        const matrix = normals(inner * width);
        const init = normals(width);
        const expected = reference.product(x, n, inner, matrix, width, init, Math.fround);
        withKernels((kernels) => {
          const px = putRows(kernels, x, n, inner, inner, 8);
          const pt = putRows(kernels, Float32Array.from(reference.transposed(x, n, inner)), inner, n, 8);
          const pm = putRows(kernels, matrix, inner, width, stride);
          const pi = putRows(kernels, init, 1, width, stride);
          const out = kernels.alloc(8 * stride * 4);
          kernels.run.productF32(px, inner * 4, 4, 8, inner, pm, stride, pi, out);
          expect(getRows(kernels, out, n, width, stride)).toEqual(expected);
          kernels.run.productF32(pt, 4, 8 * 4, 8, inner, pm, stride, pi, out);
          expect(getRows(kernels, out, n, width, stride)).toEqual(expected);
        });
      }
  });

  test('reluF32 keeps what is positive, and reluBackF32 the derivatives there', () => {
    const x = Float32Array.from([-1, 0, 2, 1e-45, -1e-45, -0, 3e38, -3e38]);
    withKernels((kernels) => {
      const after = kernels.alloc(32);
      kernels.run.reluF32(kernels.put(x), 8, after);
      expect(Array.from(kernels.f32(after, 8))).toEqual([0, 0, 2, x[3], 0, 0, x[6], 0]);
      const delta = kernels.put(Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]));
      kernels.run.reluBackF32(after, 8, delta);
      expect(Array.from(kernels.f32(delta, 8))).toEqual([0, 0, 3, 4, 0, 0, 7, 0]);
    });
  });

  test('softmaxF32 and crossEntropyF32 give the reference’s bits, with small and with huge logits', () => {
    for (const k of lengths)
      for (const scale of [1, 100, 1e4]) {
        const n = 5;
        const stride = roundUp(k, 8);
        const logits = normals(n * k).map((value) => value * scale);
        const all = Int32Array.from({ length: 9 }, () => random.integer(k));
        const rows = Uint32Array.from([8, 0, 3, 3, 7]);
        const targets = Array.from(rows, (row) => all[row]!);
        withKernels((kernels) => {
          const pl = putRows(kernels, logits, n, k, stride);
          const out = kernels.zeros(n * stride * 4);
          kernels.run.softmaxF32(pl, n, stride, k, out);
          expect(getRows(kernels, out, n, k, stride)).toEqual(
            reference.softmax(logits, n, k, Math.fround).probabilities,
          );
          const [pt, pr] = [kernels.put(all), kernels.put(rows)];
          const loss = kernels.run.crossEntropyF32(pl, pt, pr, n, stride, k, out);
          const expected = reference.crossEntropy(logits, targets, n, k, Math.fround);
          expect(loss).toBe(expected.loss);
          expect(getRows(kernels, out, n, k, stride)).toEqual(expected.delta);
        });
      }
  });
});

test('the softmax of logits of ±1e4 is 0 and 1, and its cross-entropy their difference', () => {
  withKernels((kernels) => {
    const logits = kernels.put(Float32Array.from([1e4, -1e4, 0, 0, 0, 0, 0, 0]));
    const [target, rows] = [kernels.put(Int32Array.from([1])), kernels.put(Uint32Array.from([0]))];
    const out = kernels.zeros(32);
    kernels.run.softmaxF32(logits, 1, 8, 2, out);
    expect(Array.from(kernels.f32(out, 2))).toEqual([1, 0]);
    expect(kernels.run.crossEntropyF32(logits, target, rows, 1, 8, 2, out)).toBe(2e4);
    expect(Array.from(kernels.f32(out, 2))).toEqual([1, -1]);
  });
});
