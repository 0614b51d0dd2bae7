import { atOnce, type Pieces } from '../breather.ts';
import { powerOfTwo } from '../powerOfTwo.ts';

/** Eigenvalues, largest first, and the unit eigenvectors that belong to them. */
export interface SymmetricEigen {
  /** Length n, decreasing. */
  readonly values: Float64Array;
  /** n × n row-major: row i is the eigenvector of value i, its entry of largest magnitude positive. */
  readonly vectors: Float64Array;
}

/**
 * For each value, on average. QL needs 1.7 of them; but while it looks for the first value of a graded or clustered
 * spectrum, it may find all the others, so only the sum says something.
 */
const MOST_SWEEPS = 30;

/**
 * What couples nothing in a matrix whose largest entry is about 1. Repeated columns leave a tridiagonal form that fades
 * out to the smallest numbers there are, 4.9e-324, of which ε times is 0: nothing would ever be small enough beside them.
 */
const NOTHING = 2 ** -900;

/**
 * A = V diag(λ) Vᵀ for a symmetric matrix: Householder reflections to tridiagonal form, then QL with implicit shifts
 * (Dubrulle, Martin and Wilkinson: *The Implicit QL Algorithm*, Numerische Mathematik 12, 1968; EISPACK tred2 and
 * imtql2). Everything runs along rows, in float64, with + − × ÷ √ alone: the same bits everywhere. Errors of the
 * eigenvalues are some ε ‖A‖; about 3 n³ multiplications.
 * @param matrix n × n row-major, both halves; only the lower one is computed with
 * @throws RangeError if an entry is not finite
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  return atOnce(symmetricEigenPieces(matrix, n));
}

/** `symmetricEigen` in pieces of O(n²). */
export function* symmetricEigenPieces(matrix: Float64Array, n: number): Pieces<SymmetricEigen> {
  const largest = largestMagnitude(matrix);
  if (!Number.isFinite(largest))
    throw new RangeError(`symmetricEigen: the matrix must be finite; it has an entry of ${largest}`);
  const scale = powerOfTwo(largest); // so that no product over- or underflows that matters
  const a = matrix.map((entry) => entry / scale);
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n); // beside[i] couples i and i + 1
  const factors = yield* tridiagonalize(a, n, diagonal, beside);
  const vectors = yield* reflections(a, n, factors);
  yield* implicitQl(diagonal, beside, vectors, n);
  return sortedAndSigned(
    diagonal.map((value) => value * scale),
    vectors,
    n,
  );
}

/**
 * For i = n − 1 … 1, I − βvvᵀ turns row i left of its neighbor to zero. v is left in row i of `a`, β returned at i
 * (0 where nothing was to be done).
 */
function* tridiagonalize(
  a: Float64Array,
  n: number,
  diagonal: Float64Array,
  beside: Float64Array,
): Pieces<Float64Array> {
  const factors = new Float64Array(n);
  const p = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    yield;
    const v = a.subarray(i * n, i * n + i);
    diagonal[i] = a[i * n + i]!;
    let largest = 0;
    for (let j = 0; j < i - 1; j++) largest = Math.max(largest, Math.abs(v[j]!));
    if (largest === 0) {
      beside[i - 1] = v[i - 1]!;
      continue;
    }
    largest = Math.max(largest, Math.abs(v[i - 1]!));
    let squares = 0;
    for (let j = 0; j < i; j++) {
      v[j]! /= largest; // so that no square over- or underflows
      squares += v[j]! * v[j]!;
    }
    const last = v[i - 1]!;
    const norm = last > 0 ? -Math.sqrt(squares) : Math.sqrt(squares); // away from `last`: no cancellation
    beside[i - 1] = norm * largest;
    v[i - 1] = last - norm;
    const beta = 1 / (squares - last * norm);
    factors[i] = beta;

    // a ← (I − βvvᵀ) a (I − βvvᵀ) on the leading i × i, lower half: a − vwᵀ − wvᵀ, w = p − ½β(pᵀv) v, p = βav
    p.fill(0, 0, i);
    for (let r = 0; r < i; r++) {
      const row = a.subarray(r * n, r * n + r + 1);
      const vr = v[r]!;
      let sum = row[r]! * vr;
      for (let c = 0; c < r; c++) {
        sum += row[c]! * v[c]!;
        p[c]! += row[c]! * vr;
      }
      p[r]! += sum;
    }
    let along = 0;
    for (let j = 0; j < i; j++) {
      p[j]! *= beta;
      along += p[j]! * v[j]!;
    }
    const half = 0.5 * beta * along;
    for (let j = 0; j < i; j++) p[j]! -= half * v[j]!;
    for (let r = 0; r < i; r++) {
      const row = a.subarray(r * n, r * n + r + 1);
      const vr = v[r]!;
      const wr = p[r]!;
      for (let c = 0; c <= r; c++) row[c]! -= vr * p[c]! + wr * v[c]!;
    }
  }
  diagonal[0] = a[0]!;
  return factors;
}

