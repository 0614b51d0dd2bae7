import { exp, log } from '../elementary';

/**
 * The layers of a network, forwards and backwards, float32. Matrices that are multiplied have rows of `width`
 * elements, a multiple of 8, and the ones beyond the layer's size are zero. Every entry of a product starts
 * from `init` and adds its terms one after another, in order, whichever tile computes it: leaving out terms
 * that are zero changes nothing but the sign of a zero.
 */

/**
 * out (n × width) = init + x · matrix, with matrix (inner × width). Element (i, k) of x lies at
 * x + i × rowStep + k × innerStep bytes, so that the transpose is read in place. n must be a multiple of 4.
 */
export function productF32(
  x: usize, rowStep: usize, innerStep: usize, n: i32, inner: i32, matrix: usize, width: i32, init: usize,
  out: usize,
): void {
  const bytes = <usize>width << 2, end = <usize>inner * innerStep;
  for (let j: usize = 0; j < bytes; j += 32) {
    const i0 = v128.load(init + j), i1 = v128.load(init + j, 16);
    let x0 = x, o = out + j;
    for (let i = 0; i < n; i += 4) {
      const x1 = x0 + rowStep, x2 = x1 + rowStep, x3 = x2 + rowStep;
      let a0 = i0, a1 = i1, b0 = i0, b1 = i1, c0 = i0, c1 = i1, d0 = i0, d1 = i1;
      let m = matrix + j;
      for (let k: usize = 0; k < end; k += innerStep) {
        const m0 = v128.load(m), m1 = v128.load(m, 16);
        const a = v128.load_splat<f32>(x0 + k);
        a0 = f32x4.add(a0, f32x4.mul(a, m0)); a1 = f32x4.add(a1, f32x4.mul(a, m1));
        const b = v128.load_splat<f32>(x1 + k);
        b0 = f32x4.add(b0, f32x4.mul(b, m0)); b1 = f32x4.add(b1, f32x4.mul(b, m1));
        const c = v128.load_splat<f32>(x2 + k);
        c0 = f32x4.add(c0, f32x4.mul(c, m0)); c1 = f32x4.add(c1, f32x4.mul(c, m1));
        const d = v128.load_splat<f32>(x3 + k);
        d0 = f32x4.add(d0, f32x4.mul(d, m0)); d1 = f32x4.add(d1, f32x4.mul(d, m1));
        m += bytes;
      }
      v128.store(o, a0); v128.store(o, a1, 16); o += bytes;
      v128.store(o, b0); v128.store(o, b1, 16); o += bytes;
      v128.store(o, c0); v128.store(o, c1, 16); o += bytes;
      v128.store(o, d0); v128.store(o, d1, 16); o += bytes;
      x0 = x3 + rowStep;
    }
  }
}

/** Each of n rows of out becomes `row` (width, a multiple of 4). */
export function repeatRowF32(row: usize, width: i32, n: i32, out: usize): void {
  const bytes = <usize>width << 2;
  for (let i = 0; i < n; i++) {
    for (let k: usize = 0; k < bytes; k += 16) v128.store(out + k, v128.load(row + k));
    out += bytes;
  }
}

/** out (width) = the sum of n rows, one after another. */
export function columnSumsF32(x: usize, n: i32, width: i32, out: usize): void {
  const bytes = <usize>width << 2;
  for (let j: usize = 0; j < bytes; j += 16) {
    let sum = f32x4.splat(0), row = x + j;
    for (let i = 0; i < n; i++) {
      sum = f32x4.add(sum, v128.load(row));
      row += bytes;
    }
    v128.store(out + j, sum);
  }
}

/** out = max(x, 0), for n values, a multiple of 4. */
export function reluF32(x: usize, n: i32, out: usize): void {
  const zero = f32x4.splat(0), bytes = <usize>n << 2;
  for (let k: usize = 0; k < bytes; k += 16) v128.store(out + k, f32x4.max(v128.load(x + k), zero));
}

/**
 * The derivative of `reluF32`: delta stays where after > 0 and becomes 0 elsewhere, for n values, a multiple
 * of 4.
 */
export function reluBackF32(after: usize, n: i32, delta: usize): void {
  const zero = f32x4.splat(0), bytes = <usize>n << 2;
  for (let k: usize = 0; k < bytes; k += 16)
    v128.store(delta + k, v128.and(v128.load(delta + k), f32x4.gt(v128.load(after + k), zero)));
}

/**
 * out (k) = exp(x − log Σ exp x), in float64 and relative to the largest x.
 * @returns log Σ exp x
 */
// @ts-ignore: decorator
@inline function softmaxRow(x: usize, k: i32, out: usize): f64 {
  let largest = load<f32>(x);
  for (let j = 1; j < k; j++) largest = max(largest, load<f32>(x + (<usize>j << 2)));
  let sum: f64 = 0;
  for (let j = 0; j < k; j++) {
    const e = exp(<f64>load<f32>(x + (<usize>j << 2)) - <f64>largest);
    store<f32>(out + (<usize>j << 2), <f32>e);
    sum += e;
  }
  const scale = 1.0 / sum;
  for (let j = 0; j < k; j++) {
    const at = out + (<usize>j << 2);
    store<f32>(at, <f32>(<f64>load<f32>(at) * scale));
  }
  return <f64>largest + log(sum);
}

/** The softmax of the first k of the `width` elements of each of n rows; the others are left alone. */
export function softmaxF32(x: usize, n: i32, width: i32, k: i32, out: usize): void {
  for (let i = 0; i < n; i++) {
    softmaxRow(x, k, out);
    x += <usize>width << 2;
    out += <usize>width << 2;
  }
}

/**
 * The gradient of the mean cross-entropy of n rows of logits: delta = (softmax − one-hot target) / n. The
 * target of row i is target[rows[i]] (target: i32, rows: u32).
 * @returns the mean cross-entropy, in nats
 */
export function crossEntropyF32(
  logits: usize, target: usize, rows: usize, n: i32, width: i32, k: i32, delta: usize,
): f64 {
  let loss: f64 = 0;
  const share = <f32>(1.0 / <f64>n);
  for (let i = 0; i < n; i++) {
    const y = <usize>load<i32>(target + (<usize>load<u32>(rows + (<usize>i << 2)) << 2)) << 2;
    loss += softmaxRow(logits, k, delta) - <f64>load<f32>(logits + y);
    store<f32>(delta + y, load<f32>(delta + y) - 1);
    for (let j = 0; j < k; j++) {
      const at = delta + (<usize>j << 2);
      store<f32>(at, load<f32>(at) * share);
    }
    logits += <usize>width << 2;
    delta += <usize>width << 2;
  }
  return loss / <f64>n;
}
