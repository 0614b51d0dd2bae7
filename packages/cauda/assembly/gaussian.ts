/**
 * Mixture kernels. Rows hold `stride` elements, a multiple of 4, the lanes beyond the features being zero. L is the
 * number of lanes (4 for f32, 2 for f64); W = 2 L rows are worked on together, each in a lane of its own.
 *
 * The E-step is a list of rows times one component, so that a caller may leave out the pairs it need not know.
 */
import { expPair, logPair } from './elementary';

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

/**
 * Squared distances of W columns (`stride` elements of W lanes) to four components: W f64 each, 64 bytes from one to the
 * next, at out. `pack` holds for each element the four components' entries m, and with `scaled` then their factors f:
 * Σ_i (f_i (column_i − m_i))².
 */
// @ts-ignore: decorator
@inline function fourApart<T>(column: usize, stride: i32, pack: usize, scaled: bool, out: usize): void {
  let a0 = v128.splat<T>(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  for (const end = column + (<usize>stride << 5); column < end; column += 32) {
    const x0 = v128.load(column), x1 = v128.load(column, 16);
    let m = v128.load_splat<T>(pack), y0 = v128.sub<T>(x0, m), y1 = v128.sub<T>(x1, m), f: v128;
    if (scaled) { f = v128.load_splat<T>(pack, 4 * sizeof<T>()); y0 = v128.mul<T>(y0, f); y1 = v128.mul<T>(y1, f); }
    a0 = v128.add<T>(a0, v128.mul<T>(y0, y0)); a1 = v128.add<T>(a1, v128.mul<T>(y1, y1));
    m = v128.load_splat<T>(pack, sizeof<T>()); y0 = v128.sub<T>(x0, m); y1 = v128.sub<T>(x1, m);
    if (scaled) { f = v128.load_splat<T>(pack, 5 * sizeof<T>()); y0 = v128.mul<T>(y0, f); y1 = v128.mul<T>(y1, f); }
    b0 = v128.add<T>(b0, v128.mul<T>(y0, y0)); b1 = v128.add<T>(b1, v128.mul<T>(y1, y1));
    m = v128.load_splat<T>(pack, 2 * sizeof<T>()); y0 = v128.sub<T>(x0, m); y1 = v128.sub<T>(x1, m);
    if (scaled) { f = v128.load_splat<T>(pack, 6 * sizeof<T>()); y0 = v128.mul<T>(y0, f); y1 = v128.mul<T>(y1, f); }
    c0 = v128.add<T>(c0, v128.mul<T>(y0, y0)); c1 = v128.add<T>(c1, v128.mul<T>(y1, y1));
    m = v128.load_splat<T>(pack, 3 * sizeof<T>()); y0 = v128.sub<T>(x0, m); y1 = v128.sub<T>(x1, m);
    if (scaled) { f = v128.load_splat<T>(pack, 7 * sizeof<T>()); y0 = v128.mul<T>(y0, f); y1 = v128.mul<T>(y1, f); }
    d0 = v128.add<T>(d0, v128.mul<T>(y0, y0)); d1 = v128.add<T>(d1, v128.mul<T>(y1, y1));
    pack += (scaled ? 8 : 4) * sizeof<T>();
  }
  storeF64<T>(out, a0, a1);
  storeF64<T>(out + 64, b0, b1);
  storeF64<T>(out + 128, c0, c1);
  storeF64<T>(out + 192, d0, d1);
}

/**
 * Squared distances to k components of diagonal M, each given by `stride` entries: out[c × width + t] (f64) =
 * Σ_i (M_ci (x_i − mu_ci))² for the n rows at x; rows up to the next multiple of W are read, and written to out. `pack`
 * holds mu and M for four components after another, as `fourApart` reads them, the last ones filled up. list: 0 … W − 1
 * (i32); tile: stride × W elements and 256 bytes of scratch; zero: `stride` zeros.
 */
// @ts-ignore: decorator
@inline function mahalanobisDiag<T>(x: usize, stride: i32, list: usize, n: i32, pack: usize, k: i32, zero: usize, tile: usize, out: usize, width: i32): void {
  const bytes = <usize>stride * sizeof<T>();
  const lanes: i32 = sizeof<T>() == 4 ? 8 : 4;
  const scratch = tile + (<usize>stride << 5);
  for (let t = 0; t < n; t += lanes, x += <usize>lanes * bytes, out += <usize>lanes << 3) {
    centeredColumns<T>(x, bytes, list, zero, tile);
    let p = pack;
    for (let c = 0; c < k; c += 4, p += 8 * bytes) {
      fourApart<T>(tile, stride, p, true, scratch);
      const last = min<i32>(4, k - c);
      for (let m = 0; m < last; m++) {
        const to = out + (<usize>((c + m) * width) << 3), from = scratch + (<usize>m << 6);
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
        if (sizeof<T>() == 4) {
          v128.store(to, v128.load(from, 32), 32);
          v128.store(to, v128.load(from, 48), 48);
        }
      }
    }
  }
}
export function mahalanobisDiagF32(x: usize, stride: i32, list: usize, n: i32, pack: usize, k: i32, zero: usize, tile: usize, out: usize, width: i32): void { mahalanobisDiag<f32>(x, stride, list, n, pack, k, zero, tile, out, width); }
export function mahalanobisDiagF64(x: usize, stride: i32, list: usize, n: i32, pack: usize, k: i32, zero: usize, tile: usize, out: usize, width: i32): void { mahalanobisDiag<f64>(x, stride, list, n, pack, k, zero, tile, out, width); }

/**
 * offset[c] = whitened[c] − whitened[own] for c < k (whitened: rows of `stride`, f64), rounded once and packed for
 * `fourApart`: element by element for four components after another.
 */
// @ts-ignore: decorator
@inline function offsets<T>(whitened: usize, stride: i32, k: i32, own: i32, offset: usize): void {
  const from = whitened + (<usize>(own * stride) << 3);
  for (let c = 0; c < k; c++) {
    let out = offset + <usize>((c >> 2) * 4 * stride + (c & 3)) * sizeof<T>();
    for (let i: usize = 0; i < <usize>stride; i++, whitened += 8, out += 4 * sizeof<T>())
      store<T>(out, <T>(load<f64>(whitened) - load<f64>(from + (i << 3))));
  }
}
export function offsetsF32(whitened: usize, stride: i32, k: i32, own: i32, offset: usize): void { offsets<f32>(whitened, stride, k, own, offset); }
export function offsetsF64(whitened: usize, stride: i32, k: i32, own: i32, offset: usize): void { offsets<f64>(whitened, stride, k, own, offset); }

/**
 * Squared distances to k components that share M (packed as above), by one triangular product a row:
 *   out[c × width + list[t]] (f64) = ‖z − offset_c‖², z = M (x[list[t]] − mu), offset_c = M (mu_c − mu),
 * the offsets packed by `offsets`. tile: 2 stride × W elements and 256 bytes of scratch.
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
    const some = <usize>min<i32>(lanes, n - t);
    for (let c = 0, o = offset; c < k; c += 4, o += 4 * bytes) {
      fourApart<T>(whitened, stride, o, false, scratch);
      const last = min<i32>(4, k - c);
      for (let m = 0; m < last; m++) {
        const to = out + (<usize>((c + m) * width) << 3), from = scratch + (<usize>m << 6);
        for (let p: usize = 0; p < some; p++) store<f64>(to + (<usize>load<i32>(list + (p << 2)) << 3), load<f64>(from + (p << 3)));
      }
    }
  }
}
export function mahalanobisTiedF32(x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, offset: usize, k: i32, tile: usize, out: usize, width: i32): void { mahalanobisTied<f32>(x, stride, list, n, mu, factor, offset, k, tile, out, width); }
export function mahalanobisTiedF64(x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, offset: usize, k: i32, tile: usize, out: usize, width: i32): void { mahalanobisTied<f64>(x, stride, list, n, mu, factor, offset, k, tile, out, width); }

/**
 * From squared distances to responsibilities, all float64. q[j × width + i] for row i and component j becomes
 *   exp(l_j − logProb_i),  l_j = constant_j − q/2,  logProb_i = logsumexp_j l_j.
 * A component further than −cutoff below the best gets 0. Rows are taken in pairs: q and label have room for an even
 * number. A distance that overflowed counts as a log density of −1e300, so that even a row beyond all numbers has finite
 * densities and probabilities that sum to 1. label[i] (i32), unless it is 0, becomes the component of the largest l_j,
 * the lowest one in a tie.
 */
export function responsibilities(q: usize, n: i32, width: i32, constant: usize, k: i32, cutoff: f64, logProb: usize, label: usize): void {
  const step = <usize>width << 3;
  const far = f64x2.splat(-1e300), infinity = f64x2.splat(Infinity), least = f64x2.splat(cutoff), half = f64x2.splat(0.5), one = f64x2.splat(1);
  for (let i = 0; i < n; i += 2, q += 16, logProb += 16) {
    let best = f64x2.splat(-Infinity), most = i64x2.splat(0);
    let p = q;
    for (let j = 0; j < k; j++, p += step) {
      const square = v128.load(p);
      const near = f64x2.sub(v128.load_splat<f64>(constant + (<usize>j << 3)), f64x2.mul(half, square));
      const l = v128.bitselect(near, far, f64x2.lt(square, infinity));
      v128.store(p, l);
      most = v128.bitselect(i64x2.splat(j), most, f64x2.gt(l, best));
      best = f64x2.pmax(best, l);
    }
    if (label) {
      store<i32>(label, <i32>i64x2.extract_lane(most, 0));
      store<i32>(label, <i32>i64x2.extract_lane(most, 1), 4);
      label += 8;
    }
    let sum = f64x2.splat(0);
    p = q;
    for (let j = 0; j < k; j++, p += step) {
      const below = f64x2.sub(v128.load(p), best), counts = f64x2.gt(below, least);
      let e = f64x2.splat(0);
      if (v128.any_true(counts)) {
        e = v128.and(expPair(f64x2.pmax(below, least)), counts);
        sum = f64x2.add(sum, e);
      }
      v128.store(p, e);
    }
    if (v128.any_true(f64x2.ne(sum, one))) {
      best = f64x2.add(best, logPair(sum));
      const inverse = f64x2.div(one, sum);
      p = q;
      for (let j = 0; j < k; j++, p += step) v128.store(p, f64x2.mul(v128.load(p), inverse));
    }
    store<f64>(logProb, f64x2.extract_lane(best, 0));
    if (i + 1 < n) store<f64>(logProb, f64x2.extract_lane(best, 1), 8);
  }
}

/**
 * The rows that count for one component: those of n whose responsibility r (f64) times weight (f64) is not 0. Writes
 * their indices to list (i32) and the products to kept (f64), adds the products to total (f64), returns their number.
 */
export function selectRows(r: usize, weight: usize, n: i32, list: usize, kept: usize, total: usize): i32 {
  let count = 0;
  let sum: f64 = 0;
  for (let i = 0; i < n; i += 2, r += 16, weight += 16) {
    const pair = v128.load(r);
    if (!v128.any_true(f64x2.ne(pair, f64x2.splat(0)))) continue;
    const value0 = f64x2.extract_lane(pair, 0) * load<f64>(weight);
    if (value0 != 0) {
      store<i32>(list + (<usize>count << 2), i);
      store<f64>(kept + (<usize>count << 3), value0);
      sum += value0;
      count++;
    }
    if (i + 1 == n) break;
    const value1 = f64x2.extract_lane(pair, 1) * load<f64>(weight, 8);
    if (value1 != 0) {
      store<i32>(list + (<usize>count << 2), i + 1);
      store<f64>(kept + (<usize>count << 3), value1);
      sum += value1;
      count++;
    }
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

/** The L lanes of a added to f64 values. */
// @ts-ignore: decorator
@inline function addLanes<T>(out: usize, a: v128): void {
  if (sizeof<T>() == 4) {
    v128.store(out, f64x2.add(v128.load(out), f64x2.promote_low_f32x4(a)));
    v128.store(out, f64x2.add(v128.load(out, 16), f64x2.promote_low_f32x4(v128.shuffle<f32>(a, a, 2, 3, 0, 1))), 16);
  } else v128.store(out, f64x2.add(v128.load(out), a));
}

/** 1 or 4 vectors of the sums of `moments`. */
// @ts-ignore: decorator
@inline function momentColumns<T>(vectors: i32, x: usize, bytes: usize, list: usize, root: usize, n: i32, mu: usize, first: usize, second: usize): void {
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
  addLanes<T>(first, s0);
  addLanes<T>(second, q0);
  if (vectors > 1) {
    addLanes<T>(first + next, s1); addLanes<T>(first + 2 * next, s2); addLanes<T>(first + 3 * next, s3);
    addLanes<T>(second + next, q1); addLanes<T>(second + 2 * next, q2); addLanes<T>(second + 3 * next, q3);
  }
}

/**
 * first (f64, stride elements) += Σ_t kept[t] (x[list[t]] − mu) and second += Σ_t kept[t] (x[list[t]] − mu)², each
 * summed over the n rows in their order, then added in float64. root: n elements of scratch.
 */
// @ts-ignore: decorator
@inline function diagMoments<T>(x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, root: usize, first: usize, second: usize): void {
  const bytes = <usize>stride * sizeof<T>();
  for (let t: usize = 0; t < <usize>n; t++) store<T>(root + t * sizeof<T>(), <T>sqrt<f64>(load<f64>(kept + (t << 3))));
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
export function diagMomentsF32(x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, root: usize, first: usize, second: usize): void { diagMoments<f32>(x, stride, list, kept, n, mu, root, first, second); }
export function diagMomentsF64(x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, root: usize, first: usize, second: usize): void { diagMoments<f64>(x, stride, list, kept, n, mu, root, first, second); }

/** Two elements as f64. */
// @ts-ignore: decorator
@inline function pairAt<T>(p: usize, offset: usize): v128 {
  return sizeof<T>() == 4 ? f64x2.promote_low_f32x4(v128.load64_zero(p + offset)) : v128.load(p + 2 * offset);
}

/** 4 or 16 elements of the sums of `firstMoments`. */
// @ts-ignore: decorator
@inline function firstColumns<T>(elements: i32, x: usize, bytes: usize, list: usize, kept: usize, n: i32, mu: usize, first: usize): void {
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

/** first (f64, stride elements) += Σ_t kept[t] (x[list[t]] − mu), all in float64, summed over the n rows in their order. */
// @ts-ignore: decorator
@inline function firstMoments<T>(x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, first: usize): void {
  const bytes = <usize>stride * sizeof<T>();
  let i = 0;
  for (; i + 16 <= stride; i += 16) firstColumns<T>(16, x + <usize>i * sizeof<T>(), bytes, list, kept, n, mu + <usize>i * sizeof<T>(), first + (<usize>i << 3));
  for (; i < stride; i += 4) firstColumns<T>(4, x + <usize>i * sizeof<T>(), bytes, list, kept, n, mu + <usize>i * sizeof<T>(), first + (<usize>i << 3));
}
export function firstMomentsF32(x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, first: usize): void { firstMoments<f32>(x, stride, list, kept, n, mu, first); }
export function firstMomentsF64(x: usize, stride: i32, list: usize, kept: usize, n: i32, mu: usize, first: usize): void { firstMoments<f64>(x, stride, list, kept, n, mu, first); }

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