/** The product of the reflections, row by row what `implicitQl` turns into eigenvectors. */
function* reflections(a: Float64Array, n: number, factors: Float64Array): Pieces<Float64Array> {
  const product = new Float64Array(n * n);
  for (let i = 0; i < n; i++) product[i * n + i] = 1;
  for (let i = 1; i < n; i++) {
    yield;
    const beta = factors[i]!;
    if (beta === 0) continue;
    const v = a.subarray(i * n, i * n + i);
    for (let r = 0; r < i; r++) {
      const row = product.subarray(r * n, r * n + i);
      let along = 0;
      for (let c = 0; c < i; c++) along += row[c]! * v[c]!;
      along *= beta;
      for (let c = 0; c < i; c++) row[c]! -= along * v[c]!;
    }
  }
  return product;
}

/** Turns `diagonal` into eigenvalues and the rows of `vectors` into eigenvectors. */
function* implicitQl(
  diagonal: Float64Array,
  beside: Float64Array,
  vectors: Float64Array,
  n: number,
): Pieces<void> {
  let sweeps = 0;
  for (let low = 0; low < n; low++)
    for (;;) {
      let high = low;
      for (; high < n - 1; high++) {
        const size = Math.abs(diagonal[high]!) + Math.abs(diagonal[high + 1]!);
        if (Math.abs(beside[high]!) <= Math.max(Number.EPSILON * size, NOTHING)) break;
      }
      if (high === low) break;
      if (sweeps++ === MOST_SWEEPS * n)
        throw new Error(
          `symmetricEigen: eigenvalue ${low} of ${n} did not converge; please report this matrix`,
        );
      chase(diagonal, beside, vectors, n, low, high);
      yield;
    }
}

/** One QL step on the unreduced block low … high: plane rotations from its end to its beginning. */
function chase(
  diagonal: Float64Array,
  beside: Float64Array,
  vectors: Float64Array,
  n: number,
  low: number,
  high: number,
): void {
  // Wilkinson's shift: the eigenvalue of the first 2 × 2 that is nearer to its first entry.
  const slope = (diagonal[low + 1]! - diagonal[low]!) / (2 * beside[low]!);
  const root = length(slope, 1);
  let g = diagonal[high]! - diagonal[low]! + beside[low]! / (slope + (slope < 0 ? -root : root));
  let sine = 1;
  let cosine = 1;
  let shift = 0;
  for (let i = high - 1; i >= low; i--) {
    const f = sine * beside[i]!;
    const b = cosine * beside[i]!;
    const r = length(f, g);
    beside[i + 1] = r;
    if (r === 0) {
      // The block came apart by underflow: go on with its pieces.
      diagonal[i + 1]! -= shift;
      beside[high] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = diagonal[i + 1]! - shift;
    const t = (diagonal[i]! - g) * sine + 2 * cosine * b;
    shift = sine * t;
    diagonal[i + 1] = g + shift;
    g = cosine * t - b;
    rotate(vectors, n, i, sine, cosine);
  }
  diagonal[low]! -= shift;
  beside[low] = g;
  beside[high] = 0;
}

/** Rows i and i + 1 turned into cos · i − sin · (i + 1) and sin · i + cos · (i + 1). */
function rotate(vectors: Float64Array, n: number, i: number, sine: number, cosine: number): void {
  const upper = vectors.subarray(i * n, i * n + n);
  const lower = vectors.subarray(i * n + n, i * n + 2 * n);
  for (let c = 0; c < n; c++) {
    const u = upper[c]!;
    const l = lower[c]!;
    lower[c] = sine * u + cosine * l;
    upper[c] = cosine * u - sine * l;
  }
}

function largestMagnitude(values: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}

/** √(a² + b²) without overflow. */
function length(a: number, b: number): number {
  const large = Math.max(Math.abs(a), Math.abs(b));
  const small = Math.min(Math.abs(a), Math.abs(b));
  if (large === 0) return 0;
  const ratio = small / large;
  return large * Math.sqrt(1 + ratio * ratio);
}

function sortedAndSigned(values: Float64Array, vectors: Float64Array, n: number): SymmetricEigen {
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
  const sorted = new Float64Array(n * n);
  order.forEach((from, to) => {
    sorted.set(vectors.subarray(from * n, from * n + n), to * n);
    pointAxis(sorted.subarray(to * n, to * n + n));
  });
  return { values: Float64Array.from(order, (from) => values[from]! + 0), vectors: sorted };
}

/** Turns an axis so that its entry of largest magnitude (the first of equals) is positive. */
export function pointAxis(axis: Float64Array): void {
  let largest = 0;
  for (const entry of axis) if (Math.abs(entry) > Math.abs(largest)) largest = entry;
  const sign = largest < 0 ? -1 : 1;
  for (let j = 0; j < axis.length; j++) axis[j] = sign * axis[j]! + 0; // + 0: no −0, which JSON would lose
}
