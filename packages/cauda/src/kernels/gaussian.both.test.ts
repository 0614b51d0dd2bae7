import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { bytesOf, Kernels, type Precision, putPadded, roundUp } from './kernels.ts';
import { kernelModule } from './module.ts';
import * as reference from './reference/gaussian.ts';

const lengths = Array.from({ length: 33 }, (_, i) => i + 1);

function normals(random: Random, length: number, precision: Precision): Float64Array | Float32Array {
  const values = precision === 'F64' ? new Float64Array(length) : new Float32Array(length);
  return values.map(() => random.normal());
}

/** Lower triangular, rows and columns padded with zeros to the stride, in the kernel's tiles. */
function tiles(M: Float64Array | Float32Array, d: number): Float64Array {
  const stride = roundUp(d, 4);
  const packed: number[] = [];
  for (let row = 0; row < stride; row += 4)
    for (let i = 0; i < row + 4; i++)
      for (let r = row; r < row + 4; r++) packed.push(r < d && i <= r ? M[r * d + i]! : 0);
  return Float64Array.from(packed);
}

for (const precision of ['F64', 'F32'] as const) {
  const round = precision === 'F64' ? (value: number) => value : Math.fround;
  const width = precision === 'F64' ? 4 : 8;
  const bytes = bytesOf(precision);
  const asArray = (values: Float64Array) => (precision === 'F64' ? values : Float32Array.from(values));

  describe(`the mixture kernels in ${precision} give the reference's bits`, () => {
    it('mahalanobis, by lists, up to limits and for one row, for 1 … 33 features', () => {
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
        const row = (i: number) => X.subarray(i * d, (i + 1) * d);
        const run = kernels.run[`mahalanobis${precision}`];
        run(x, stride, padded, list.length, means, packed, tile, out, 0);
        const wanted = Array.from(list, (i) => reference.mahalanobis(row(i), mu, M, round));
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

    it('mahalanobisRow takes one row to k components, and leaves those that are beyond the cutoff', () => {
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
        const factor = tiles(M[0]!, d).length * bytes;
        const packed = kernels.put(asArray(Float64Array.from(M.flatMap((own) => Array.from(tiles(own, d))))));
        const tile = kernels.alloc(stride * 64 + 64);
        const out = kernels.alloc(k * 3 * 8);
        const constants = Float64Array.of(1, -2, 0, 3);
        const wanted = M.map((own, c) =>
          reference.mahalanobis(X, mu.subarray(c * d, (c + 1) * d), own, round),
        );
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

    it('mahalanobisDiag and mahalanobisTied, which fill k columns, for 1 … 33 features and listed rows', () => {
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
        const row = (i: number) => X.subarray(i * d, (i + 1) * d);
        const part = (values: Float64Array | Float32Array, c: number) => values.subarray(c * d, (c + 1) * d);
        const pack = new Float64Array(8 * stride * 2);
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
              reference.mahalanobisDiag(row(i), part(mu, c), part(scales, c), round),
            );

        const columns = (of: (i: number, c: number) => number) =>
          Array.from({ length: k * across }, (_, at) =>
            list.includes(at % across) ? of(at % across, Math.floor(at / across)) : 0,
          );
        const offset = kernels.zeros(8 * stride * bytes);
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
          columns((i, c) => reference.mahalanobisTied(row(i), part(mu, 0), M, offsets[c]!, round)),
        );
      }
    });

    it('weightedRows, gram, diagMoments and firstMoments, for 1 … 33 features and 0 … 33 rows', () => {
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
        const root = kernels.alloc(n * bytes);
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
}

describe('the float64 mixture kernels', () => {
  it('responsibilities gives the reference’s bits, near and far, and finite values where distances overflow', () => {
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
          const column = (values: Float64Array) =>
            Array.from({ length: k }, (_, j) => values[j * width + i]!);
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

  it('selectRows keeps the rows whose weighted responsibility is not 0, and adds them up', () => {
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

  it('cholesky and invertLower give the reference’s bits, and L Lᵀ and L L⁻¹ come back, for 1 … 33 dimensions', () => {
    const random = new Random(4);
    for (const d of lengths) {
      const kernels = new Kernels(kernelModule());
      const stride = roundUp(d, 4);
      const Z = normals(random, (d + 3) * d, 'F64');
      const A = Float64Array.from(reference.gram(Z, d + 3, d, (value) => value));
      const a = putPadded(kernels, A, d, d, stride);
      const inverse = kernels.alloc(d * stride * 8);
      expect(kernels.run.cholesky(a, d, stride)).toBe(-1);
      kernels.run.invertLower(a, d, stride, inverse);
      const L = reference.cholesky(A, d) as Float64Array;
      const V = reference.invertLower(L, d);
      const at = (pointer: number, i: number, j: number) => kernels.f64(pointer, d * stride)[i * stride + j]!;
      for (let i = 0; i < d; i++)
        for (let j = 0; j <= i; j++) {
          expect(at(a, i, j)).toBe(L[i * d + j]);
          expect(at(inverse, i, j)).toBe(V[i * d + j]);
          let square = 0;
          let one = 0;
          for (let m = 0; m <= i; m++) {
            square += L[i * d + m]! * L[j * d + m]!;
            one += L[i * d + m]! * V[m * d + j]!;
          }
          expect(Math.abs(square - A[i * d + j]!)).toBeLessThan(1e-11);
          expect(Math.abs(one - (i === j ? 1 : 0))).toBeLessThan(1e-9);
        }
    }
  });

  it('cholesky returns the first pivot that is not in (0, ∞)', () => {
    const kernels = new Kernels(kernelModule());
    const singular = Float64Array.of(1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
    expect(kernels.run.cholesky(kernels.put(singular), 4, 4)).toBe(1);
    for (const pivot of [NaN, Infinity]) {
      singular[5] = pivot;
      expect(kernels.run.cholesky(kernels.put(singular), 4, 4)).toBe(1);
      expect(reference.cholesky(singular, 4)).toBe(1);
    }
  });
});
