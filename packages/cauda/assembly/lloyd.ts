/**
 * K-means kernels. Rows and centers are stored with `stride` elements a row, a whole number of 16-byte vectors, the
 * lanes beyond the features being zero. All sums over features are lane-wise, then
 * (lane 0 + lane 1) + (lane 2 + lane 3), or lane 0 + lane 1 in float64: a result does not depend on the tile that
 * computed it.
 */

// @ts-ignore: decorator
@inline function horizontal<T>(v: v128): T {
  if (sizeof<T>() == 4)
    return <T>((f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)));
  return <T>(f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1));
}

/** Dot products of 2 rows with 4 centers. `bytes` is the length of a row. */
// @ts-ignore: decorator
@inline function tile2x4<T>(x: usize, c: usize, bytes: usize, out: usize, outBytes: usize): void {
  const x1 = x + bytes, c1 = c + bytes, c2 = c1 + bytes, c3 = c2 + bytes;
  let s00 = v128.splat<T>(0), s01 = s00, s02 = s00, s03 = s00, s10 = s00, s11 = s00, s12 = s00, s13 = s00;
  for (let k: usize = 0; k < bytes; k += 16) {
    const a0 = v128.load(x + k), a1 = v128.load(x1 + k);
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

/** Dot products of 4 rows with 2 centers. */
// @ts-ignore: decorator
@inline function tile4x2<T>(x: usize, c: usize, bytes: usize, out: usize, outBytes: usize): void {
  const x1 = x + bytes, x2 = x1 + bytes, x3 = x2 + bytes, c1 = c + bytes;
  let s00 = v128.splat<T>(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00;
  for (let k: usize = 0; k < bytes; k += 16) {
    const b0 = v128.load(c + k), b1 = v128.load(c1 + k);
    const a0 = v128.load(x + k);
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

/**
 * x·c for n rows and k centers: out (n × k). n must be a multiple of 4 and k of 2: callers pad with zero rows.
 */
// @ts-ignore: decorator
@inline function dots<T>(x: usize, n: i32, stride: i32, c: usize, k: i32, out: usize): void {
  const bytes = <usize>stride * sizeof<T>(), outBytes = <usize>k * sizeof<T>();
  for (let i = 0; i < n; i += 4) {
    let j = 0;
    for (; j + 4 <= k; j += 4) {
      const cj = c + <usize>j * bytes, o = out + <usize>j * sizeof<T>();
      tile2x4<T>(x, cj, bytes, o, outBytes);
      tile2x4<T>(x + 2 * bytes, cj, bytes, o + 2 * outBytes, outBytes);
    }
    if (j < k) tile4x2<T>(x, c + <usize>j * bytes, bytes, out + <usize>j * sizeof<T>(), outBytes);
    x += 4 * bytes;
    out += 4 * outBytes;
  }
}
export function dotsF32(x: usize, n: i32, stride: i32, c: usize, k: i32, out: usize): void { dots<f32>(x, n, stride, c, k, out); }
export function dotsF64(x: usize, n: i32, stride: i32, c: usize, k: i32, out: usize): void { dots<f64>(x, n, stride, c, k, out); }

/**
 * The nearest center of each of n rows by half[j] − x·c_j. `product` holds x·c with `width` columns, of which the
 * first k count. Writes label (i32, n) and the least value, score (n). Where the runner-up comes within the row's
 * `slack` (f64, n), rounding might have decided: the indices of those rows go to `doubtful` (i32, room for n), and
 * their number is returned.
 */
// @ts-ignore: decorator
@inline function nearest<T>(product: usize, n: i32, width: i32, half: usize, k: i32, slack: usize, label: usize, score: usize, doubtful: usize): i32 {
  const start = doubtful;
  for (let i = 0; i < n; i++) {
    let best = load<T>(half) - load<T>(product);
    let second = <T>Infinity;
    let at = 0;
    for (let j = 1; j < k; j++) {
      const v = load<T>(half + <usize>j * sizeof<T>()) - load<T>(product + <usize>j * sizeof<T>());
      if (v < best) { second = best; best = v; at = j; } else if (v < second) second = v;
    }
    store<i32>(label, at);
    store<T>(score, best);
    if (!(<f64>second - <f64>best > load<f64>(slack))) {
      store<i32>(doubtful, i);
      doubtful += 4;
    }
    label += 4;
    slack += 8;
    score += sizeof<T>();
    product += <usize>width * sizeof<T>();
  }
  return <i32>((doubtful - start) >> 2);
}
export function nearestF32(product: usize, n: i32, width: i32, half: usize, k: i32, slack: usize, label: usize, score: usize, doubtful: usize): i32 { return nearest<f32>(product, n, width, half, k, slack, label, score, doubtful); }
export function nearestF64(product: usize, n: i32, width: i32, half: usize, k: i32, slack: usize, label: usize, score: usize, doubtful: usize): i32 { return nearest<f64>(product, n, width, half, k, slack, label, score, doubtful); }

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
