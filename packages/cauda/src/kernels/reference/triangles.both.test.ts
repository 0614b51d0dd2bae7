import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { Kernels, putPadded, roundUp } from '../kernels.ts';
import { kernelModule } from '../module.ts';
import { normals } from './inputs.ts';
import { gram } from './mixture/moments.ts';
import * as reference from './triangles.ts';

const lengths = Array.from({ length: 33 }, (_, i) => i + 1);

test('cholesky and invertLower give the reference’s bits, and L Lᵀ and L L⁻¹ come back, for 1 … 33 dimensions', () => {
  const random = new Random(4);
  for (const d of lengths) {
    const kernels = new Kernels(kernelModule());
    const stride = roundUp(d, 4);
    const Z = normals(random, (d + 3) * d, 'F64');
    const A = Float64Array.from(gram(Z, d + 3, d, (value) => value));
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

test('cholesky returns the first pivot that is not in (0, ∞)', () => {
  const kernels = new Kernels(kernelModule());
  const singular = Float64Array.of(1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
  expect(kernels.run.cholesky(kernels.put(singular), 4, 4)).toBe(1);
  for (const pivot of [NaN, Infinity]) {
    singular[5] = pivot;
    expect(kernels.run.cholesky(kernels.put(singular), 4, 4)).toBe(1);
    expect(reference.cholesky(singular, 4)).toBe(1);
  }
});

test('addUpper and shiftUpper change a packed upper half, for 1 … 33 dimensions', () => {
  const kernels = new Kernels(kernelModule());
  const random = new Random(4);
  const numbers = (length: number) => Float64Array.from({ length }, () => random.normal());
  for (const d of lengths) {
    const wide = roundUp(d, 4);
    const matrix = numbers(d * wide);
    const start = numbers((d * (d + 1)) / 2);
    const s = numbers(d);
    const delta = numbers(d);
    const out = kernels.put(start);
    kernels.run.addUpper(kernels.put(matrix), wide, d, out);
    const wanted: number[] = [];
    for (let i = 0; i < d; i++)
      for (let j = i; j < d; j++) wanted.push(start[wanted.length]! + matrix[i * wide + j]!);
    expect(Array.from(kernels.f64(out, start.length))).toEqual(wanted);
    kernels.run.shiftUpper(kernels.put(s), kernels.put(delta), 3, d, out);
    let at = 0;
    for (let i = 0; i < d; i++)
      for (let j = i; j < d; j++) wanted[at++]! -= (s[i]! - 3 * delta[i]!) * delta[j]! + delta[i]! * s[j]!;
    expect(Array.from(kernels.f64(out, start.length))).toEqual(wanted);
  }
});

test('driftNorm is a Schatten norm of M L Lᵀ Mᵀ − I, above its spectral one, and reads nothing above the diagonals', () => {
  const kernels = new Kernels(kernelModule());
  const random = new Random(5);
  for (const d of lengths) {
    const stride = roundUp(d, 4);
    const lower = (noise: number) =>
      Float64Array.from({ length: d * d }, (_, at) => {
        const [i, j] = [Math.floor(at / d), at % d];
        return j > i ? noise : (i === j ? 1 : 0) + 0.1 * random.normal();
      });
    const M = lower(0);
    const L = lower(NaN);
    const scratch = [kernels.alloc(d * stride * 8), kernels.alloc(d * stride * 8)] as const;
    const norm = kernels.run.driftNorm(
      putPadded(kernels, M, d, d, stride),
      putPadded(kernels, L, d, d, stride),
      d,
      stride,
      ...scratch,
    );
    const wanted = reference.driftNorm(M, L, d);
    expect(norm / wanted.norm).toBeCloseTo(1, 12);
    let v = Float64Array.from({ length: d }, () => random.normal());
    let size = 0;
    for (let step = 0; step < 30; step++) {
      const w = Float64Array.from(wanted.G, (row) => row.reduce((sum, g, j) => sum + g * v[j]!, 0));
      const length = Math.hypot(...v);
      size = Math.hypot(...w) / length;
      v = w.map((value) => value / size);
    }
    expect(norm).toBeGreaterThanOrEqual(size * (1 - 1e-12));
  }
});
