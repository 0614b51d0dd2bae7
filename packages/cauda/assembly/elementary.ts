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
  const kf = floor<f64>(x * 1.44269504088896338700 + 0.5);
  const k = <i32>kf;
  const hi = x - kf * 6.93147180369123816490e-1;
  const lo = kf * 1.90821492927058770002e-10;
  const r = hi - lo;
  const t = r * r;
  const c = r - t * (1.66666666666666019037e-1 + t * (-2.77777777770155933842e-3 + t * (6.61375632143793436117e-5 + t * (-1.65339022054652515390e-6 + t * 4.13813679705723846039e-8))));
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
  const even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const odd = z * (6.666666666666735130e-1 + w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const kf = <f64>k;
  return s * (half + (odd + even)) + kf * 1.90821492927058770002e-10 - half + f + kf * 6.93147180369123816490e-1;
}

/** Each of n float64 values at `x` becomes its exponential. */
export function expF64(x: usize, n: i32): void {
  for (let end = x + (<usize>n << 3); x < end; x += 8) store<f64>(x, exp(load<f64>(x)));
}

/** Each of n float64 values at `x` becomes its logarithm. */
export function logF64(x: usize, n: i32): void {
  for (let end = x + (<usize>n << 3); x < end; x += 8) store<f64>(x, log(load<f64>(x)));
}
