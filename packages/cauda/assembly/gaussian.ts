/**
 * Mixture kernels. Rows hold `stride` elements, a multiple of 4, the lanes beyond the features being zero. L is the
 * number of lanes (4 for f32, 2 for f64); W = 2 L rows are worked on together, each in a lane of its own.
 *
 * The E-step is a list of rows times one component, so that a caller may leave out the pairs it need not know.
 */
import { exp, log } from './elementary';

/** tile[i × W + p] = x[list[p]][i] − mu[i] for the W rows that `list` (i32) names. */
// @ts-ignore: decorator
@inline function centeredColumns<T>(x: usize, bytes: usize, list: usize, mu: usize, tile: usize): void {
  if (sizeof<T>() == 4) {
    for (let half: usize = 0; half < 32; half += 16) {
      const p0 = x + <usize>load<i32>(list + half) * bytes, p1 = x + <usize>load<i32>(list + half, 4) * bytes;
      const p2 = x + <usize>load<i32>(list + half, 8) * bytes, p3 = x + <usize>load<i32>(list + half, 12) * bytes;
      let out = tile + half;
      for (let i: usize = 0; i < bytes; i += 16, out += 128) {
        const m = v128.load(mu + i);
        const a = f32x4.sub(v128.load(p0 + i), m), b = f32x4.sub(v128.load(p1 + i), m);
        const c = f32x4.sub(v128.load(p2 + i), m), d = f32x4.sub(v128.load(p3 + i), m);
        const t0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), t1 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
        const t2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7), t3 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
        v128.store(out, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
        v128.store(out, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7), 32);
        v128.store(out, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), 64);
        v128.store(out, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7), 96);
      }
    }
  } else {
    const p0 = x + <usize>load<i32>(list) * bytes, p1 = x + <usize>load<i32>(list, 4) * bytes;
    const p2 = x + <usize>load<i32>(list, 8) * bytes, p3 = x + <usize>load<i32>(list, 12) * bytes;
    for (let i: usize = 0; i < bytes; i += 16, tile += 64) {
      const m = v128.load(mu + i);
      const a = f64x2.sub(v128.load(p0 + i), m), b = f64x2.sub(v128.load(p1 + i), m);
      const c = f64x2.sub(v128.load(p2 + i), m), d = f64x2.sub(v128.load(p3 + i), m);
      v128.store(tile, v128.shuffle<f64>(a, b, 0, 2));
      v128.store(tile, v128.shuffle<f64>(c, d, 0, 2), 16);
      v128.store(tile, v128.shuffle<f64>(a, b, 1, 3), 32);
      v128.store(tile, v128.shuffle<f64>(c, d, 1, 3), 48);
    }
  }
}

/** The 2 L lanes of q0 and q1 as f64. */
// @ts-ignore: decorator
@inline function storeF64<T>(out: usize, q0: v128, q1: v128): void {
  if (sizeof<T>() == 4) {
    v128.store(out, f64x2.promote_low_f32x4(q0));
    v128.store(out, f64x2.promote_low_f32x4(v128.shuffle<f32>(q0, q0, 2, 3, 0, 1)), 16);
    v128.store(out, f64x2.promote_low_f32x4(q1), 32);
    v128.store(out, f64x2.promote_low_f32x4(v128.shuffle<f32>(q1, q1, 2, 3, 0, 1)), 48);
  } else {
    v128.store(out, q0);
    v128.store(out, q1, 16);
  }
}

/**
 * out[t] (f64) = ‖M (x[list[t]] − mu)‖² for a lower triangular M, packed in tiles of four rows: tile r holds, for each
 * column i ≤ 4 r + 3, the entries of rows 4 r … 4 r + 3. Squares are added (a + b) + (c + d) within a tile.
 * n rounded up to W entries of list are read and of out written. tile: stride × W elements of scratch.
 * With limits (f64, like out; else 0), W rows are left, their sums unfinished, once all of them exceed their limit.
 */
