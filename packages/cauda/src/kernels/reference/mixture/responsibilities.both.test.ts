import { expect, test } from 'vitest';
import { Random } from '../../../random.ts';
import { Kernels } from '../../kernels.ts';
import { kernelModule } from '../../module.ts';
import * as reference from './responsibilities.ts';

test('responsibilities gives the reference’s bits, near and far, and finite values where distances overflow', () => {
  const random = new Random(3);
  const kernels = new Kernels(kernelModule());
  const width = 9;
  const n = 7; // the last pair is half a pair
  const label = kernels.zeros(8 * 4);
  for (const k of [1, 2, 3, 7]) {
    const squares = Float64Array.from({ length: k * width }, () => 2000 * random.uniform() ** 4);
    squares[1] = Infinity;
    squares[2] = NaN;
    for (let j = 0; j < k; j++) squares[j * width + 3] = j % 2 ? NaN : Infinity;
    const constants = Float64Array.from({ length: k }, () => random.normal());
    for (const cutoff of [-746, -50]) {
      const q = kernels.put(squares);
      const logProb = kernels.zeros(8 * 8);
      kernels.run.responsibilities(q, n, width, kernels.put(constants), k, cutoff, logProb, label);
      expect(kernels.f64(logProb, 8)[n]).toBe(0);
      for (let i = 0; i < n; i++) {
        const column = (values: Float64Array) => Array.from({ length: k }, (_, j) => values[j * width + i]!);
        const wanted = reference.responsibilities(column(squares), constants, cutoff);
        const r = column(kernels.f64(q, k * width));
        expect(r).toEqual(wanted.r);
        expect(kernels.f64(logProb, 8)[i]).toBe(wanted.logProb);
        expect(kernels.i32(label, 8)[i]).toBe(wanted.label);
        expect(Math.abs(r.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-15 * k);
        expect(Number.isFinite(wanted.logProb)).toBe(true);
      }
    }
  }
});

test('selectRows keeps the rows whose weighted responsibility is not 0, and adds them up', () => {
  const kernels = new Kernels(kernelModule());
  const r = kernels.put(Float64Array.of(0.5, 0, 1, 0.25, 1));
  const weight = kernels.put(Float64Array.of(2, 1, 0, 4, 1));
  const list = kernels.zeros(20);
  const kept = kernels.zeros(40);
  const total = kernels.put(Float64Array.of(10));
  expect(kernels.run.selectRows(r, weight, 5, list, kept, total)).toBe(3);
  expect(Array.from(kernels.i32(list, 3))).toEqual([0, 3, 4]);
  expect(Array.from(kernels.f64(kept, 3))).toEqual([1, 1, 1]);
  expect(kernels.f64(total, 1)[0]).toBe(13);
});
