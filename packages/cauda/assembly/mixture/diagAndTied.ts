import { storeF64 } from '../lanes';
import { centeredColumns } from './mahalanobis';

/**
 * Squared Mahalanobis distances of rows to four components at a time: to components with diagonal M, and to
 * components that share one triangular M. Rows, L and W are those of mahalanobis.ts.
 */

/**
 * Σ_i (f_i (column_i − m_i))² of W columns (`stride` elements of W lanes) for four components: out (f64, W
 * for each component, 64 bytes from one component to the next). `pack` holds for each element the four
 * components' entries m and, with `scaled`, then their factors f.
 */
// @ts-ignore: decorator
@inline function fourDistances<T>(column: usize, stride: i32, pack: usize, scaled: bool, out: usize): void {
  let a0 = v128.splat<T>(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  for (const end = column + (<usize>stride << 5); column < end; column += 32) {
    const x0 = v128.load(column), x1 = v128.load(column, 16);
    let m = v128.load_splat<T>(pack), y0 = v128.sub<T>(x0, m), y1 = v128.sub<T>(x1, m), f: v128;
    if (scaled) {
      f = v128.load_splat<T>(pack, 4 * sizeof<T>()); y0 = v128.mul<T>(y0, f); y1 = v128.mul<T>(y1, f);
    }
    a0 = v128.add<T>(a0, v128.mul<T>(y0, y0)); a1 = v128.add<T>(a1, v128.mul<T>(y1, y1));
    m = v128.load_splat<T>(pack, sizeof<T>()); y0 = v128.sub<T>(x0, m); y1 = v128.sub<T>(x1, m);
    if (scaled) {
      f = v128.load_splat<T>(pack, 5 * sizeof<T>()); y0 = v128.mul<T>(y0, f); y1 = v128.mul<T>(y1, f);
    }
    b0 = v128.add<T>(b0, v128.mul<T>(y0, y0)); b1 = v128.add<T>(b1, v128.mul<T>(y1, y1));
    m = v128.load_splat<T>(pack, 2 * sizeof<T>()); y0 = v128.sub<T>(x0, m); y1 = v128.sub<T>(x1, m);
    if (scaled) {
      f = v128.load_splat<T>(pack, 6 * sizeof<T>()); y0 = v128.mul<T>(y0, f); y1 = v128.mul<T>(y1, f);
    }
    c0 = v128.add<T>(c0, v128.mul<T>(y0, y0)); c1 = v128.add<T>(c1, v128.mul<T>(y1, y1));
    m = v128.load_splat<T>(pack, 3 * sizeof<T>()); y0 = v128.sub<T>(x0, m); y1 = v128.sub<T>(x1, m);
    if (scaled) {
      f = v128.load_splat<T>(pack, 7 * sizeof<T>()); y0 = v128.mul<T>(y0, f); y1 = v128.mul<T>(y1, f);
    }
    d0 = v128.add<T>(d0, v128.mul<T>(y0, y0)); d1 = v128.add<T>(d1, v128.mul<T>(y1, y1));
    pack += (scaled ? 8 : 4) * sizeof<T>();
  }
  storeF64<T>(out, a0, a1);
  storeF64<T>(out + 64, b0, b1);
  storeF64<T>(out + 128, c0, c1);
  storeF64<T>(out + 192, d0, d1);
}

/**
 * Squared distances of the n rows at x to k components with diagonal M:
 *   out[c × width + t] (f64) = Σ_i (M_ci (x_ti − mu_ci))².
 * Rows are read, and distances written, up to the next multiple of W. `pack` holds mu and M of four
 * components after another, as `fourDistances` reads them, and the last four are filled up. list: 0 … W − 1
 * (i32); tile: stride × W elements and 256 bytes of scratch; zero: `stride` zeros.
 */
// @ts-ignore: decorator
@inline function mahalanobisDiag<T>(
  x: usize, stride: i32, list: usize, n: i32, pack: usize, k: i32, zero: usize, tile: usize, out: usize,
  width: i32,
): void {
  const bytes = <usize>stride * sizeof<T>();
  const lanes: i32 = sizeof<T>() == 4 ? 8 : 4;
  const scratch = tile + (<usize>stride << 5);
  for (let t = 0; t < n; t += lanes, x += <usize>lanes * bytes, out += <usize>lanes << 3) {
    centeredColumns<T>(x, bytes, list, zero, tile);
    let p = pack;
    for (let c = 0; c < k; c += 4, p += 8 * bytes) {
      fourDistances<T>(tile, stride, p, true, scratch);
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
export function mahalanobisDiagF32(
  x: usize, stride: i32, list: usize, n: i32, pack: usize, k: i32, zero: usize, tile: usize, out: usize,
  width: i32,
): void {
  mahalanobisDiag<f32>(x, stride, list, n, pack, k, zero, tile, out, width);
}
export function mahalanobisDiagF64(
  x: usize, stride: i32, list: usize, n: i32, pack: usize, k: i32, zero: usize, tile: usize, out: usize,
  width: i32,
): void {
  mahalanobisDiag<f64>(x, stride, list, n, pack, k, zero, tile, out, width);
}

/**
 * offset[c] = whitened[c] − whitened[own] for c < k (whitened: f64, rows of `stride`), rounded once and
 * packed for `fourDistances`: element by element for four components after another.
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
export function offsetsF32(
  whitened: usize, stride: i32, k: i32, own: i32, offset: usize,
): void {
  offsets<f32>(whitened, stride, k, own, offset);
}
export function offsetsF64(
  whitened: usize, stride: i32, k: i32, own: i32, offset: usize,
): void {
  offsets<f64>(whitened, stride, k, own, offset);
}

/**
 * Squared distances to k components that share M (packed as in mahalanobis.ts), by one triangular product a
 * row:
 *   out[c × width + list[t]] (f64) = ‖z − offset_c‖², z = M (x[list[t]] − mu), offset_c = M (mu_c − mu),
 * with the offsets that `offsets` has packed. tile: 2 stride × W elements and 256 bytes of scratch.
 */
// @ts-ignore: decorator
@inline function mahalanobisTied<T>(
  x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, offset: usize, k: i32, tile: usize,
  out: usize, width: i32,
): void {
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
      fourDistances<T>(whitened, stride, o, false, scratch);
      const last = min<i32>(4, k - c);
      for (let m = 0; m < last; m++) {
        const to = out + (<usize>((c + m) * width) << 3), from = scratch + (<usize>m << 6);
        for (let p: usize = 0; p < some; p++)
          store<f64>(to + (<usize>load<i32>(list + (p << 2)) << 3), load<f64>(from + (p << 3)));
      }
    }
  }
}
export function mahalanobisTiedF32(
  x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, offset: usize, k: i32, tile: usize,
  out: usize, width: i32,
): void {
  mahalanobisTied<f32>(x, stride, list, n, mu, factor, offset, k, tile, out, width);
}
export function mahalanobisTiedF64(
  x: usize, stride: i32, list: usize, n: i32, mu: usize, factor: usize, offset: usize, k: i32, tile: usize,
  out: usize, width: i32,
): void {
  mahalanobisTied<f64>(x, stride, list, n, mu, factor, offset, k, tile, out, width);
}