// @ts-ignore: decorator
@inline function mahalanobis<T>(x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, tile: usize, out: usize, limits: usize): void {
  const bytes = <usize>stride * sizeof<T>();
  const step = 4 * sizeof<T>();
  const width: i32 = sizeof<T>() == 4 ? 8 : 4;
  for (let t = 0; t < n; t += width) {
    centeredColumns<T>(x, bytes, list, mu, tile);
    let limit0 = v128.splat<T>(<T>Infinity), limit1 = limit0;
    if (limits) {
      limit0 = loadF64<T>(limits);
      limit1 = loadF64<T>(limits + (sizeof<T>() == 4 ? 32 : 16));
      limits += <usize>width << 3;
    }
    let q0 = v128.splat<T>(0), q1 = q0;
    let p = factor;
    for (let rows: usize = 4; rows <= <usize>stride; rows += 4) {
      let a0 = v128.splat<T>(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
      let column = tile;
      for (const end = p + rows * step; p < end; p += step, column += 32) {
        const x0 = v128.load(column), x1 = v128.load(column, 16);
        const wa = v128.load_splat<T>(p);
        a0 = v128.add<T>(a0, v128.mul<T>(x0, wa)); a1 = v128.add<T>(a1, v128.mul<T>(x1, wa));
        const wb = v128.load_splat<T>(p, sizeof<T>());
        b0 = v128.add<T>(b0, v128.mul<T>(x0, wb)); b1 = v128.add<T>(b1, v128.mul<T>(x1, wb));
        const wc = v128.load_splat<T>(p, 2 * sizeof<T>());
        c0 = v128.add<T>(c0, v128.mul<T>(x0, wc)); c1 = v128.add<T>(c1, v128.mul<T>(x1, wc));
        const wd = v128.load_splat<T>(p, 3 * sizeof<T>());
        d0 = v128.add<T>(d0, v128.mul<T>(x0, wd)); d1 = v128.add<T>(d1, v128.mul<T>(x1, wd));
      }
      q0 = v128.add<T>(q0, v128.add<T>(v128.add<T>(v128.mul<T>(a0, a0), v128.mul<T>(b0, b0)), v128.add<T>(v128.mul<T>(c0, c0), v128.mul<T>(d0, d0))));
      q1 = v128.add<T>(q1, v128.add<T>(v128.add<T>(v128.mul<T>(a1, a1), v128.mul<T>(b1, b1)), v128.add<T>(v128.mul<T>(c1, c1), v128.mul<T>(d1, d1))));
      if (i32x4.all_true(v128.and(v128.gt<T>(q0, limit0), v128.gt<T>(q1, limit1)))) break;
    }
    storeF64<T>(out, q0, q1);
    list += <usize>width << 2;
    out += <usize>width << 3;
  }
}
export function mahalanobisF32(x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, tile: usize, out: usize, limits: usize): void { mahalanobis<f32>(x, stride, list, n, mu, factor, tile, out, limits); }
export function mahalanobisF64(x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, tile: usize, out: usize, limits: usize): void { mahalanobis<f64>(x, stride, list, n, mu, factor, tile, out, limits); }

/** L values of f64 as lanes of T. */
// @ts-ignore: decorator
@inline function loadF64<T>(p: usize): v128 {
  if (sizeof<T>() == 8) return v128.load(p);
  return v128.shuffle<f32>(f32x4.demote_f64x2_zero(v128.load(p)), f32x4.demote_f64x2_zero(v128.load(p, 16)), 0, 1, 4, 5);
}

/**
 * The same for the single row at x, its rows of M side by side in lanes instead of the points: the same bits. tile:
 * `stride` elements of scratch. Left, the sum unfinished, once it exceeds `limit`.
 */
// @ts-ignore: decorator
@inline function mahalanobisRow<T>(x: usize, stride: i32, mu: usize, factor: usize, tile: usize, limit: f64): f64 {
  const bytes = <usize>stride * sizeof<T>();
  for (let i: usize = 0; i < bytes; i += 16) v128.store(tile + i, v128.sub<T>(v128.load(x + i), v128.load(mu + i)));
  let q: T = 0;
  for (let end: usize = 4 * sizeof<T>(); end <= bytes; end += 4 * sizeof<T>()) {
    let a = v128.splat<T>(0), b = a;
    for (let i: usize = 0; i < end; i += sizeof<T>(), factor += 4 * sizeof<T>()) {
      const z = v128.load_splat<T>(tile + i);
      a = v128.add<T>(a, v128.mul<T>(z, v128.load(factor)));
      if (sizeof<T>() == 8) b = v128.add<T>(b, v128.mul<T>(z, v128.load(factor, 16)));
    }
    a = v128.mul<T>(a, a);
    if (sizeof<T>() == 4)
      q += <T>((f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1)) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3)));
    else {
      b = v128.mul<T>(b, b);
      q += <T>((f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1)) + (f64x2.extract_lane(b, 0) + f64x2.extract_lane(b, 1)));
    }
    if (<f64>q > limit) break;
  }
  return <f64>q;
}

