/**
 * `exp` and `log`, operation for operation those of src/kernels/elementary.ts (FreeBSD msun's e_exp.c and e_log.c,
 * Copyright © 1993 by Sun Microsystems, Inc.; permission to use, copy, modify and distribute is freely granted,
 * provided that this notice is preserved). Error below 1 ulp.
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
  const c = r - t * (0.16666666666666602 + t * (-0.0027777777777015593 + t * (6.613756321437934e-05 + t * (-1.6533902205465252e-06 + t * 4.1381367970572385e-08))));
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
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const kf = <f64>k;
  return s * (half + (odd + even)) + kf * 1.9082149292705877e-10 - half + f + kf * 0.6931471803691238;
}

/** Each of n float64 values at `x` becomes its exponential. */
export function expF64(x: usize, n: i32): void {
  for (let end = x + (<usize>n << 3); x < end; x += 8) store<f64>(x, exp(load<f64>(x)));
}

/** Each of n float64 values at `x` becomes its logarithm. */
export function logF64(x: usize, n: i32): void {
  for (let end = x + (<usize>n << 3); x < end; x += 8) store<f64>(x, log(load<f64>(x)));
}
