/**
 * What all kernels do with vectors of L lanes of T: 4 lanes of f32, or 2 of f64. Sums over rows are kept in
 * float64, so that L lanes of f32 are read from, written to and added to L values of f64.
 */

/** Lanes 2 and 3 of four f32 values, as f64. */
// @ts-ignore: decorator
@inline export function promoteHigh(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f32>(v, v, 2, 3, 0, 1));
}

/** The sum of a vector's lanes: (0 + 1) + (2 + 3), or 0 + 1 in float64. */
// @ts-ignore: decorator
@inline export function horizontal<T>(v: v128): T {
  if (sizeof<T>() == 4) {
    const low = f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1);
    return <T>(low + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3)));
  }
  return <T>(f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1));
}

/** Two pairs of f64 values as four f32 lanes. */
// @ts-ignore: decorator
@inline export function demotePairs(low: v128, high: v128): v128 {
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** L values of f64 as a vector of T. */
// @ts-ignore: decorator
@inline export function loadF64<T>(p: usize): v128 {
  if (sizeof<T>() == 8) return v128.load(p);
  return demotePairs(v128.load(p), v128.load(p, 16));
}

/** Writes the 2 L lanes of q0 and q1 to `out` as f64. */
// @ts-ignore: decorator
@inline export function storeF64<T>(out: usize, q0: v128, q1: v128): void {
  if (sizeof<T>() == 4) {
    v128.store(out, f64x2.promote_low_f32x4(q0));
    v128.store(out, promoteHigh(q0), 16);
    v128.store(out, f64x2.promote_low_f32x4(q1), 32);
    v128.store(out, promoteHigh(q1), 48);
  } else {
    v128.store(out, q0);
    v128.store(out, q1, 16);
  }
}

/** Adds the 2 L lanes of a and b to the f64 values at `out`. */
// @ts-ignore: decorator
@inline export function addTwoF64<T>(out: usize, a: v128, b: v128): void {
  if (sizeof<T>() == 4) {
    v128.store(out, f64x2.add(v128.load(out), f64x2.promote_low_f32x4(a)));
    v128.store(out, f64x2.add(v128.load(out, 16), promoteHigh(a)), 16);
    v128.store(out, f64x2.add(v128.load(out, 32), f64x2.promote_low_f32x4(b)), 32);
    v128.store(out, f64x2.add(v128.load(out, 48), promoteHigh(b)), 48);
  } else {
    v128.store(out, f64x2.add(v128.load(out), a));
    v128.store(out, f64x2.add(v128.load(out, 16), b), 16);
  }
}

/** Adds the L lanes of a to the f64 values at `out`. */
// @ts-ignore: decorator
@inline export function addF64<T>(out: usize, a: v128): void {
  if (sizeof<T>() == 4) {
    v128.store(out, f64x2.add(v128.load(out), f64x2.promote_low_f32x4(a)));
    v128.store(out, f64x2.add(v128.load(out, 16), promoteHigh(a)), 16);
  } else v128.store(out, f64x2.add(v128.load(out), a));
}

/** The two elements that lie `offset` bytes after p in float32, twice as many in float64, as f64. */
// @ts-ignore: decorator
@inline export function pairAt<T>(p: usize, offset: usize): v128 {
  return sizeof<T>() == 4 ? f64x2.promote_low_f32x4(v128.load64_zero(p + offset)) : v128.load(p + 2 * offset);
}