/** The first of the k means that is nearest to x, by squared distance. */
// @ts-ignore: decorator
@inline function nearestMean<T>(x: usize, stride: i32, mu: usize, k: i32): i32 {
  const bytes = <usize>stride * sizeof<T>();
  let best = 0;
  let least: f64 = Infinity;
  for (let c = 0; c < k; c++, mu += bytes) {
    let sum = v128.splat<T>(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const apart = v128.sub<T>(v128.load(x + i), v128.load(mu + i));
      sum = v128.add<T>(sum, v128.mul<T>(apart, apart));
    }
    const squared: f64 = sizeof<T>() == 4
      ? <f64>((f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1)) + (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3)))
      : f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
    if (squared < least) {
      least = squared;
      best = c;
    }
  }
  return best;
}

/**
 * Squared distances of one row to k components: out[c × width] (f64); `factorBytes` from one factor to the next. The
 * component of the nearest mean comes first; the sums of others may end unfinished, once they are large enough for a
 * log-density constant_c − q/2 further than −cutoff below the best so far.
 */
// @ts-ignore: decorator
@inline function mahalanobisRows<T>(x: usize, stride: i32, mu: usize, factor: usize, factorBytes: usize, k: i32, tile: usize, out: usize, width: i32, constant: usize, cutoff: f64): void {
  const bytes = <usize>stride * sizeof<T>();
  let best: f64 = -Infinity;
  const first = nearestMean<T>(x, stride, mu, k);
  for (let turn = 0; turn <= k; turn++) {
    const c = turn == 0 ? first : turn - 1;
    if (turn > 0 && c == first) continue;
    const own = load<f64>(constant + (<usize>c << 3));
    const limit = (2 * (own - best - cutoff)) * (1 + 1e-9) + 1e-9; // a little later than need be, for rounding's sake
    const q = mahalanobisRow<T>(x, stride, mu + <usize>c * bytes, factor + <usize>c * factorBytes, tile, max<f64>(limit, 0));
    store<f64>(out + (<usize>(c * width) << 3), q);
    best = max<f64>(best, own - 0.5 * q);
  }
}
export function mahalanobisRowF32(x: usize, stride: i32, mu: usize, factor: usize, factorBytes: usize, k: i32, tile: usize, out: usize, width: i32, constant: usize, cutoff: f64): void { mahalanobisRows<f32>(x, stride, mu, factor, factorBytes, k, tile, out, width, constant, cutoff); }
export function mahalanobisRowF64(x: usize, stride: i32, mu: usize, factor: usize, factorBytes: usize, k: i32, tile: usize, out: usize, width: i32, constant: usize, cutoff: f64): void { mahalanobisRows<f64>(x, stride, mu, factor, factorBytes, k, tile, out, width, constant, cutoff); }

/** The first W of `list` receive the 2 L lanes of q0 and q1: out[list[p]], f64, `some` of them. */
// @ts-ignore: decorator
@inline function scatterF64<T>(q0: v128, q1: v128, list: usize, some: i32, scratch: usize, out: usize): void {
  storeF64<T>(scratch, q0, q1);
  for (let p: usize = 0; p < <usize>some; p++) store<f64>(out + (<usize>load<i32>(list + (p << 2)) << 3), load<f64>(scratch + (p << 3)));
}

