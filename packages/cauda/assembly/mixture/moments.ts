import { addF64, addTwoF64, pairAt } from '../lanes';

/**
 * A component's weighted moments, summed over the rows that count for it: kept[t] (f64) is the weight of row
 * list[t] (i32). Rows hold `stride` elements, a multiple of 4, and the lanes beyond the features are zero. L
 * is the number of lanes (4 for f32, 2 for f64), and W = 2 L.
 */

/** z = √kept[t] (x[list[t]] − mu) as rows of `wide` elements; sum (stride elements) += √kept[t] z. */
// @ts-ignore: decorator
@inline function weightedRows<T>(
  x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, panel: usize, wide: i32, sum: usize,
): void {
  const bytes = <usize>stride * sizeof<T>();
  for (let t = 0; t < n; t++) {
    const row = x + <usize>load<i32>(list) * bytes;
    const root = v128.splat<T>(<T>sqrt<f64>(load<f64>(kept)));
    for (let i: usize = 0; i < bytes; i += 16) {
      const z = v128.mul<T>(root, v128.sub<T>(v128.load(row + i), v128.load(mu + i)));
      v128.store(panel + i, z);
      v128.store(sum + i, v128.add<T>(v128.load(sum + i), v128.mul<T>(root, z)));
    }
    list += 4;
    kept += 8;
    panel += <usize>wide * sizeof<T>();
  }
}
export function weightedRowsF32(
  x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, panel: usize, wide: i32, sum: usize,
): void {
  weightedRows<f32>(x, stride, list, kept, n, mu, panel, wide, sum);
}
export function weightedRowsF64(
  x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, panel: usize, wide: i32, sum: usize,
): void {
  weightedRows<f64>(x, stride, list, kept, n, mu, panel, wide, sum);
}

/** `weightedRows` of float32 rows in float64: mu, panel and sum are f64. */
export function weightedRowsWide(
  x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, panel: usize, wide: i32, sum: usize,
): void {
  for (let t = 0; t < n; t++) {
    let row = x + (<usize>load<i32>(list) * <usize>stride << 2);
    const root = f64x2.splat(sqrt<f64>(load<f64>(kept)));
    for (let i: usize = 0; i < <usize>stride << 3; i += 16, row += 8) {
      const z = f64x2.mul(root, f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(row)), v128.load(mu + i)));
      v128.store(panel + i, z);
      v128.store(sum + i, f64x2.add(v128.load(sum + i), f64x2.mul(root, z)));
    }
    list += 4;
    kept += 8;
    panel += <usize>wide << 3;
  }
}

/**
 * out (f64, wide × wide) += ZᵀZ for n rows Z of `wide` elements, a multiple of W, or −= with `away`. Only the
 * tiles of 4 × W that touch the upper half are computed. Each product is summed over the rows in their order,
 * then added in float64.
 */
