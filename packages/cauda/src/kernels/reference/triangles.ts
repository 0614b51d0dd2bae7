/** The kernels of assembly/triangles.ts in plain TypeScript, on matrices without padding. */
type Numbers = ArrayLike<number>;

/** L (d × d, zeros above) with A = L Lᵀ, or the index of the first pivot that is not in (0, ∞). */
export function cholesky(a: Numbers, d: number): Float64Array | number {
  const l = new Float64Array(d * d);
  const row = (i: number): Float64Array => l.subarray(i * d, (i + 1) * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) l[i * d + j] = (a[i * d + j]! - dot(row(i), row(j), j)) / l[j * d + j]!;
    const pivot = a[i * d + i]! - dot(row(i), row(i), i);
    if (!(pivot > 0 && pivot < Infinity)) return i;
    l[i * d + i] = Math.sqrt(pivot);
  }
  return l;
}

/** L⁻¹ of a lower triangular L. */
export function invertLower(l: Numbers, d: number): Float64Array {
  const inverse = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    const reciprocal = 1 / l[i * d + i]!;
    for (let j = 0; j < i; j++) {
      const w = -l[i * d + j]! * reciprocal;
      for (let c = 0; c <= j; c++) inverse[i * d + c]! += w * inverse[j * d + c]!;
    }
    inverse[i * d + i] = reciprocal;
  }
  return inverse;
}

/** Two lanes side by side, then the tail. */
function dot(x: Numbers, y: Numbers, n: number): number {
  let even = 0;
  let odd = 0;
  for (let i = 0; i + 1 < n; i += 2) {
    even += x[i]! * y[i]!;
    odd += x[i + 1]! * y[i + 1]!;
  }
  return n % 2 ? even + odd + x[n - 1]! * y[n - 1]! : even + odd;
}

/** G = (M L)(M L)ᵀ − I and ‖G²‖_F^½, by definition. */
export function driftNorm(
  M: ArrayLike<number>,
  L: ArrayLike<number>,
  d: number,
): { G: number[][]; norm: number } {
  const P = Array.from({ length: d }, (_, i) =>
    Array.from({ length: d }, (_, j) => {
      let sum = 0;
      for (let t = j; t <= i; t++) sum += M[i * d + t]! * L[t * d + j]!;
      return sum;
    }),
  );
  const products = (A: number[][]) =>
    A.map((x) => A.map((y) => x.reduce((sum, value, t) => sum + value * y[t]!, 0)));
  const G = products(P).map((row, i) => row.map((value, j) => value - Number(i === j)));
  const norm = products(G).reduce((sum, row) => row.reduce((rest, value) => rest + value * value, sum), 0);
  return { G, norm: Math.sqrt(Math.sqrt(norm)) };
}