/**
 * Squared distances to k components of diagonal M, each given by `stride` entries: out[c × width + list[t]] (f64) =
 * Σ_i (M_ci (x_i − mu_ci))² for the n listed rows. list is read, and a row taken, for n rounded up to W. tile:
 * stride × W elements and 64 bytes of scratch; zero: `stride` zeros.
 */
// @ts-ignore: decorator
@inline function mahalanobisDiag<T>(x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, k: i32, zero: usize, tile: usize, out: usize, width: i32): void {
  const bytes = <usize>stride * sizeof<T>();
  const lanes: i32 = sizeof<T>() == 4 ? 8 : 4;
  const scratch = tile + (<usize>stride << 5);
  for (let t = 0; t < n; t += lanes, list += <usize>lanes << 2) {
    centeredColumns<T>(x, bytes, list, zero, tile);
    for (let c = 0; c < k; c++) {
      let q0 = v128.splat<T>(0), q1 = q0;
      let column = tile;
      const m = mu + <usize>c * bytes, f = factor + <usize>c * bytes;
      for (let i: usize = 0; i < bytes; i += sizeof<T>(), column += 32) {
        const center = v128.load_splat<T>(m + i), w = v128.load_splat<T>(f + i);
        const a = v128.mul<T>(v128.sub<T>(v128.load(column), center), w), b = v128.mul<T>(v128.sub<T>(v128.load(column, 16), center), w);
        q0 = v128.add<T>(q0, v128.mul<T>(a, a));
        q1 = v128.add<T>(q1, v128.mul<T>(b, b));
      }
      scatterF64<T>(q0, q1, list, min<i32>(lanes, n - t), scratch, out + (<usize>(c * width) << 3));
    }
  }
}
export function mahalanobisDiagF32(x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, k: i32, zero: usize, tile: usize, out: usize, width: i32): void { mahalanobisDiag<f32>(x, stride, list, n, mu, factor, k, zero, tile, out, width); }
export function mahalanobisDiagF64(x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, k: i32, zero: usize, tile: usize, out: usize, width: i32): void { mahalanobisDiag<f64>(x, stride, list, n, mu, factor, k, zero, tile, out, width); }

/** offset[c] = whitened[c] − whitened[own] for c < k (rows of `stride`, f64, rounded once). */
// @ts-ignore: decorator
@inline function offsets<T>(whitened: usize, stride: i32, k: i32, own: i32, offset: usize): void {
  const from = whitened + (<usize>(own * stride) << 3);
  for (let c = 0; c < k; c++)
    for (let i: usize = 0; i < <usize>stride; i++, whitened += 8, offset += sizeof<T>())
      store<T>(offset, <T>(load<f64>(whitened) - load<f64>(from + (i << 3))));
}
export function offsetsF32(whitened: usize, stride: i32, k: i32, own: i32, offset: usize): void { offsets<f32>(whitened, stride, k, own, offset); }
export function offsetsF64(whitened: usize, stride: i32, k: i32, own: i32, offset: usize): void { offsets<f64>(whitened, stride, k, own, offset); }

/**
 * Squared distances to k components that share M (packed as above), by one triangular product a row:
 *   out[c × width + list[t]] (f64) = ‖z − offset_c‖², z = M (x[list[t]] − mu), offset_c = M (mu_c − mu).
 * tile: 2 stride × W elements and 64 bytes of scratch.
 */