// @ts-ignore: decorator
@inline function gram<T>(z: usize, n: i32, wide: i32, out: usize, away: bool): void {
  const bytes = <usize>wide * sizeof<T>();
  const end = z + <usize>n * bytes;
  const width: i32 = sizeof<T>() == 4 ? 8 : 4;
  const rowBytes = <usize>wide << 3;
  for (let j = 0; j < wide; j += width) {
    for (let i = 0; i < j + width; i += 4) {
      let a0 = v128.splat<T>(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
      const shift = (<usize>i - <usize>j) * sizeof<T>();
      for (let p = z + <usize>j * sizeof<T>(), last = end + <usize>j * sizeof<T>(); p < last; p += bytes) {
        const x0 = v128.load(p), x1 = v128.load(p, 16), q = p + shift;
        const wa = v128.load_splat<T>(q);
        a0 = v128.add<T>(a0, v128.mul<T>(x0, wa)); a1 = v128.add<T>(a1, v128.mul<T>(x1, wa));
        const wb = v128.load_splat<T>(q, sizeof<T>());
        b0 = v128.add<T>(b0, v128.mul<T>(x0, wb)); b1 = v128.add<T>(b1, v128.mul<T>(x1, wb));
        const wc = v128.load_splat<T>(q, 2 * sizeof<T>());
        c0 = v128.add<T>(c0, v128.mul<T>(x0, wc)); c1 = v128.add<T>(c1, v128.mul<T>(x1, wc));
        const wd = v128.load_splat<T>(q, 3 * sizeof<T>());
        d0 = v128.add<T>(d0, v128.mul<T>(x0, wd)); d1 = v128.add<T>(d1, v128.mul<T>(x1, wd));
      }
      let o = out + <usize>i * rowBytes + (<usize>j << 3);
      if (away) {
        a0 = v128.neg<T>(a0); a1 = v128.neg<T>(a1); b0 = v128.neg<T>(b0); b1 = v128.neg<T>(b1);
        c0 = v128.neg<T>(c0); c1 = v128.neg<T>(c1); d0 = v128.neg<T>(d0); d1 = v128.neg<T>(d1);
      }
      addTwoF64<T>(o, a0, a1); o += rowBytes;
      addTwoF64<T>(o, b0, b1); o += rowBytes;
      addTwoF64<T>(o, c0, c1); o += rowBytes;
      addTwoF64<T>(o, d0, d1);
    }
  }
}
export function gramF32(z: usize, n: i32, wide: i32, out: usize): void { gram<f32>(z, n, wide, out, false); }
export function gramF64(z: usize, n: i32, wide: i32, out: usize): void { gram<f64>(z, n, wide, out, false); }

/** out −= ZᵀZ, for rows that leave a sum. */
export function gramAwayF64(
  z: usize, n: i32, wide: i32, out: usize,
): void {
  gram<f64>(z, n, wide, out, true);
}

/** 1 or 4 vectors of the sums of `diagMoments`. */
// @ts-ignore: decorator
@inline function momentColumns<T>(
  vectors: i32, x: usize, bytes: usize, list: usize, root: usize, n: i32, mu: usize, first: usize,
  second: usize,
): void {
  let s0 = v128.splat<T>(0), s1 = s0, s2 = s0, s3 = s0, q0 = s0, q1 = s0, q2 = s0, q3 = s0;
  for (const end = list + (<usize>n << 2); list < end; list += 4, root += sizeof<T>()) {
    const row = x + <usize>load<i32>(list) * bytes;
    const w = v128.load_splat<T>(root);
    let z = v128.mul<T>(w, v128.sub<T>(v128.load(row), v128.load(mu)));
    s0 = v128.add<T>(s0, v128.mul<T>(w, z)); q0 = v128.add<T>(q0, v128.mul<T>(z, z));
    if (vectors > 1) {
      z = v128.mul<T>(w, v128.sub<T>(v128.load(row, 16), v128.load(mu, 16)));
      s1 = v128.add<T>(s1, v128.mul<T>(w, z)); q1 = v128.add<T>(q1, v128.mul<T>(z, z));
      z = v128.mul<T>(w, v128.sub<T>(v128.load(row, 32), v128.load(mu, 32)));
      s2 = v128.add<T>(s2, v128.mul<T>(w, z)); q2 = v128.add<T>(q2, v128.mul<T>(z, z));
      z = v128.mul<T>(w, v128.sub<T>(v128.load(row, 48), v128.load(mu, 48)));
      s3 = v128.add<T>(s3, v128.mul<T>(w, z)); q3 = v128.add<T>(q3, v128.mul<T>(z, z));
    }
  }
  const next: usize = sizeof<T>() == 4 ? 32 : 16;
  addF64<T>(first, s0);
  addF64<T>(second, q0);
  if (vectors > 1) {
    addF64<T>(first + next, s1); addF64<T>(first + 2 * next, s2); addF64<T>(first + 3 * next, s3);
    addF64<T>(second + next, q1); addF64<T>(second + 2 * next, q2); addF64<T>(second + 3 * next, q3);
  }
}

/**
 * first (f64, stride elements) += Σ_t kept[t] (x[list[t]] − mu) and second += Σ_t kept[t] (x[list[t]] − mu)²,
 * each summed over the n rows in their order, then added in float64. root: n elements of scratch.
 */
// @ts-ignore: decorator
@inline function diagMoments<T>(
  x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, root: usize, first: usize,
  second: usize,
): void {
  const bytes = <usize>stride * sizeof<T>();
  for (let t: usize = 0; t < <usize>n; t++)
    store<T>(root + t * sizeof<T>(), <T>sqrt<f64>(load<f64>(kept + (t << 3))));
  let at: usize = 0;
  for (; at + 64 <= bytes; at += 64) {
    const out = at / sizeof<T>() << 3;
    momentColumns<T>(4, x + at, bytes, list, root, n, mu + at, first + out, second + out);
  }
  for (; at < bytes; at += 16) {
    const out = at / sizeof<T>() << 3;
    momentColumns<T>(1, x + at, bytes, list, root, n, mu + at, first + out, second + out);
  }
}
export function diagMomentsF32(
  x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, root: usize, first: usize,
  second: usize,
): void {
  diagMoments<f32>(x, stride, list, kept, n, mu, root, first, second);
}
export function diagMomentsF64(
  x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, root: usize, first: usize,
  second: usize,
): void {
  diagMoments<f64>(x, stride, list, kept, n, mu, root, first, second);
}

/** 4 or 16 elements of the sums of `firstMoments`. */
// @ts-ignore: decorator
@inline function firstColumns<T>(
  elements: i32, x: usize, bytes: usize, list: usize, kept: usize, n: i32, mu: usize, first: usize,
): void {
  let a = f64x2.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  for (const end = list + (<usize>n << 2); list < end; list += 4, kept += 8) {
    const row = x + <usize>load<i32>(list) * bytes;
    const w = v128.load_splat<f64>(kept);
    a = f64x2.add(a, f64x2.mul(w, f64x2.sub(pairAt<T>(row, 0), pairAt<T>(mu, 0))));
    b = f64x2.add(b, f64x2.mul(w, f64x2.sub(pairAt<T>(row, 8), pairAt<T>(mu, 8))));
    if (elements > 4) {
      c = f64x2.add(c, f64x2.mul(w, f64x2.sub(pairAt<T>(row, 16), pairAt<T>(mu, 16))));
      d = f64x2.add(d, f64x2.mul(w, f64x2.sub(pairAt<T>(row, 24), pairAt<T>(mu, 24))));
      e = f64x2.add(e, f64x2.mul(w, f64x2.sub(pairAt<T>(row, 32), pairAt<T>(mu, 32))));
      f = f64x2.add(f, f64x2.mul(w, f64x2.sub(pairAt<T>(row, 40), pairAt<T>(mu, 40))));
      g = f64x2.add(g, f64x2.mul(w, f64x2.sub(pairAt<T>(row, 48), pairAt<T>(mu, 48))));
      h = f64x2.add(h, f64x2.mul(w, f64x2.sub(pairAt<T>(row, 56), pairAt<T>(mu, 56))));
    }
  }
  v128.store(first, f64x2.add(v128.load(first), a));
  v128.store(first, f64x2.add(v128.load(first, 16), b), 16);
  if (elements > 4) {
    v128.store(first, f64x2.add(v128.load(first, 32), c), 32);
    v128.store(first, f64x2.add(v128.load(first, 48), d), 48);
    v128.store(first, f64x2.add(v128.load(first, 64), e), 64);
    v128.store(first, f64x2.add(v128.load(first, 80), f), 80);
    v128.store(first, f64x2.add(v128.load(first, 96), g), 96);
    v128.store(first, f64x2.add(v128.load(first, 112), h), 112);
  }
}

/**
 * first (f64, stride elements) += Σ_t kept[t] (x[list[t]] − mu), in float64, summed over the n rows in their
 * order.
 */
// @ts-ignore: decorator
@inline function firstMoments<T>(
  x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, first: usize,
): void {
  const bytes = <usize>stride * sizeof<T>();
  let i = 0;
  for (; i + 16 <= stride; i += 16) {
    const at = <usize>i * sizeof<T>();
    firstColumns<T>(16, x + at, bytes, list, kept, n, mu + at, first + (<usize>i << 3));
  }
  for (; i < stride; i += 4) {
    const at = <usize>i * sizeof<T>();
    firstColumns<T>(4, x + at, bytes, list, kept, n, mu + at, first + (<usize>i << 3));
  }
}
export function firstMomentsF32(
  x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, first: usize,
): void {
  firstMoments<f32>(x, stride, list, kept, n, mu, first);
}
export function firstMomentsF64(
  x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, first: usize,
): void {
  firstMoments<f64>(x, stride, list, kept, n, mu, first);
}
