import { horizontal } from './dots';

/**
 * K-means kernels. Rows and centers are stored with `stride` elements a row, a whole number of 16-byte vectors, the
 * lanes beyond the features being zero. All sums over features are lane-wise, then
 * (lane 0 + lane 1) + (lane 2 + lane 3), or lane 0 + lane 1 in float64: a result does not depend on the tile that
 * computed it.
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

/** The same where the mask, 0 or 1, lies `bytes` after the row: Σ (m (x − c))². */
// @ts-ignore: decorator
@inline function maskedDistance<T>(x: usize, c: usize, bytes: usize): f64 {
  let sum = v128.splat<T>(0);
  for (let k: usize = 0; k < bytes; k += 16) {
    const d = v128.mul<T>(v128.load(x + k + bytes), v128.sub<T>(v128.load(x + k), v128.load(c + k)));
    sum = v128.add<T>(sum, v128.mul<T>(d, d));
  }
  return <f64>horizontal<T>(sum);
}

/** The same to four centers at once. */
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
 * ‖x − c‖² by differences for n rows and k centers: out (f64, n × k). Only the first `width` elements of a row count;
 * with `masked`, they are followed by as many mask elements.
 */
// @ts-ignore: decorator
@inline function distances<T>(x: usize, n: i32, stride: i32, width: i32, masked: i32, c: usize, k: i32, out: usize): void {
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
export function distancesF32(x: usize, n: i32, stride: i32, width: i32, masked: i32, c: usize, k: i32, out: usize): void { distances<f32>(x, n, stride, width, masked, c, k, out); }
export function distancesF64(x: usize, n: i32, stride: i32, width: i32, masked: i32, c: usize, k: i32, out: usize): void { distances<f64>(x, n, stride, width, masked, c, k, out); }

/** Σ |x − c| over a row, for n rows and k centers: out (f64, n × k). */
// @ts-ignore: decorator
@inline function manhattan<T>(x: usize, n: i32, stride: i32, c: usize, k: i32, out: usize): void {
  const bytes = <usize>stride * sizeof<T>();
  for (let i = 0; i < n; i++, x += bytes) {
    let center = c;
    for (let j = 0; j < k; j++, center += bytes, out += 8) {
      let sum = v128.splat<T>(0);
      for (let at: usize = 0; at < bytes; at += 16) sum = v128.add<T>(sum, v128.abs<T>(v128.sub<T>(v128.load(x + at), v128.load(center + at))));
      store<f64>(out, <f64>horizontal<T>(sum));
    }
  }
}
export function manhattanF32(x: usize, n: i32, stride: i32, c: usize, k: i32, out: usize): void { manhattan<f32>(x, n, stride, c, k, out); }
export function manhattanF64(x: usize, n: i32, stride: i32, c: usize, k: i32, out: usize): void { manhattan<f64>(x, n, stride, c, k, out); }

/** The same from each of n rows to the one center that its label names: out (f64, n). */
// @ts-ignore: decorator
@inline function ownDistances<T>(x: usize, n: i32, stride: i32, width: i32, masked: i32, c: usize, label: usize, out: usize): void {
  const rowBytes = <usize>stride * sizeof<T>(), bytes = <usize>width * sizeof<T>();
  for (let i = 0; i < n; i++) {
    const own = c + <usize>load<i32>(label) * rowBytes;
    store<f64>(out, masked ? maskedDistance<T>(x, own, bytes) : distance<T>(x, own, bytes));
    x += rowBytes;
    label += 4;
    out += 8;
  }
}
export function ownDistancesF32(x: usize, n: i32, stride: i32, width: i32, masked: i32, c: usize, label: usize, out: usize): void { ownDistances<f32>(x, n, stride, width, masked, c, label, out); }
export function ownDistancesF64(x: usize, n: i32, stride: i32, width: i32, masked: i32, c: usize, label: usize, out: usize): void { ownDistances<f64>(x, n, stride, width, masked, c, label, out); }

/** sum (f64, stride elements) += weight × x. */
// @ts-ignore: decorator
@inline function addRow<T>(sum: usize, x: usize, stride: i32, weight: f64): void {
  const w = f64x2.splat(weight);
  for (let end = x + <usize>stride * sizeof<T>(); x < end; x += 16) {
    const v = v128.load(x);
    if (sizeof<T>() == 4) {
      v128.store(sum, f64x2.add(v128.load(sum), f64x2.mul(w, f64x2.promote_low_f32x4(v))));
      v128.store(sum, f64x2.add(v128.load(sum, 16), f64x2.mul(w, f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 0, 1)))), 16);
      sum += 32;
    } else {
      v128.store(sum, f64x2.add(v128.load(sum), f64x2.mul(w, v)));
      sum += 16;
    }
  }
}
export function addRowF32(sum: usize, x: usize, stride: i32, weight: f64): void { addRow<f32>(sum, x, stride, weight); }
export function addRowF64(sum: usize, x: usize, stride: i32, weight: f64): void { addRow<f64>(sum, x, stride, weight); }

/** sum += x − origin and square += (x − origin)², column by column, over n rows; both f64, stride elements. */
// @ts-ignore: decorator
@inline function columnMoments<T>(x: usize, n: i32, stride: i32, origin: usize, sum: usize, square: usize): void {
  for (let i = 0; i < n; i++) {
    for (let j: usize = 0; j < <usize>stride; j += 16 / sizeof<T>()) {
      const v = v128.load(x), o = v128.load(origin + j * sizeof<T>());
      x += 16;
      const s = sum + (j << 3), q = square + (j << 3);
      if (sizeof<T>() == 4) {
        const low = f64x2.sub(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(o));
        const high = f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 0, 1)), f64x2.promote_low_f32x4(v128.shuffle<f32>(o, o, 2, 3, 0, 1)));
        v128.store(s, f64x2.add(v128.load(s), low)); v128.store(s, f64x2.add(v128.load(s, 16), high), 16);
        v128.store(q, f64x2.add(v128.load(q), f64x2.mul(low, low))); v128.store(q, f64x2.add(v128.load(q, 16), f64x2.mul(high, high)), 16);
      } else {
        const d = f64x2.sub(v, o);
        v128.store(s, f64x2.add(v128.load(s), d));
        v128.store(q, f64x2.add(v128.load(q), f64x2.mul(d, d)));
      }
    }
  }
}
export function columnMomentsF32(x: usize, n: i32, stride: i32, origin: usize, sum: usize, square: usize): void { columnMoments<f32>(x, n, stride, origin, sum, square); }
export function columnMomentsF64(x: usize, n: i32, stride: i32, origin: usize, sum: usize, square: usize): void { columnMoments<f64>(x, n, stride, origin, sum, square); }