// @ts-ignore: decorator
@inline function mahalanobisTied<T>(x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, offset: usize, k: i32, tile: usize, out: usize, width: i32): void {
  const bytes = <usize>stride * sizeof<T>();
  const step = 4 * sizeof<T>();
  const lanes: i32 = sizeof<T>() == 4 ? 8 : 4;
  const whitened = tile + (<usize>stride << 5), scratch = whitened + (<usize>stride << 5);
  for (let t = 0; t < n; t += lanes, list += <usize>lanes << 2) {
    centeredColumns<T>(x, bytes, list, mu, tile);
    let p = factor, z = whitened;
    for (let rows: usize = 4; rows <= <usize>stride; rows += 4, z += 128) {
      let a0 = v128.splat<T>(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
      let column = tile;
      for (const end = p + rows * step; p < end; p += step, column += 32) {
        const x0 = v128.load(column), x1 = v128.load(column, 16);
        const wa = v128.load_splat<T>(p);
        a0 = v128.add<T>(a0, v128.mul<T>(x0, wa)); a1 = v128.add<T>(a1, v128.mul<T>(x1, wa));
        const wb = v128.load_splat<T>(p, sizeof<T>());
        b0 = v128.add<T>(b0, v128.mul<T>(x0, wb)); b1 = v128.add<T>(b1, v128.mul<T>(x1, wb));
        const wc = v128.load_splat<T>(p, 2 * sizeof<T>());
        c0 = v128.add<T>(c0, v128.mul<T>(x0, wc)); c1 = v128.add<T>(c1, v128.mul<T>(x1, wc));
        const wd = v128.load_splat<T>(p, 3 * sizeof<T>());
        d0 = v128.add<T>(d0, v128.mul<T>(x0, wd)); d1 = v128.add<T>(d1, v128.mul<T>(x1, wd));
      }
      v128.store(z, a0); v128.store(z, a1, 16);
      v128.store(z, b0, 32); v128.store(z, b1, 48);
      v128.store(z, c0, 64); v128.store(z, c1, 80);
      v128.store(z, d0, 96); v128.store(z, d1, 112);
    }
    for (let c = 0; c < k; c++) {
      let q0 = v128.splat<T>(0), q1 = q0;
      let column = whitened;
      const o = offset + <usize>c * bytes;
      for (let i: usize = 0; i < bytes; i += sizeof<T>(), column += 32) {
        const m = v128.load_splat<T>(o + i);
        const a = v128.sub<T>(v128.load(column), m), b = v128.sub<T>(v128.load(column, 16), m);
        q0 = v128.add<T>(q0, v128.mul<T>(a, a));
        q1 = v128.add<T>(q1, v128.mul<T>(b, b));
      }
      scatterF64<T>(q0, q1, list, min<i32>(lanes, n - t), scratch, out + (<usize>(c * width) << 3));
    }
  }
}
export function mahalanobisTiedF32(x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, offset: usize, k: i32, tile: usize, out: usize, width: i32): void { mahalanobisTied<f32>(x, stride, list, n, mu, factor, offset, k, tile, out, width); }
export function mahalanobisTiedF64(x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, offset: usize, k: i32, tile: usize, out: usize, width: i32): void { mahalanobisTied<f64>(x, stride, list, n, mu, factor, offset, k, tile, out, width); }

/**
 * From squared distances to responsibilities, all float64. q[j × width + i] for row i and component j becomes
 *   exp(l_j − logProb_i),  l_j = constant_j − q/2,  logProb_i = logsumexp_j l_j.
 * A component further than −cutoff below the best gets 0. Rows are taken in pairs: q has room for an even number. A distance that overflowed counts as a log density of
 * −1e300, so that even a row beyond all numbers has finite densities and probabilities that sum to 1.
 */
export function responsibilities(q: usize, n: i32, width: i32, constant: usize, k: i32, cutoff: f64, logProb: usize): void {
  const step = <usize>width << 3;
  const far = f64x2.splat(-1e300), infinity = f64x2.splat(Infinity), least = f64x2.splat(cutoff);
  for (let i = 0; i < n; i += 2, q += 16, logProb += 16) {
    let best = f64x2.splat(-Infinity);
    let p = q;
    for (let j = 0; j < k; j++, p += step) {
      const square = v128.load(p);
      const near = f64x2.sub(v128.load_splat<f64>(constant + (<usize>j << 3)), f64x2.mul(f64x2.splat(0.5), square));
      const l = v128.bitselect(near, far, f64x2.lt(square, infinity));
      v128.store(p, l);
      best = f64x2.pmax(best, l);
    }
    let sum0: f64 = 0, sum1: f64 = 0;
    p = q;
    for (let j = 0; j < k; j++, p += step) {
      const below = f64x2.sub(v128.load(p), best);
      if (v128.any_true(f64x2.gt(below, least))) {
        const e0 = ratio(f64x2.extract_lane(below, 0), cutoff), e1 = ratio(f64x2.extract_lane(below, 1), cutoff);
        store<f64>(p, e0);
        store<f64>(p, e1, 8);
        sum0 += e0;
        sum1 += e1;
      } else v128.store(p, f64x2.splat(0));
    }
    const best0 = f64x2.extract_lane(best, 0), best1 = f64x2.extract_lane(best, 1);
    store<f64>(logProb, sum0 == 1 ? best0 : best0 + log(sum0));
    if (i + 1 < n) store<f64>(logProb, sum1 == 1 ? best1 : best1 + log(sum1), 8);
    if (sum0 == 1 && sum1 == 1) continue;
    const inverse = f64x2.replace_lane(f64x2.splat(1.0 / sum0), 1, 1.0 / sum1);
    p = q;
    for (let j = 0; j < k; j++, p += step) v128.store(p, f64x2.mul(v128.load(p), inverse));
  }
}

// @ts-ignore: decorator
@inline function ratio(below: f64, cutoff: f64): f64 {
  return below >= 0 ? 1 : below > cutoff ? exp(below) : 0;
}

/**
 * The rows that count for one component: those of n whose responsibility r (f64) times weight (f64) is not 0. Writes
 * their indices to list (i32) and the products to kept (f64), adds the products to total (f64), returns their number.
 */
export function selectRows(r: usize, weight: usize, n: i32, list: usize, kept: usize, total: usize): i32 {
  let count = 0;
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) {
    const value = load<f64>(r + (<usize>i << 3)) * load<f64>(weight + (<usize>i << 3));
    if (value == 0) continue;
    store<i32>(list + (<usize>count << 2), i);
    store<f64>(kept + (<usize>count << 3), value);
    sum += value;
    count++;
  }
  store<f64>(total, load<f64>(total) + sum);
  return count;
}

