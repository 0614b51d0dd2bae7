import { horizontal } from '../lanes';

/**
 * Distances from rows to centers by differences. Rows and centers have `stride` elements, a whole number of
 * 16-byte vectors, and the lanes beyond the features are zero. Sums over features are lane-wise, then (lane 0
 * + lane 1) + (lane 2 + lane 3), or lane 0 + lane 1 in float64, so that a result does not depend on the tile
 * that computed it.
 */

/** Σ (x − c)² over `bytes` of a row. */
// @ts-ignore: decorator
@inline function distance<T>(x: usize, c: usize, bytes: usize): f64 {
  let sum = v128.splat<T>(0);
  for (let k: usize = 0; k < bytes; k += 16) {
    const d = v128.sub<T>(v128.load(x + k), v128.load(c + k));
    sum = v128.add<T>(sum, v128.mul<T>(d, d));
  }
  return <f64>horizontal<T>(sum);
}

/** Σ (m (x − c))², where the mask m of zeros and ones lies `bytes` after the row. */
// @ts-ignore: decorator
@inline function maskedDistance<T>(x: usize, c: usize, bytes: usize): f64 {
  let sum = v128.splat<T>(0);
  for (let k: usize = 0; k < bytes; k += 16) {
    const d = v128.mul<T>(v128.load(x + k + bytes), v128.sub<T>(v128.load(x + k), v128.load(c + k)));
    sum = v128.add<T>(sum, v128.mul<T>(d, d));
  }
  return <f64>horizontal<T>(sum);
}

/** Σ (x − c)² of one row to each of four centers: out (f64, 4). */
// @ts-ignore: decorator
@inline function distance4<T>(x: usize, c: usize, stride: usize, bytes: usize, out: usize): void {
  const c1 = c + stride, c2 = c1 + stride, c3 = c2 + stride;
  let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0;
  for (let k: usize = 0; k < bytes; k += 16) {
    const a = v128.load(x + k);
    const d0 = v128.sub<T>(a, v128.load(c + k)); s0 = v128.add<T>(s0, v128.mul<T>(d0, d0));
    const d1 = v128.sub<T>(a, v128.load(c1 + k)); s1 = v128.add<T>(s1, v128.mul<T>(d1, d1));
    const d2 = v128.sub<T>(a, v128.load(c2 + k)); s2 = v128.add<T>(s2, v128.mul<T>(d2, d2));
    const d3 = v128.sub<T>(a, v128.load(c3 + k)); s3 = v128.add<T>(s3, v128.mul<T>(d3, d3));
  }
  store<f64>(out, <f64>horizontal<T>(s0)); store<f64>(out, <f64>horizontal<T>(s1), 8);
  store<f64>(out, <f64>horizontal<T>(s2), 16); store<f64>(out, <f64>horizontal<T>(s3), 24);
}

/**
 * ‖x − c‖² for n rows and k centers: out (f64, n × k). Only the first `width` elements of a row count; with
 * `masked`, they are followed by as many mask elements.
 */
// @ts-ignore: decorator
@inline function distances<T>(
  x: usize, n: i32, stride: i32, width: i32, masked: i32, c: usize, k: i32, out: usize,
): void {
  const rowBytes = <usize>stride * sizeof<T>(), bytes = <usize>width * sizeof<T>();
  for (let i = 0; i < n; i++) {
    let j = 0;
    if (!masked) for (; j + 4 <= k; j += 4) {
      distance4<T>(x, c + <usize>j * rowBytes, rowBytes, bytes, out);
      out += 32;
    }
    for (; j < k; j++) {
      const cj = c + <usize>j * rowBytes;
      store<f64>(out, masked ? maskedDistance<T>(x, cj, bytes) : distance<T>(x, cj, bytes));
      out += 8;
    }
    x += rowBytes;
  }
}
export function distancesF32(
  x: usize, n: i32, stride: i32, width: i32, masked: i32, c: usize, k: i32, out: usize,
): void {
  distances<f32>(x, n, stride, width, masked, c, k, out);
}
export function distancesF64(
  x: usize, n: i32, stride: i32, width: i32, masked: i32, c: usize, k: i32, out: usize,
): void {
  distances<f64>(x, n, stride, width, masked, c, k, out);
}

/**
 * ‖x − c‖² from each of n rows to the one center that its label (i32) names: out (f64, n). See `distances`.
 */
// @ts-ignore: decorator
@inline function ownDistances<T>(
  x: usize, n: i32, stride: i32, width: i32, masked: i32, c: usize, label: usize, out: usize,
): void {
  const rowBytes = <usize>stride * sizeof<T>(), bytes = <usize>width * sizeof<T>();
  for (let i = 0; i < n; i++) {
    const own = c + <usize>load<i32>(label) * rowBytes;
    store<f64>(out, masked ? maskedDistance<T>(x, own, bytes) : distance<T>(x, own, bytes));
    x += rowBytes;
    label += 4;
    out += 8;
  }
}
export function ownDistancesF32(
  x: usize, n: i32, stride: i32, width: i32, masked: i32, c: usize, label: usize, out: usize,
): void {
  ownDistances<f32>(x, n, stride, width, masked, c, label, out);
}
export function ownDistancesF64(
  x: usize, n: i32, stride: i32, width: i32, masked: i32, c: usize, label: usize, out: usize,
): void {
  ownDistances<f64>(x, n, stride, width, masked, c, label, out);
}

/** Σ |x − c| over a row, for n rows and k centers: out (f64, n × k). */
// @ts-ignore: decorator
@inline function manhattan<T>(x: usize, n: i32, stride: i32, c: usize, k: i32, out: usize): void {
  const bytes = <usize>stride * sizeof<T>();
  for (let i = 0; i < n; i++, x += bytes) {
    let center = c;
    for (let j = 0; j < k; j++, center += bytes, out += 8) {
      let sum = v128.splat<T>(0);
      for (let at: usize = 0; at < bytes; at += 16)
        sum = v128.add<T>(sum, v128.abs<T>(v128.sub<T>(v128.load(x + at), v128.load(center + at))));
      store<f64>(out, <f64>horizontal<T>(sum));
    }
  }
}
export function manhattanF32(
  x: usize, n: i32, stride: i32, c: usize, k: i32, out: usize,
): void {
  manhattan<f32>(x, n, stride, c, k, out);
}
export function manhattanF64(
  x: usize, n: i32, stride: i32, c: usize, k: i32, out: usize,
): void {
  manhattan<f64>(x, n, stride, c, k, out);
}
