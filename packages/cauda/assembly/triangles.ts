/**
 * Symmetric and triangular matrices, all float64: factors, inverses and packed upper halves. Unless they are
 * packed, matrices have rows of `stride` elements.
 */

/** Σ x[i] y[i] over n values, in two lanes and then the tail. */
// @ts-ignore: decorator
@inline function dot(x: usize, y: usize, n: i32): f64 {
  let sum = f64x2.splat(0);
  const last = x + (<usize>(n & ~1) << 3);
  while (x < last) {
    sum = f64x2.add(sum, f64x2.mul(v128.load(x), v128.load(y)));
    x += 16;
    y += 16;
  }
  const total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  return n & 1 ? total + load<f64>(x) * load<f64>(y) : total;
}

/**
 * Replaces the lower half of the d × d matrix A at `a` by its Cholesky factor L, A = L Lᵀ; the rest is not
 * touched.
 * @returns −1, or the index of the first pivot that is not in (0, ∞)
 */
export function cholesky(a: usize, d: i32, stride: i32): i32 {
  const bytes = <usize>stride << 3;
  for (let i = 0, row = a; i < d; i++, row += bytes) {
    for (let j = 0, above = a; j < i; j++, above += bytes) {
      const at = row + (<usize>j << 3);
      store<f64>(at, (load<f64>(at) - dot(row, above, j)) / load<f64>(above + (<usize>j << 3)));
    }
    const at = row + (<usize>i << 3);
    const pivot = load<f64>(at) - dot(row, row, i);
    if (!(pivot > 0 && pivot < Infinity)) return i;
    store<f64>(at, sqrt<f64>(pivot));
  }
  return -1;
}

/** out (d rows) = L⁻¹ for the lower triangular L at l; the upper half is set to 0. `stride` must be even. */
export function invertLower(l: usize, d: i32, stride: i32, out: usize): void {
  const bytes = <usize>stride << 3;
  for (let i = 0, row = out; i < d; i++, row += bytes, l += bytes) {
    memory.fill(row, 0, bytes);
    const at = row + (<usize>i << 3);
    const inverse = 1.0 / load<f64>(l + (<usize>i << 3));
    for (let j = 0, above = out; j < i; j++, above += bytes) {
      const w = f64x2.splat(-load<f64>(l + (<usize>j << 3)) * inverse);
      const end = <usize>(j + 1) << 3;
      for (let c: usize = 0; c < end; c += 16)
        v128.store(row + c, f64x2.add(v128.load(row + c), f64x2.mul(w, v128.load(above + c))));
    }
    store<f64>(at, inverse);
  }
}

/** out += the upper half of `matrix` (d rows of `wide` elements); out is packed, row after row. */
export function addUpper(matrix: usize, wide: i32, d: i32, out: usize): void {
  for (let i = 0; i < d; i++) {
    const row = matrix + (<usize>(i * wide) << 3);
    let j = i;
    for (; j + 2 <= d; j += 2, out += 16)
      v128.store(out, f64x2.add(v128.load(out), v128.load(row + (<usize>j << 3))));
    if (j < d) {
      store<f64>(out, load<f64>(out) + load<f64>(row + (<usize>j << 3)));
      out += 8;
    }
  }
}

/**
 * Moves the point from which second moments are taken by δ (d): out, a packed upper half, becomes
 * out − (s δᵀ + δ sᵀ − total δ δᵀ), where s (d) are the first moments and `total` is the weight of the rows.
 */
export function shiftUpper(s: usize, delta: usize, total: f64, d: i32, out: usize): void {
  for (let i = 0; i < d; i++) {
    const step = load<f64>(delta + (<usize>i << 3));
    const a = f64x2.splat(load<f64>(s + (<usize>i << 3)) - total * step), b = f64x2.splat(step);
    let j = i;
    for (; j + 2 <= d; j += 2, out += 16) {
      const at = <usize>j << 3;
      const change = f64x2.add(f64x2.mul(a, v128.load(delta + at)), f64x2.mul(b, v128.load(s + at)));
      v128.store(out, f64x2.sub(v128.load(out), change));
    }
    if (j < d) {
      const at = <usize>j << 3;
      const change = f64x2.extract_lane(a, 0) * load<f64>(delta + at) + step * load<f64>(s + at);
      store<f64>(out, load<f64>(out) - change);
      out += 8;
    }
  }
}

/**
 * How far M L is from a rotation, for lower triangles M and L (d rows; nothing above the diagonal is read;
 * `stride` must be a multiple of 4). product, square: scratch of the same shape.
 * @returns ‖G²‖_F^½ ≥ ‖G‖₂ with G = (M L)(M L)ᵀ − I
 */
export function driftNorm(m: usize, l: usize, d: i32, stride: i32, product: usize, square: usize): f64 {
  const bytes = <usize>stride << 3;
  for (let i = 0; i < d; i++) {
    const row = product + <usize>i * bytes;
    memory.fill(row, 0, bytes);
    memory.fill(square + <usize>i * bytes, 0, bytes);
    for (let t = 0; t <= i; t++) {
      const w = f64x2.splat(load<f64>(m + <usize>i * bytes + (<usize>t << 3)));
      const above = l + <usize>t * bytes;
      const whole = <usize>((t + 1) & ~1) << 3;
      for (let j: usize = 0; j < whole; j += 16)
        v128.store(row + j, f64x2.add(v128.load(row + j), f64x2.mul(w, v128.load(above + j))));
      if (t & 1) continue;
      const last = f64x2.extract_lane(w, 0) * load<f64>(above + whole);
      store<f64>(row + whole, load<f64>(row + whole) + last);
    }
  }
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      const end = <usize>((j + 4) & ~3) << 3; // zeros follow the diagonal
      const v = fourDots(product + <usize>i * bytes, product + <usize>j * bytes, end) - (i == j ? 1.0 : 0.0);
      store<f64>(square + <usize>i * bytes + (<usize>j << 3), v);
      store<f64>(square + <usize>j * bytes + (<usize>i << 3), v);
    }
  let sum: f64 = 0;
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      const v = fourDots(square + <usize>i * bytes, square + <usize>j * bytes, bytes);
      sum += (i == j ? 1.0 : 2.0) * v * v;
    }
  return sqrt<f64>(sqrt<f64>(sum));
}

/** Σ x y over `bytes` of values, a multiple of four of them, in four lanes. */
// @ts-ignore: decorator
@inline function fourDots(x: usize, y: usize, bytes: usize): f64 {
  let a = f64x2.splat(0), b = a;
  for (let t: usize = 0; t < bytes; t += 32) {
    a = f64x2.add(a, f64x2.mul(v128.load(x + t), v128.load(y + t)));
    b = f64x2.add(b, f64x2.mul(v128.load(x + t, 16), v128.load(y + t, 16)));
  }
  a = f64x2.add(a, b);
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
}
