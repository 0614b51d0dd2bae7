import { horizontal, loadF64, storeF64 } from '../lanes';

/**
 * Squared Mahalanobis distances ‖M (x − mu)‖² of rows to components that have a lower triangular M each. Rows
 * hold `stride` elements, a multiple of 4, and the lanes beyond the features are zero. A vector has L lanes
 * (4 for f32, 2 for f64); W = 2 L rows are worked on together, each in a lane of its own.
 *
 * The kernels take a list of rows and one component, so that a caller may leave out the pairs of row and
 * component that it need not know.
 */

/** tile[i × W + p] = x[list[p]][i] − mu[i] for the W rows that `list` (i32) names. */
// @ts-ignore: decorator
@inline export function centeredColumns<T>(
  x: usize, bytes: usize, list: usize, mu: usize, tile: usize,
): void {
  if (sizeof<T>() == 4) {
    for (let half: usize = 0; half < 32; half += 16) {
      const p0 = x + <usize>load<i32>(list + half) * bytes;
      const p1 = x + <usize>load<i32>(list + half, 4) * bytes;
      const p2 = x + <usize>load<i32>(list + half, 8) * bytes;
      const p3 = x + <usize>load<i32>(list + half, 12) * bytes;
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

/**
 * out[t] (f64) = ‖M (x[list[t]] − mu)‖². M is packed in tiles of four rows: tile r holds, for each column i ≤
 * 4 r + 3, the entries of rows 4 r … 4 r + 3. Squares are added (a + b) + (c + d) within a tile. Entries of
 * list are read, and of out written, up to the next multiple of W. tile: stride × W elements of scratch.
 * Where `limits` (f64, like out) is not 0, W rows are abandoned, with their sums unfinished, once all of them
 * exceed their limits.
 */
// @ts-ignore: decorator
@inline function mahalanobis<T>(
  x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, tile: usize, out: usize,
  limits: usize,
): void {
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
      q0 = v128.add<T>(q0, sumOfSquares<T>(a0, b0, c0, d0));
      q1 = v128.add<T>(q1, sumOfSquares<T>(a1, b1, c1, d1));
      if (i32x4.all_true(v128.and(v128.gt<T>(q0, limit0), v128.gt<T>(q1, limit1)))) break;
    }
    storeF64<T>(out, q0, q1);
    list += <usize>width << 2;
    out += <usize>width << 3;
  }
}
export function mahalanobisF32(
  x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, tile: usize, out: usize,
  limits: usize,
): void {
  mahalanobis<f32>(x, stride, list, n, mu, factor, tile, out, limits);
}
export function mahalanobisF64(
  x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, tile: usize, out: usize,
  limits: usize,
): void {
  mahalanobis<f64>(x, stride, list, n, mu, factor, tile, out, limits);
}

/** (a² + b²) + (c² + d²). */
// @ts-ignore: decorator
@inline function sumOfSquares<T>(a: v128, b: v128, c: v128, d: v128): v128 {
  const first = v128.add<T>(v128.mul<T>(a, a), v128.mul<T>(b, b));
  return v128.add<T>(first, v128.add<T>(v128.mul<T>(c, c), v128.mul<T>(d, d)));
}

/**
 * The same distance, to the bit, of the single row at x, with rows of M in the lanes instead of points. tile:
 * `stride` elements of scratch.
 * @returns the squared distance, or a part of it that exceeds `limit`
 */
// @ts-ignore: decorator
@inline function mahalanobisRow<T>(
  x: usize, stride: i32, mu: usize, factor: usize, tile: usize, limit: f64,
): f64 {
  const bytes = <usize>stride * sizeof<T>();
  for (let i: usize = 0; i < bytes; i += 16)
    v128.store(tile + i, v128.sub<T>(v128.load(x + i), v128.load(mu + i)));
  let q: T = 0;
  for (let end: usize = 4 * sizeof<T>(); end <= bytes; end += 4 * sizeof<T>()) {
    let a = v128.splat<T>(0), b = a;
    for (let i: usize = 0; i < end; i += sizeof<T>(), factor += 4 * sizeof<T>()) {
      const z = v128.load_splat<T>(tile + i);
      a = v128.add<T>(a, v128.mul<T>(z, v128.load(factor)));
      if (sizeof<T>() == 8) b = v128.add<T>(b, v128.mul<T>(z, v128.load(factor, 16)));
    }
    a = v128.mul<T>(a, a);
    if (sizeof<T>() == 4) q += horizontal<T>(a);
    else q += horizontal<T>(a) + horizontal<T>(v128.mul<T>(b, b));
    if (<f64>q > limit) break;
  }
  return <f64>q;
}

/** The mean, of k, that is nearest to x by squared distance; the first one in a tie. */
// @ts-ignore: decorator
@inline function nearestMean<T>(x: usize, stride: i32, mu: usize, k: i32): i32 {
  const bytes = <usize>stride * sizeof<T>();
  let best = 0;
  let least: f64 = Infinity;
  for (let c = 0; c < k; c++, mu += bytes) {
    let sum = v128.splat<T>(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const difference = v128.sub<T>(v128.load(x + i), v128.load(mu + i));
      sum = v128.add<T>(sum, v128.mul<T>(difference, difference));
    }
    const squared = <f64>horizontal<T>(sum);
    if (squared < least) {
      least = squared;
      best = c;
    }
  }
  return best;
}

/**
 * Squared distances of one row to k components: out[c × width] (f64). `factorBytes` lie between one factor
 * and the next. The component with the nearest mean comes first; the sums of the others may stay unfinished,
 * once they are so large that the log-density constant_c − q/2 is further than −cutoff below the best so far.
 */
// @ts-ignore: decorator
@inline function mahalanobisRows<T>(
  x: usize, stride: i32, mu: usize, factor: usize, factorBytes: usize, k: i32, tile: usize, out: usize,
  width: i32, constant: usize, cutoff: f64,
): void {
  const bytes = <usize>stride * sizeof<T>();
  let best: f64 = -Infinity;
  const first = nearestMean<T>(x, stride, mu, k);
  for (let turn = 0; turn <= k; turn++) {
    const c = turn == 0 ? first : turn - 1;
    if (turn > 0 && c == first) continue;
    const own = load<f64>(constant + (<usize>c << 3));
    // a little more than needed, because of rounding
    const limit = (2 * (own - best - cutoff)) * (1 + 1e-9) + 1e-9;
    const mean = mu + <usize>c * bytes, M = factor + <usize>c * factorBytes;
    const q = mahalanobisRow<T>(x, stride, mean, M, tile, max<f64>(limit, 0));
    store<f64>(out + (<usize>(c * width) << 3), q);
    best = max<f64>(best, own - 0.5 * q);
  }
}
export function mahalanobisRowF32(
  x: usize, stride: i32, mu: usize, factor: usize, factorBytes: usize, k: i32, tile: usize, out: usize,
  width: i32, constant: usize, cutoff: f64,
): void {
  mahalanobisRows<f32>(x, stride, mu, factor, factorBytes, k, tile, out, width, constant, cutoff);
}
export function mahalanobisRowF64(
  x: usize, stride: i32, mu: usize, factor: usize, factorBytes: usize, k: i32, tile: usize, out: usize,
  width: i32, constant: usize, cutoff: f64,
): void {
  mahalanobisRows<f64>(x, stride, mu, factor, factorBytes, k, tile, out, width, constant, cutoff);
}
