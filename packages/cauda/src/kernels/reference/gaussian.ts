import { exp, log } from '../elementary.ts';

/**
 * The kernels of assembly/gaussian.ts in plain TypeScript, on arrays without padding. `round` is Math.fround for the
 * float32 kernels' own bits, or the identity for float64.
 */
export type Round = (value: number) => number;

type Numbers = ArrayLike<number>;

/** ‖M (x − mu)‖² for a lower triangular d × d matrix M: columns in order, rows by fours as (a + b) + (c + d). */
export function mahalanobis(x: Numbers, mu: Numbers, M: Numbers, round: Round): number {
  const d = x.length;
  const squares = Array.from({ length: d }, (_, row) => {
    let sum = 0;
    for (let i = 0; i <= row; i++) sum = round(sum + round(round(x[i]! - mu[i]!) * M[row * d + i]!));
    return round(sum * sum);
  });
  let q = 0;
  for (let row = 0; row < d; row += 4) {
    const [a = 0, b = 0, c = 0, e = 0] = squares.slice(row, row + 4);
    q = round(q + round(round(a + b) + round(c + e)));
  }
  return q;
}

/** ‖M (x − mu) − offset‖². */
export function mahalanobisTied(x: Numbers, mu: Numbers, M: Numbers, offset: Numbers, round: Round): number {
  const d = x.length;
  let q = 0;
  for (let row = 0; row < d; row++) {
    let sum = 0;
    for (let i = 0; i <= row; i++) sum = round(sum + round(round(x[i]! - mu[i]!) * M[row * d + i]!));
    const z = round(sum - offset[row]!);
    q = round(q + round(z * z));
  }
  return q;
}

/** ‖M (x − mu)‖² for the diagonal m of M. */
export function mahalanobisDiag(x: Numbers, mu: Numbers, m: Numbers, round: Round): number {
  let q = 0;
  for (let i = 0; i < x.length; i++) {
    const z = round(round(x[i]! - mu[i]!) * m[i]!);
    q = round(q + round(z * z));
  }
  return q;
}

/** One row's responsibilities, log-density and most probable component from its squared distances. */
export function responsibilities(
  squares: Numbers,
  constants: Numbers,
  cutoff: number,
): { r: number[]; logProb: number; label: number } {
  const logs = Array.from(squares, (q, j) => (q < Infinity ? constants[j]! - 0.5 * q : -1e300));
  const best = Math.max(...logs);
  const parts = logs.map((l) => (l === best ? 1 : l - best > cutoff ? exp(l - best) : 0));
  const sum = parts.reduce((total, part) => total + part, 0);
  const inverse = 1 / sum;
  const r = parts.map((part) => part * inverse);
  return { r, logProb: sum === 1 ? best : best + log(sum), label: logs.indexOf(best) };
}

/** √weight (x − mu) for each row of x (n × d), and the sum of √weight times that. */
export function weightedRows(
  x: Numbers,
  weights: Numbers,
  mu: Numbers,
  round: Round,
): { panel: number[]; sum: number[] } {
  const d = mu.length;
  const panel: number[] = [];
  const sum = new Array<number>(d).fill(0);
  for (let t = 0; t < weights.length; t++) {
    const root = round(Math.sqrt(weights[t]!));
    for (let i = 0; i < d; i++) {
      const z = round(root * round(x[t * d + i]! - mu[i]!));
      panel.push(z);
      sum[i] = round(sum[i]! + round(root * z));
    }
  }
  return { panel, sum };
}

/** The weighted sum of x − mu over the rows of x (n × d). */
export function firstMoments(x: Numbers, weights: Numbers, mu: Numbers): number[] {
  const sum = new Array<number>(mu.length).fill(0);
  for (let t = 0; t < weights.length; t++)
    for (let i = 0; i < mu.length; i++) sum[i]! += weights[t]! * (x[t * mu.length + i]! - mu[i]!);
  return sum;
}

/** ZᵀZ (d × d) for n × d values Z, each entry summed over the rows in their order. */
export function gram(z: Numbers, n: number, d: number, round: Round): number[] {
  return Array.from({ length: d * d }, (_, at) => {
    let sum = 0;
    for (let t = 0; t < n; t++)
      sum = round(sum + round(z[t * d + Math.floor(at / d)]! * z[t * d + (at % d)]!));
    return sum;
  });
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
