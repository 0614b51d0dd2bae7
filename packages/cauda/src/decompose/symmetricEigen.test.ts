import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../random.ts';
import { symmetricEigen } from './symmetricEigen.ts';

/** The largest entry of |A V − V λ| relative to ‖A‖, and of |V Vᵀ − 1|. */
function residuals(a: Float64Array, n: number): { equation: number; orthogonality: number } {
  const { values, vectors } = symmetricEigen(a, n);
  const norm = Math.max(Number.MIN_VALUE, ...a.map(Math.abs)) * n;
  let equation = 0;
  let orthogonality = 0;
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      let image = 0;
      for (let j = 0; j < n; j++) image += (a[i * n + j]! / norm) * vectors[k * n + j]!;
      equation = Math.max(equation, Math.abs(image - (values[k]! / norm) * vectors[k * n + i]!));
      let dot = 0;
      for (let j = 0; j < n; j++) dot += vectors[i * n + j]! * vectors[k * n + j]!;
      orthogonality = Math.max(orthogonality, Math.abs(dot - (i === k ? 1 : 0)));
    }
    if (k > 0) expect(values[k]).toBeLessThanOrEqual(values[k - 1]!);
  }
  return { equation, orthogonality };
}

const symmetric = (n: number, entry: (i: number, j: number) => number) => {
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = entry(i, j);
  return a;
};

test('by hand: [[2, 1], [1, 2]] has 3 along (1, 1) and 1 along (1, −1)', () => {
  const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
  expect(values[0]).toBeCloseTo(3, 15);
  expect(values[1]).toBeCloseTo(1, 15);
  expect(Math.abs(vectors[0]!)).toBeCloseTo(Math.SQRT1_2, 15);
  expect(vectors[0]).toBeCloseTo(vectors[1]!, 15);
  expect(vectors[2]).toBeCloseTo(-vectors[3]!, 15);
});

test('the second difference matrix has the eigenvalues 2 − 2 cos(kπ / (n + 1))', () => {
  const n = 40;
  const { values } = symmetricEigen(
    symmetric(n, (i, j) => (i === j ? 2 : i - j === 1 ? -1 : 0)),
    n,
  );
  for (let k = 1; k <= n; k++)
    expect(values[n - k]).toBeCloseTo(2 - 2 * Math.cos((k * Math.PI) / (n + 1)), 13);
});

test.each([1, 2, 3, 7, 64, 130])('A V = V λ and V is orthogonal at n = %i', (n) => {
  const random = new Random(n);
  const { equation, orthogonality } = residuals(
    symmetric(n, () => random.normal()),
    n,
  );
  expect(equation).toBeLessThan(1e-15);
  expect(orthogonality).toBeLessThan(1e-13);
});

test('diagonal, zero, rank-one, graded, huge and tiny matrices', () => {
  const n = 12;
  const random = new Random(5);
  const v = Float64Array.from({ length: n }, () => random.normal());
  for (const a of [
    new Float64Array(n * n),
    symmetric(n, (i, j) => (i === j ? ((i * 5) % n) - 3 : 0)),
    symmetric(n, (i, j) => v[i]! * v[j]!),
    symmetric(n, () => 1),
    symmetric(n, (i, j) => random.normal() * 10 ** -(i + j)),
    symmetric(n, () => random.normal() * 1e200),
    symmetric(n, () => random.normal() * 1e-200),
    symmetric(n, (i, j) => (i === j ? 1 : i - j === n - 1 ? 1e-300 : 0)),
  ]) {
    const { equation, orthogonality } = residuals(a, n);
    expect(equation).toBeLessThan(1e-15);
    expect(orthogonality).toBeLessThan(1e-14);
  }
});

test('any small matrix of integers, with its many ties and zeros', () => {
  const size = fc.integer({ min: 1, max: 8 });
  fc.assert(
    fc.property(size, fc.infiniteStream(fc.integer({ min: -2, max: 2 })), (n, stream) => {
      const a = symmetric(n, () => stream.next().value!);
      const { equation, orthogonality } = residuals(a, n);
      expect(equation).toBeLessThan(1e-15);
      expect(orthogonality).toBeLessThan(1e-14);
      const trace = Array.from({ length: n }, (_, i) => a[i * n + i]!).reduce((x, y) => x + y);
      expect(symmetricEigen(a, n).values.reduce((x, y) => x + y)).toBeCloseTo(trace, 12);
    }),
    { numRuns: 300 },
  );
});

/** A symmetric matrix with these eigenvalues: diagonal, turned by `turns` random reflections. */
function withSpectrum(spectrum: Float64Array, turns: number): Float64Array {
  const n = spectrum.length;
  const random = new Random(n + turns);
  const a = symmetric(n, (i, j) => (i === j ? spectrum[i]! : 0));
  for (let turn = 0; turn < turns; turn++) {
    const v = Float64Array.from({ length: n }, () => random.normal());
    const twice = 2 / v.reduce((sum, x) => sum + x * x, 0);
    for (const [down, right] of [
      [n, 1],
      [1, n],
    ] as const)
      for (let i = 0; i < n; i++) {
        let along = 0;
        for (let j = 0; j < n; j++) along += v[j]! * a[i * down + j * right]!;
        for (let j = 0; j < n; j++) a[i * down + j * right]! -= twice * along * v[j]!;
      }
  }
  return symmetric(n, (i, j) => (a[i * n + j]! + a[j * n + i]!) / 2);
}

test.each([
  ['graded over 16 decades', (i: number, n: number) => 10 ** ((-16 * i) / n)],
  ['graded over 16 decades, upwards', (i: number, n: number) => 10 ** ((-16 * (n - i)) / n)],
  ['graded over 300 decades', (i: number, n: number) => 10 ** ((-300 * i) / n)],
  ['of rank 3', (i: number) => (i < 3 ? i + 1 : 0)],
  ['in one cluster', (i: number) => 1 + i * 1e-14],
  ['in a cluster at 1 and one of rounding', (i: number) => (i % 3 ? i * 1e-15 : 1)],
  ['of −1 and 1', (i: number) => (i % 2 ? 1 : -1)],
] as const)('spectra %s come out, at any scale', (_, value) => {
  for (const [n, turns] of [
    [7, 2],
    [100, 1],
    [120, 3],
  ] as const)
    for (const scale of [1, 1e-300, 1e300]) {
      const spectrum = Float64Array.from({ length: n }, (_, i) => value(i, n));
      const a = withSpectrum(spectrum, turns);
      const { values } = symmetricEigen(
        a.map((entry) => entry * scale),
        n,
      );
      spectrum.sort().reverse();
      for (let i = 0; i < n; i++) expect(Math.abs(values[i]! / scale - spectrum[i]!)).toBeLessThan(1e-13);
      const { equation, orthogonality } = residuals(a, n);
      expect(equation).toBeLessThan(1e-15);
      expect(orthogonality).toBeLessThan(1e-13);
    }
});

test('what is not finite is refused', () => {
  for (const wrong of [NaN, Infinity])
    expect(() => symmetricEigen(Float64Array.of(1, 2, 3, 2, 5, 6, wrong, 6, 9), 3)).toThrow(
      `symmetricEigen: the matrix must be finite; it has an entry of ${wrong}`,
    );
});