/** z = √kept[t] (x[list[t]] − mu) as rows of `wide` elements; sum (stride elements) += √kept[t] z. */
// @ts-ignore: decorator
@inline function weightedRows<T>(x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, panel: usize, wide: i32, sum: usize): void {
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
export function weightedRowsF32(x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, panel: usize, wide: i32, sum: usize): void { weightedRows<f32>(x, stride, list, kept, n, mu, panel, wide, sum); }
export function weightedRowsF64(x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, panel: usize, wide: i32, sum: usize): void { weightedRows<f64>(x, stride, list, kept, n, mu, panel, wide, sum); }

/**
 * The same for float32 rows, in float64: mu, panel and sum are f64.
 */
export function weightedRowsWide(x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, panel: usize, wide: i32, sum: usize): void {
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

/** The 2 L lanes of a and b added to f64 values. */
// @ts-ignore: decorator
@inline function addF64<T>(out: usize, a: v128, b: v128): void {
  if (sizeof<T>() == 4) {
    v128.store(out, f64x2.add(v128.load(out), f64x2.promote_low_f32x4(a)));
    v128.store(out, f64x2.add(v128.load(out, 16), f64x2.promote_low_f32x4(v128.shuffle<f32>(a, a, 2, 3, 0, 1))), 16);
    v128.store(out, f64x2.add(v128.load(out, 32), f64x2.promote_low_f32x4(b)), 32);
    v128.store(out, f64x2.add(v128.load(out, 48), f64x2.promote_low_f32x4(v128.shuffle<f32>(b, b, 2, 3, 0, 1))), 48);
  } else {
    v128.store(out, f64x2.add(v128.load(out), a));
    v128.store(out, f64x2.add(v128.load(out, 16), b), 16);
  }
}

/**
 * out (f64, wide × wide) += ZᵀZ for n rows Z of `wide` elements, a multiple of W. Only the tiles of 4 × W that touch
 * the upper half are computed. Each product is summed over the rows in their order, then added in float64.
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
      addF64<T>(o, a0, a1); o += rowBytes;
      addF64<T>(o, b0, b1); o += rowBytes;
      addF64<T>(o, c0, c1); o += rowBytes;
      addF64<T>(o, d0, d1);
    }
  }
}
export function gramF32(z: usize, n: i32, wide: i32, out: usize): void { gram<f32>(z, n, wide, out, false); }
export function gramF64(z: usize, n: i32, wide: i32, out: usize): void { gram<f64>(z, n, wide, out, false); }

/** out −= ZᵀZ: for rows that leave a sum. */
export function gramAwayF64(z: usize, n: i32, wide: i32, out: usize): void { gram<f64>(z, n, wide, out, true); }

/** out (f64, wide) += the diagonal of ZᵀZ, in the same order. */
// @ts-ignore: decorator
@inline function gramDiag<T>(z: usize, n: i32, wide: i32, out: usize): void {
  const bytes = <usize>wide * sizeof<T>();
  const size = <usize>n * bytes;
  for (let j: usize = 0; j < bytes; j += 32) {
    let a = v128.splat<T>(0), b = a;
    for (let p = z + j, last = z + j + size; p < last; p += bytes) {
      const x0 = v128.load(p), x1 = v128.load(p, 16);
      a = v128.add<T>(a, v128.mul<T>(x0, x0));
      b = v128.add<T>(b, v128.mul<T>(x1, x1));
    }
    addF64<T>(out + (j / sizeof<T>() << 3), a, b);
  }
}
export function gramDiagF32(z: usize, n: i32, wide: i32, out: usize): void { gramDiag<f32>(z, n, wide, out); }
export function gramDiagF64(z: usize, n: i32, wide: i32, out: usize): void { gramDiag<f64>(z, n, wide, out); }

/** Σ x[i] y[i] over n float64 values, in two lanes, the tail last. */
// @ts-ignore: decorator
@inline function dot(x: usize, y: usize, n: i32): f64 {
  let sum = f64x2.splat(0);
  const last = x + (<usize>(n & ~1) << 3);
  while (x < last) {
    sum = f64x2.add(sum, f64x2.mul(v128.load(x), v128.load(y)));
    x += 16;
    y += 16;
  }
  const total = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
  return n & 1 ? total + load<f64>(x) * load<f64>(y) : total;
}

/**
 * The Cholesky factor L of the d × d matrix at a (f64, rows of `stride`), A = L Lᵀ: the lower half is replaced by L,
 * the rest is not touched. Returns −1, or the index of the first pivot that is not in (0, ∞).
 */
export function cholesky(a: usize, d: i32, stride: i32): i32 {
  const bytes = <usize>stride << 3;
  for (let i = 0, row = a; i < d; i++, row += bytes) {
    for (let j = 0, above = a; j < i; j++, above += bytes) {
      const at = row + (<usize>j << 3);
      store<f64>(at, (load<f64>(at) - dot(row, above, j)) / load<f64>(above + (<usize>j << 3)));
    }
    const at = row + (<usize>i << 3);
    const pivot = load<f64>(at) - dot(row, row, i);
    if (!(pivot > 0 && pivot < Infinity)) return i;
    store<f64>(at, sqrt<f64>(pivot));
  }
  return -1;
}

/** out (f64, d rows of `stride`, an even number) = L⁻¹ for the lower triangular L at l; the upper half is set to 0. */
export function invertLower(l: usize, d: i32, stride: i32, out: usize): void {
  const bytes = <usize>stride << 3;
  for (let i = 0, row = out; i < d; i++, row += bytes, l += bytes) {
    memory.fill(row, 0, bytes);
    const at = row + (<usize>i << 3);
    const inverse = 1.0 / load<f64>(l + (<usize>i << 3));
    for (let j = 0, above = out; j < i; j++, above += bytes) {
      const w = f64x2.splat(-load<f64>(l + (<usize>j << 3)) * inverse);
      const end = <usize>(j + 1) << 3;
      for (let c: usize = 0; c < end; c += 16)
        v128.store(row + c, f64x2.add(v128.load(row + c), f64x2.mul(w, v128.load(above + c))));
    }
    store<f64>(at, inverse);
  }
}
