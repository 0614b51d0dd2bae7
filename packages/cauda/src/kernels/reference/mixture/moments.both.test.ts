import { describe, expect, test } from 'vitest';
import { Random } from '../../../random.ts';
import { bytesOf, Kernels, putPadded, roundUp } from '../../kernels.ts';
import { kernelModule } from '../../module.ts';
import { arithmetics } from '../arithmetic.ts';
import { normals } from '../inputs.ts';
import * as reference from './moments.ts';

const lengths = Array.from({ length: 33 }, (_, i) => i + 1);

describe.each(['F64', 'F32'] as const)('%s: moments', (precision) => {
  const { round } = arithmetics[precision];
  const width = precision === 'F64' ? 4 : 8;

  test('weightedRows, gram, diagMoments and firstMoments give the reference’s bits, for 1 … 33 features and 0 … 33 rows', () => {
    const random = new Random(2);
    for (const d of lengths) {
      const kernels = new Kernels(kernelModule());
      const n = 34 - d;
      const stride = roundUp(d, 4);
      const wide = roundUp(stride, width);
      const X = normals(random, (n + 1) * d, precision);
      const mu = normals(random, d, precision);
      const weights = Float64Array.from({ length: n }, () => random.uniform());
      const x = putPadded(kernels, X, n + 1, d, stride);
      const means = putPadded(kernels, mu, 1, d, stride);
      const list = kernels.put(Int32Array.from({ length: n }, (_, i) => i + 1));
      const kept = kernels.put(weights);
      const panel = kernels.zeros(n * wide * 8);
      const sum = kernels.zeros(stride * 8);
      const second = kernels.zeros(wide * wide * 8);
      kernels.run[`weightedRows${precision}`](x, stride, list, kept, n, means, panel, wide, sum);
      const wanted = reference.weightedRows(X.subarray(d), weights, mu, round);
      const rows = kernels.floats(precision, panel, n * wide);
      expect(wanted.panel.map((_, at) => rows[Math.floor(at / d) * wide + (at % d)])).toEqual(wanted.panel);
      expect(Array.from(kernels.floats(precision, sum, d))).toEqual(wanted.sum);

      kernels.run[`gram${precision}`](panel, n, wide, second);
      const firsts = kernels.put(new Float64Array(stride + 1).fill(1, stride));
      const squares = kernels.put(new Float64Array(stride + 1).fill(1, stride));
      const root = kernels.alloc(n * bytesOf(precision));
      kernels.run[`diagMoments${precision}`](x, stride, list, kept, n, means, root, firsts, squares);
      const exact = kernels.put(new Float64Array(stride + 1).fill(1, stride));
      kernels.run[`firstMoments${precision}`](x, stride, list, kept, n, means, exact);
      for (const sums of [firsts, squares, exact]) expect(kernels.f64(sums, stride + 1)[stride]).toBe(1);
      expect(Array.from(kernels.f64(firsts, d))).toEqual(wanted.sum);
      expect(Array.from(kernels.f64(exact, d))).toEqual(reference.firstMoments(X.subarray(d), weights, mu));
      const products = reference.gram(wanted.panel, n, d, round);
      const got = kernels.f64(second, wide * wide);
      for (let i = 0; i < d; i++) {
        for (let j = i; j < d; j++) expect(got[i * wide + j]).toBe(products[i * d + j]);
        expect(kernels.f64(squares, d)[i]).toBe(products[i * d + i]);
      }
      kernels.run[`gram${precision}`](panel, 0, wide, second);
      expect(got[0]).toBe(products[0]);
      if (precision === 'F64') {
        kernels.run.gramAwayF64(panel, n, wide, second);
        for (let i = 0; i < d; i++) for (let j = i; j < d; j++) expect(got[i * wide + j]).toBe(0);
      } else {
        const center = Float64Array.from(mu, (value) => value / 3);
        const widePanel = kernels.zeros(n * stride * 8);
        const wideSum = kernels.zeros(stride * 8);
        const reference64 = putPadded(kernels, center, 1, d, stride);
        kernels.run.weightedRowsWide(x, stride, list, kept, n, reference64, widePanel, stride, wideSum);
        const inDouble = reference.weightedRows(X.subarray(d), weights, center, (value) => value);
        const doubles = kernels.f64(widePanel, n * stride);
        expect(inDouble.panel.map((_, at) => doubles[Math.floor(at / d) * stride + (at % d)])).toEqual(
          inDouble.panel,
        );
        expect(Array.from(kernels.f64(wideSum, d))).toEqual(inDouble.sum);
      }
    }
  });
});
