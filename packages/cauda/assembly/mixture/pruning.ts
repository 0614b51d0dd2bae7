import { demotePairs, promoteHigh } from '../lanes';

/**
 * Which pairs of a row and a component must be evaluated. Squared distances q, log-densities and limits are
 * float64; lists (i32) hold rows of the block. The mathematics is in src/mixture/rows/carry.ts and
 * pruning.ts.
 */

/** 2⁻³⁹, more than rounding may do to a difference of log-densities and to a limit in float32. */
const SLACK: f64 = 1.8189894035458565e-12;

/**
 * Distances are pursued to this multiple of their limit, so that bounds hold for some iterations. It is also
 * more than float32 takes from a limit when it is rounded.
 */
const LATER: f64 = 1.5;

/** q[list[t]] = square[t] for the n rows that `list` names. */
export function keepDistances(list: usize, n: i32, square: usize, q: usize): void {
  for (let t: usize = 0; t < <usize>n; t++)
    store<f64>(q + (<usize>load<i32>(list + (t << 2)) << 3), load<f64>(square + (t << 3)));
}

/**
 * bound (f32, by row) becomes a lower bound of the distance of each listed row, from its computed square:
 *   √square × shrink − off − slope × norm  (norm: f64, by row),
 * or 0 if that is negative. A square that overflowed gives 0 as well, as it tells nothing.
 */
export function keepBounds(
  list: usize, n: i32, square: usize, norm: usize, shrink: f64, off: f64, slope: f64, bound: usize,
): void {
  for (let t: usize = 0; t < <usize>n; t++) {
    const i = <usize>load<i32>(list + (t << 2));
    const q = load<f64>(square + (t << 3));
    const b = sqrt<f64>(q) * shrink - (off + slope * load<f64>(norm + (i << 3)));
    store<f32>(bound + (i << 2), q < Infinity && b > 0 ? <f32>(min<f64>(b, 1e18) * 0.9999998) : 0);
  }
}

/**
 * Carries component c's bounds over an M-step and finds the rows for which its log-density may come within
 * −cutoff of the best. They are listed, each with the limit of the squared distance beyond which it does not.
 * All other rows that are not labeled with the component get q = ∞. With terms = (scale, shift, drift, off,
 * slope), all f64:
 *   b' = scale b − shift − drift norm is a lower bound of the new distance, and
 *   (b' − off − slope norm) shrink is one of its computed value.
 * Rows are taken by fours, so all arrays have room for a multiple of 4.
 * @returns how many rows are listed
 */
export function openPairs(
  c: i32, label: usize, n: i32, best: usize, norm: usize, bound: usize, terms: usize, shrink: f64,
  constant: f64, cutoff: f64, q: usize, list: usize, limits: usize,
): i32 {
  const scale = v128.load_splat<f64>(terms), shift = v128.load_splat<f64>(terms, 8);
  const drift = v128.load_splat<f64>(terms, 16);
  const off = v128.load_splat<f64>(terms, 24), slope = v128.load_splat<f64>(terms, 32);
  const shrinks = f64x2.splat(shrink);
  const constants = f64x2.splat(constant), cutoffs = f64x2.splat(cutoff), half = f64x2.splat(0.5);
  const zero = f64x2.splat(0), infinity = f64x2.splat(Infinity);
  const own = i32x4.splat(c);
  let open = 0;
  for (let i = 0; i < n; i += 4, label += 16, best += 32, norm += 32, bound += 16, q += 32) {
    const bounds = v128.load(bound);
    const n0 = v128.load(norm), n1 = v128.load(norm, 16);
    const low = f64x2.sub(f64x2.mul(f64x2.promote_low_f32x4(bounds), scale), shift);
    const high = f64x2.sub(f64x2.mul(promoteHigh(bounds), scale), shift);
    const b0 = f64x2.sub(low, f64x2.mul(drift, n0)), b1 = f64x2.sub(high, f64x2.mul(drift, n1));
    const t0 = f64x2.mul(f64x2.sub(f64x2.sub(b0, off), f64x2.mul(slope, n0)), shrinks);
    const t1 = f64x2.mul(f64x2.sub(f64x2.sub(b1, off), f64x2.mul(slope, n1)), shrinks);
    // in the order of operations of `responsibilities`, so that rounding cannot reverse the comparison
    const l0 = f64x2.sub(f64x2.sub(constants, f64x2.mul(half, f64x2.mul(t0, t0))), v128.load(best));
    const l1 = f64x2.sub(f64x2.sub(constants, f64x2.mul(half, f64x2.mul(t1, t1))), v128.load(best, 16));
    const far0 = v128.and(f64x2.gt(t0, zero), f64x2.le(l0, cutoffs));
    const far1 = v128.and(f64x2.gt(t1, zero), f64x2.le(l1, cutoffs));
    const far = v128.shuffle<i32>(far0, far1, 0, 2, 4, 6), mine = i32x4.eq(v128.load(label), own);
    const negligible = v128.andnot(far, mine);
    const carried = f32x4.mul(demotePairs(b0, b1), f32x4.splat(0.9999998));
    v128.store(bound, v128.bitselect(carried, bounds, negligible));
    const lower = v128.shuffle<i32>(negligible, negligible, 0, 0, 1, 1);
    const upper = v128.shuffle<i32>(negligible, negligible, 2, 2, 3, 3);
    v128.store(q, v128.bitselect(infinity, v128.load(q), lower));
    v128.store(q, v128.bitselect(infinity, v128.load(q, 16), upper), 16);
    let bits = i32x4.bitmask(v128.not(v128.or(far, mine)));
    while (bits) {
      const lane = ctz<i32>(bits);
      bits &= bits - 1;
      if (i + lane >= n) break;
      store<i32>(list + (<usize>open << 2), i + lane);
      const other = load<f64>(best + (<usize>lane << 3));
      const size = abs<f64>(constant) + abs<f64>(other) + abs<f64>(cutoff);
      const limit = 2.0 * (constant - other - cutoff) + SLACK * size;
      store<f64>(limits + (<usize>open << 3), LATER * limit);
      open++;
    }
  }
  return open;
}
