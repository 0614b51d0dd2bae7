import { promoteHigh } from './lanes';

/**
 * Sums over rows, column by column, in float64. Rows have `stride` elements, a whole number of 16-byte
 * vectors.
 */

/** sum (f64, stride elements) += weight × x. */
// @ts-ignore: decorator
@inline function addRow<T>(sum: usize, x: usize, stride: i32, weight: f64): void {
  const w = f64x2.splat(weight);
  for (let end = x + <usize>stride * sizeof<T>(); x < end; x += 16) {
    const v = v128.load(x);
    if (sizeof<T>() == 4) {
      v128.store(sum, f64x2.add(v128.load(sum), f64x2.mul(w, f64x2.promote_low_f32x4(v))));
      v128.store(sum, f64x2.add(v128.load(sum, 16), f64x2.mul(w, promoteHigh(v))), 16);
      sum += 32;
    } else {
      v128.store(sum, f64x2.add(v128.load(sum), f64x2.mul(w, v)));
      sum += 16;
    }
  }
}
export function addRowF32(
  sum: usize, x: usize, stride: i32, weight: f64,
): void {
  addRow<f32>(sum, x, stride, weight);
}
export function addRowF64(
  sum: usize, x: usize, stride: i32, weight: f64,
): void {
  addRow<f64>(sum, x, stride, weight);
}

/** sum += x − origin and square += (x − origin)² over n rows; both f64, stride elements. */
// @ts-ignore: decorator
@inline function columnMoments<T>(
  x: usize, n: i32, stride: i32, origin: usize, sum: usize, square: usize,
): void {
  for (let i = 0; i < n; i++) {
    for (let j: usize = 0; j < <usize>stride; j += 16 / sizeof<T>()) {
      const v = v128.load(x), o = v128.load(origin + j * sizeof<T>());
      x += 16;
      const s = sum + (j << 3), q = square + (j << 3);
      if (sizeof<T>() == 4) {
        const low = f64x2.sub(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(o));
        const high = f64x2.sub(promoteHigh(v), promoteHigh(o));
        v128.store(s, f64x2.add(v128.load(s), low)); v128.store(s, f64x2.add(v128.load(s, 16), high), 16);
        v128.store(q, f64x2.add(v128.load(q), f64x2.mul(low, low)));
        v128.store(q, f64x2.add(v128.load(q, 16), f64x2.mul(high, high)), 16);
      } else {
        const d = f64x2.sub(v, o);
        v128.store(s, f64x2.add(v128.load(s), d));
        v128.store(q, f64x2.add(v128.load(q), f64x2.mul(d, d)));
      }
    }
  }
}
export function columnMomentsF32(
  x: usize, n: i32, stride: i32, origin: usize, sum: usize, square: usize,
): void {
  columnMoments<f32>(x, n, stride, origin, sum, square);
}
export function columnMomentsF64(
  x: usize, n: i32, stride: i32, origin: usize, sum: usize, square: usize,
): void {
  columnMoments<f64>(x, n, stride, origin, sum, square);
}
