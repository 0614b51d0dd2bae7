import { horizontal } from './lanes';

/**
 * Dot products of rows with rows (centers, weights). Rows have `stride` elements, a whole number of 16-byte
 * vectors, and the lanes beyond the features are zero. A product is a lane-wise sum over the row, then (lane
 * 0 + lane 1) + (lane 2 + lane 3), or lane 0 + lane 1 in float64, whichever tile computes it.
 */

/** 2 rows with 4 centers. `bytes` is the length of a row. */
// @ts-ignore: decorator
@inline function tile2x4<T>(x0: usize, x1: usize, c: usize, bytes: usize, out: usize, outBytes: usize): void {
  const c1 = c + bytes, c2 = c1 + bytes, c3 = c2 + bytes;
  let s00 = v128.splat<T>(0), s01 = s00, s02 = s00, s03 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00;
  for (let k: usize = 0; k < bytes; k += 16) {
    const a0 = v128.load(x0 + k), a1 = v128.load(x1 + k);
    const b0 = v128.load(c + k);
    s00 = v128.add<T>(s00, v128.mul<T>(a0, b0)); s10 = v128.add<T>(s10, v128.mul<T>(a1, b0));
    const b1 = v128.load(c1 + k);
    s01 = v128.add<T>(s01, v128.mul<T>(a0, b1)); s11 = v128.add<T>(s11, v128.mul<T>(a1, b1));
    const b2 = v128.load(c2 + k);
    s02 = v128.add<T>(s02, v128.mul<T>(a0, b2)); s12 = v128.add<T>(s12, v128.mul<T>(a1, b2));
    const b3 = v128.load(c3 + k);
    s03 = v128.add<T>(s03, v128.mul<T>(a0, b3)); s13 = v128.add<T>(s13, v128.mul<T>(a1, b3));
  }
  store<T>(out, horizontal<T>(s00)); store<T>(out, horizontal<T>(s01), sizeof<T>());
  store<T>(out, horizontal<T>(s02), 2 * sizeof<T>()); store<T>(out, horizontal<T>(s03), 3 * sizeof<T>());
  out += outBytes;
  store<T>(out, horizontal<T>(s10)); store<T>(out, horizontal<T>(s11), sizeof<T>());
  store<T>(out, horizontal<T>(s12), 2 * sizeof<T>()); store<T>(out, horizontal<T>(s13), 3 * sizeof<T>());
}

