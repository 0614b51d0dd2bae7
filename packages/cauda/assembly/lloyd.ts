/**
 * K-means kernels. Rows and centers are stored with `stride` elements a row, a whole number of 16-byte vectors, the
 * lanes beyond the features being zero. L is the number of lanes: 4 for f32, 2 for f64.
 */

// @ts-ignore: decorator
@inline function horizontal<T>(v: v128): T {
  if (sizeof<T>() == 4)
    return <T>((f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1)) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)));
  return <T>(f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1));
}

/** Dot products of 2 rows with 4 centers: out[i × outStride + j], in elements. `bytes` is the length of a row. */
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
 * x·c for n rows and k centers: out (n × k). Every product is one lane-wise sum over the row, added
 * (lane 0 + lane 1) + (lane 2 + lane 3), whichever tile computes it.
 * n and k must be multiples of 4 and 2: callers pad with zero rows.
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
 * The nearest center of each of n rows by ½‖c‖² − x·c, the lowest index winning a tie. `product` holds x·c with
 * `width` columns, `half` ½‖c‖² of the k centers; label (i32, n) is written.
 */
// @ts-ignore: decorator
@inline function nearest<T>(product: usize, n: i32, width: i32, half: usize, k: i32, label: usize): void {
  for (let i = 0; i < n; i++) {
    let best = load<T>(half) - load<T>(product);
    let at = 0;
    for (let j = 1; j < k; j++) {
      const v = load<T>(half + <usize>j * sizeof<T>()) - load<T>(product + <usize>j * sizeof<T>());
      if (v < best) { best = v; at = j; }
    }
    store<i32>(label, at);
    label += 4;
    product += <usize>width * sizeof<T>();
  }
}
export function nearestF32(product: usize, n: i32, width: i32, half: usize, k: i32, label: usize): void { nearest<f32>(product, n, width, half, k, label); }
export function nearestF64(product: usize, n: i32, width: i32, half: usize, k: i32, label: usize): void { nearest<f64>(product, n, width, half, k, label); }

/** ‖x − c‖² of each of n rows to the center its label names, by differences: out (f64, n). */
// @ts-ignore: decorator
@inline function squaredDistances<T>(x: usize, n: i32, stride: i32, c: usize, label: usize, out: usize): void {
  const bytes = <usize>stride * sizeof<T>();
  for (let i = 0; i < n; i++) {
    const center = c + <usize>load<i32>(label) * bytes;
    let sum = v128.splat<T>(0);
    for (let k: usize = 0; k < bytes; k += 16) {
      const d = v128.sub<T>(v128.load(x + k), v128.load(center + k));
      sum = v128.add<T>(sum, v128.mul<T>(d, d));
    }
    store<f64>(out, <f64>horizontal<T>(sum));
    x += bytes;
    label += 4;
    out += 8;
  }
}
export function squaredDistancesF32(x: usize, n: i32, stride: i32, c: usize, label: usize, out: usize): void { squaredDistances<f32>(x, n, stride, c, label, out); }
export function squaredDistancesF64(x: usize, n: i32, stride: i32, c: usize, label: usize, out: usize): void { squaredDistances<f64>(x, n, stride, c, label, out); }

/** sum (f64, stride) += weight × x. */
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
