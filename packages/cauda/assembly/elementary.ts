/**
 * `exp` and `log`, operation for operation those of src/kernels/elementary.ts (FreeBSD msun's e_exp.c and
 * e_log.c, Copyright © 1993 by Sun Microsystems, Inc.; permission to use, copy, modify and distribute is
 * freely granted, provided that this notice is preserved). Error below 1 ulp.
 */

// @ts-ignore: decorator
@inline function powerOfTwo(k: i32): f64 {
  return reinterpret<f64>((<u64>(k + 1023)) << 52);
}

/** eˣ, within 1 ulp; 0 below −745.14, Infinity above 709.79. */
export function exp(x: f64): f64 {
  if (!(x <= 709.782712893384)) return x != x ? x : Infinity;
  if (x < -745.1332191019412) return 0;
  const kf = floor<f64>(x * 1.4426950408889634 + 0.5);
  const k = <i32>kf;
  const hi = x - kf * 0.6931471803691238;
  const lo = kf * 1.9082149292705877e-10;
  const r = hi - lo;
  const t = r * r;
  const p = 6.613756321437934e-05 + t * (-1.6533902205465252e-06 + t * 4.1381367970572385e-08);
  const c = r - t * (0.16666666666666602 + t * (-0.0027777777777015593 + t * p));
  const y = 1.0 - (lo - (r * c) / (2.0 - c) - hi);
  if (k > 1023) return y * 2.0 * powerOfTwo(1023);
  if (k < -1022) return y * powerOfTwo(k + 1000) * powerOfTwo(-1000);
  return y * powerOfTwo(k);
}

/** Natural logarithm, within 1 ulp; −Infinity at 0, NaN below. */
export function log(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x == Infinity) return x;
  let k = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984.0;
    k = -54;
  }
  const bits = reinterpret<u64>(x);
  const shifted = <u32>(bits >>> 32) + (0x3ff00000 - 0x3fe6a09e);
  k += <i32>(shifted >>> 20) - 1023;
  const f = reinterpret<f64>((<u64>((shifted & 0x000fffff) + 0x3fe6a09e)) << 32 | (bits & 0xffffffff)) - 1.0;
  const half = 0.5 * f * f;
  const s = f / (2.0 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const last = 0.1818357216161805 + w * 0.14798198605116586;
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * last));
  const kf = <f64>k;
  return s * (half + (odd + even)) + kf * 1.9082149292705877e-10 - half + f + kf * 0.6931471803691238;
}

/** `exp` of two lanes that are not above 0, to the same bits. */
// @ts-ignore: decorator
@inline export function expPair(x: v128): v128 {
  const kf = f64x2.floor(f64x2.add(f64x2.mul(x, f64x2.splat(1.4426950408889634)), f64x2.splat(0.5)));
  if (!i64x2.all_true(f64x2.ge(kf, f64x2.splat(-1022))))
    return f64x2.replace_lane(f64x2.splat(exp(f64x2.extract_lane(x, 0))), 1, exp(f64x2.extract_lane(x, 1)));
  const hi = f64x2.sub(x, f64x2.mul(kf, f64x2.splat(0.6931471803691238)));
  const lo = f64x2.mul(kf, f64x2.splat(1.9082149292705877e-10));
  const r = f64x2.sub(hi, lo);
  const t = f64x2.mul(r, r);
  let p = f64x2.add(f64x2.splat(-1.6533902205465252e-06), f64x2.mul(t, f64x2.splat(4.1381367970572385e-08)));
  p = f64x2.add(f64x2.splat(6.613756321437934e-05), f64x2.mul(t, p));
  p = f64x2.add(f64x2.splat(-0.0027777777777015593), f64x2.mul(t, p));
  p = f64x2.add(f64x2.splat(0.16666666666666602), f64x2.mul(t, p));
  const c = f64x2.sub(r, f64x2.mul(t, p));
  const quotient = f64x2.div(f64x2.mul(r, c), f64x2.sub(f64x2.splat(2), c));
  const y = f64x2.sub(f64x2.splat(1), f64x2.sub(f64x2.sub(lo, quotient), hi));
  const k = i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(kf));
  return f64x2.mul(y, i64x2.shl(i64x2.add(k, i64x2.splat(1023)), 52));
}

/** `log` of two lanes that are normal, positive and finite, to the same bits. */
// @ts-ignore: decorator
@inline export function logPair(x: v128): v128 {
  const shifted = i64x2.add(x, i64x2.splat(<i64>(0x3ff00000 - 0x3fe6a09e) << 32));
  const k = i64x2.sub(i64x2.shr_u(shifted, 52), i64x2.splat(1023));
  const kf = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(k, k, 0, 2, 0, 2));
  const mantissa = v128.and(shifted, i64x2.splat(0x000fffffffffffff));
  const f = f64x2.sub(i64x2.add(mantissa, i64x2.splat(<i64>0x3fe6a09e << 32)), f64x2.splat(1));
  const half = f64x2.mul(f64x2.mul(f64x2.splat(0.5), f), f);
  const s = f64x2.div(f, f64x2.add(f64x2.splat(2), f));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  let even = f64x2.add(f64x2.splat(0.22222198432149784), f64x2.mul(w, f64x2.splat(0.15313837699209373)));
  even = f64x2.mul(w, f64x2.add(f64x2.splat(0.3999999999940942), f64x2.mul(w, even)));
  let odd = f64x2.add(f64x2.splat(0.1818357216161805), f64x2.mul(w, f64x2.splat(0.14798198605116586)));
  odd = f64x2.add(f64x2.splat(0.2857142874366239), f64x2.mul(w, odd));
  odd = f64x2.mul(z, f64x2.add(f64x2.splat(0.6666666666666735), f64x2.mul(w, odd)));
  const low = f64x2.mul(kf, f64x2.splat(1.9082149292705877e-10));
  const most = f64x2.add(f64x2.mul(s, f64x2.add(half, f64x2.add(odd, even))), low);
  return f64x2.add(f64x2.add(f64x2.sub(most, half), f), f64x2.mul(kf, f64x2.splat(0.6931471803691238)));
}

/** Each of n float64 values at `x` becomes its exponential. */
export function expF64(x: usize, n: i32): void {
  for (let end = x + (<usize>n << 3); x < end; x += 8) store<f64>(x, exp(load<f64>(x)));
}

/** Each of n float64 values at `x` becomes its logarithm. */
export function logF64(x: usize, n: i32): void {
  for (let end = x + (<usize>n << 3); x < end; x += 8) store<f64>(x, log(load<f64>(x)));
}