/** 4 rows with 2 centers. */
// @ts-ignore: decorator
@inline function tile4x2<T>(
  x0: usize, x1: usize, x2: usize, x3: usize, c: usize, bytes: usize, out: usize, outBytes: usize,
): void {
  const c1 = c + bytes;
  let s00 = v128.splat<T>(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  for (let k: usize = 0; k < bytes; k += 16) {
    const b0 = v128.load(c + k), b1 = v128.load(c1 + k);
    const a0 = v128.load(x0 + k);
    s00 = v128.add<T>(s00, v128.mul<T>(a0, b0)); s01 = v128.add<T>(s01, v128.mul<T>(a0, b1));
    const a1 = v128.load(x1 + k);
    s10 = v128.add<T>(s10, v128.mul<T>(a1, b0)); s11 = v128.add<T>(s11, v128.mul<T>(a1, b1));
    const a2 = v128.load(x2 + k);
    s20 = v128.add<T>(s20, v128.mul<T>(a2, b0)); s21 = v128.add<T>(s21, v128.mul<T>(a2, b1));
    const a3 = v128.load(x3 + k);
    s30 = v128.add<T>(s30, v128.mul<T>(a3, b0)); s31 = v128.add<T>(s31, v128.mul<T>(a3, b1));
  }
  store<T>(out, horizontal<T>(s00)); store<T>(out, horizontal<T>(s01), sizeof<T>()); out += outBytes;
  store<T>(out, horizontal<T>(s10)); store<T>(out, horizontal<T>(s11), sizeof<T>()); out += outBytes;
  store<T>(out, horizontal<T>(s20)); store<T>(out, horizontal<T>(s21), sizeof<T>()); out += outBytes;
  store<T>(out, horizontal<T>(s30)); store<T>(out, horizontal<T>(s31), sizeof<T>());
}

/** 4 rows with k centers. */
// @ts-ignore: decorator
@inline function fourRows<T>(
  x0: usize, x1: usize, x2: usize, x3: usize, bytes: usize, c: usize, k: i32, out: usize,
): void {
  const outBytes = <usize>k * sizeof<T>();
  let j = 0;
  for (; j + 4 <= k; j += 4) {
    const cj = c + <usize>j * bytes, o = out + <usize>j * sizeof<T>();
    tile2x4<T>(x0, x1, cj, bytes, o, outBytes);
    tile2x4<T>(x2, x3, cj, bytes, o + 2 * outBytes, outBytes);
  }
  if (j < k) tile4x2<T>(x0, x1, x2, x3, c + <usize>j * bytes, bytes, out + <usize>j * sizeof<T>(), outBytes);
}

/**
 * x·c for n rows and k centers: out (n × k). n must be a multiple of 4 and k of 2, so callers pad with rows
 * of zeros.
 */
// @ts-ignore: decorator
@inline function dots<T>(x: usize, n: i32, stride: i32, c: usize, k: i32, out: usize): void {
  const bytes = <usize>stride * sizeof<T>();
  for (let i = 0; i < n; i += 4) {
    fourRows<T>(x, x + bytes, x + 2 * bytes, x + 3 * bytes, bytes, c, k, out);
    x += 4 * bytes;
    out += 4 * <usize>k * sizeof<T>();
  }
}
export function dotsF32(
  x: usize, n: i32, stride: i32, c: usize, k: i32, out: usize,
): void {
  dots<f32>(x, n, stride, c, k, out);
}
export function dotsF64(
  x: usize, n: i32, stride: i32, c: usize, k: i32, out: usize,
): void {
  dots<f64>(x, n, stride, c, k, out);
}

/**
 * Elements whose products are summed among themselves before they join the sum so far: this keeps rounding
 * small.
 */
const CHUNK: usize = 64;

/**
 * 4 rows with `vectors` ≤ 2 vectors of centers over `count` elements: with `more` the products are added to
 * those at `out`, without it they are written there.
 */
// @ts-ignore: decorator
@inline function panelTile<T>(
  vectors: i32, x0: usize, x1: usize, x2: usize, x3: usize, c: usize, count: usize, more: bool, out: usize,
  outBytes: usize,
): void {
  let a0 = v128.splat<T>(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (const end = x0 + count * sizeof<T>(); x0 < end; x0 += sizeof<T>()) {
    const p = v128.load(c), q = vectors > 1 ? v128.load(c, 16) : p;
    const v0 = v128.load_splat<T>(x0), v1 = v128.load_splat<T>(x1), v2 = v128.load_splat<T>(x2);
    const v3 = v128.load_splat<T>(x3);
    a0 = v128.add<T>(a0, v128.mul<T>(v0, p)); a1 = v128.add<T>(a1, v128.mul<T>(v1, p));
    a2 = v128.add<T>(a2, v128.mul<T>(v2, p)); a3 = v128.add<T>(a3, v128.mul<T>(v3, p));
    if (vectors > 1) {
      b0 = v128.add<T>(b0, v128.mul<T>(v0, q)); b1 = v128.add<T>(b1, v128.mul<T>(v1, q));
      b2 = v128.add<T>(b2, v128.mul<T>(v2, q)); b3 = v128.add<T>(b3, v128.mul<T>(v3, q));
    }
    c += <usize>vectors << 4;
    x1 += sizeof<T>(); x2 += sizeof<T>(); x3 += sizeof<T>();
  }
  const out1 = out + outBytes, out2 = out1 + outBytes, out3 = out2 + outBytes;
  if (more) {
    a0 = v128.add<T>(v128.load(out), a0); a1 = v128.add<T>(v128.load(out1), a1);
    a2 = v128.add<T>(v128.load(out2), a2); a3 = v128.add<T>(v128.load(out3), a3);
    if (vectors > 1) {
      b0 = v128.add<T>(v128.load(out, 16), b0); b1 = v128.add<T>(v128.load(out1, 16), b1);
      b2 = v128.add<T>(v128.load(out2, 16), b2); b3 = v128.add<T>(v128.load(out3, 16), b3);
    }
  }
  v128.store(out, a0); v128.store(out1, a1); v128.store(out2, a2); v128.store(out3, a3);
  if (vectors > 1) {
    v128.store(out, b0, 16); v128.store(out1, b1, 16); v128.store(out2, b2, 16); v128.store(out3, b3, 16);
  }
}

/** n listed rows with one panel of centers. */
// @ts-ignore: decorator
@inline function panel<T>(
  vectors: i32, x: usize, stride: i32, list: usize, n: i32, c: usize, out: usize, outBytes: usize,
): void {
  const bytes = <usize>stride * sizeof<T>();
  for (let i = 0; i < n; i += 4) {
    const x0 = x + <usize>load<i32>(list) * bytes, x1 = x + <usize>load<i32>(list, 4) * bytes;
    const x2 = x + <usize>load<i32>(list, 8) * bytes, x3 = x + <usize>load<i32>(list, 12) * bytes;
    let p = c;
    for (let from: usize = 0; from < <usize>stride; from += CHUNK) {
      const count = min<usize>(CHUNK, <usize>stride - from), at = from * sizeof<T>();
      panelTile<T>(vectors, x0 + at, x1 + at, x2 + at, x3 + at, p, count, from > 0, out, outBytes);
      p += count * (<usize>vectors << 4);
    }
    list += 16;
    out += 4 * outBytes;
  }
}

/**
 * x·c of the n rows that `list` (i32) names with `width` centers, a whole number of vectors: out (n × width).
 * The centers are stored in panels of two vectors each; the last panel has one vector if they do not fill
 * two. A panel holds element after element. A product is a sum of sums over 64 elements. n must be a multiple
 * of 4, so callers repeat a row.
 */
// @ts-ignore: decorator
@inline function panelDots<T>(
  x: usize, stride: i32, list: usize, n: i32, c: usize, width: i32, out: usize,
): void {
  const outBytes = <usize>width * sizeof<T>();
  let left = outBytes;
  for (; left >= 32; left -= 32) {
    panel<T>(2, x, stride, list, n, c, out, outBytes);
    c += <usize>stride << 5;
    out += 32;
  }
  if (left) panel<T>(1, x, stride, list, n, c, out, outBytes);
}
export function panelDotsF32(
  x: usize, stride: i32, list: usize, n: i32, c: usize, width: i32, out: usize,
): void {
  panelDots<f32>(x, stride, list, n, c, width, out);
}
export function panelDotsF64(
  x: usize, stride: i32, list: usize, n: i32, c: usize, width: i32, out: usize,
): void {
  panelDots<f64>(x, stride, list, n, c, width, out);
}
