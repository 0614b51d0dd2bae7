/**
 * `exp` and `log` without the engine's `Math`, whose last bit differs from machine to machine. Only + − × ÷ and bit
 * patterns are used, so that every conforming engine gives the same bits. The kernels' `exp` and `log`
 * (assembly/elementary.ts) are the same operations in the same order.
 *
 * The method and the constants are those of FreeBSD's msun, `e_exp.c` and `e_log.c` (Copyright © 1993 by Sun
 * Microsystems, Inc.; "Permission to use, copy, modify, and distribute this software is freely granted, provided that
 * this notice is preserved."). Error below 1 ulp.
 */

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer); // little-endian on every platform that runs WebAssembly engines
const LN2_HI = 0.6931471803691238;
const LN2_LO = 1.9082149292705877e-10;
const INV_LN2 = Math.LOG2E;
const P1 = 0.16666666666666602;
const P2 = -0.0027777777777015593;
const P3 = 6.613756321437934e-5;
const P4 = -1.6533902205465252e-6;
const P5 = 4.1381367970572385e-8;
const L1 = 0.6666666666666735;
const L2 = 0.3999999999940942;
const L3 = 0.2857142874366239;
const L4 = 0.22222198432149784;
const L5 = 0.1818357216161805;
const L6 = 0.15313837699209373;
const L7 = 0.14798198605116586;

/** 2^k for a normal exponent, k in [−1022, 1023]. */
function twoTo(k: number): number {
  words[0] = 0;
  words[1] = (k + 1023) << 20;
  return double[0]!;
}

/** eˣ, within 1 ulp; 0 below −745.14, Infinity above 709.79. */
export function exp(x: number): number {
  if (!(x <= 709.782712893384)) return Number.isNaN(x) ? x : Infinity;
  if (x < -745.1332191019412) return 0;
  // x = k ln 2 + r, |r| ≤ ln 2 / 2, r = hi − lo
  const k = Math.floor(x * INV_LN2 + 0.5);
  const hi = x - k * LN2_HI;
  const lo = k * LN2_LO;
  const r = hi - lo;
  const t = r * r;
  const c = r - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
  const y = 1 - (lo - (r * c) / (2 - c) - hi);
  if (k > 1023) return y * 2 * twoTo(1023);
  if (k < -1022) return y * twoTo(k + 1000) * twoTo(-1000);
  return y * twoTo(k);
}

/** Natural logarithm, within 1 ulp; −Infinity at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let k = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984; // 2^54: subnormals become normal
    k = -54;
  }
  // x = 2^k (1 + f), √½ ≤ 1 + f < √2
  double[0] = x;
  const shifted = words[1]! + (0x3ff00000 - 0x3fe6a09e);
  k += (shifted >>> 20) - 1023;
  words[1] = (shifted & 0x000fffff) + 0x3fe6a09e;
  const f = double[0]! - 1;
  const half = 0.5 * f * f;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (L2 + w * (L4 + w * L6));
  const odd = z * (L1 + w * (L3 + w * (L5 + w * L7)));
  return s * (half + (odd + even)) + k * LN2_LO - half + f + k * LN2_HI;
}
