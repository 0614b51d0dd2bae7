/**
 * Which (row, component) pairs of a mixture are evaluated and summed. Squared distances, log-densities and
 * responsibilities are float64, component c's from c × width; lists (i32) hold rows of the block, component c's from
 * c × width, with their lengths in `count` (i32, k). The mathematics is in mixture/eStep.ts and mixture/settled.ts.
 */

/** Lists the n rows by their label (i32). */
export function groupRows(label: usize, n: i32, k: i32, list: usize, width: i32, count: usize): void {
  memory.fill(count, 0, <usize>k << 2);
  for (let i = 0; i < n; i++) {
    const c = load<i32>(label + (<usize>i << 2));
    const m = load<i32>(count + (<usize>c << 2));
    store<i32>(list + (<usize>(c * width + m) << 2), i);
    store<i32>(count + (<usize>c << 2), m + 1);
  }
}

/** q[list[t]] = square[t] for the n rows that `list` names. */
export function keepDistances(list: usize, n: i32, square: usize, q: usize): void {
  for (let t: usize = 0; t < <usize>n; t++)
    store<f64>(q + (<usize>load<i32>(list + (t << 2)) << 3), load<f64>(square + (t << 3)));
}

/**
 * Lower bounds (f32, by row) of the distances whose computed squares are listed: √square × shrink − off − slope × norm
 * (norm: f64, by row), or 0. One that overflowed tells nothing.
 */
export function keepBounds(list: usize, n: i32, square: usize, norm: usize, shrink: f64, off: f64, slope: f64, bound: usize): void {
  for (let t: usize = 0; t < <usize>n; t++) {
    const i = <usize>load<i32>(list + (t << 2));
    const q = load<f64>(square + (t << 3));
    const b = sqrt<f64>(q) * shrink - (off + slope * load<f64>(norm + (i << 3)));
    store<f32>(bound + (i << 2), q < Infinity && b > 0 ? <f32>(min<f64>(b, 1e18) * 0.9999998) : 0);
  }
}

/**
 * Carries component c's bounds over an M-step and finds the rows for which its log-density may come within −cutoff of
 * the best: they are listed, with the limit of the squared distance beyond which it does not, and their number is
 * returned. The others, which are not the component's own (`label`), get q = ∞. With terms = (scale, shift, drift, off,
 * slope), all f64:
 *   b' = scale b − shift − drift norm is a lower bound of the new distance,
 *   (b' − off − slope norm) shrink one of its computed value.
 * Rows are taken by fours: all arrays have room for a multiple of 4.
 */
export function openPairs(c: i32, label: usize, n: i32, best: usize, norm: usize, bound: usize, terms: usize, shrink: f64, constant: f64, cutoff: f64, q: usize, list: usize, limits: usize): i32 {
  const scale = v128.load_splat<f64>(terms), shift = v128.load_splat<f64>(terms, 8), drift = v128.load_splat<f64>(terms, 16);
  const off = v128.load_splat<f64>(terms, 24), slope = v128.load_splat<f64>(terms, 32), shrinks = f64x2.splat(shrink);
  const constants = f64x2.splat(constant), cutoffs = f64x2.splat(cutoff), half = f64x2.splat(0.5), zero = f64x2.splat(0), infinity = f64x2.splat(Infinity);
  const own = i32x4.splat(c);
  let open = 0;
  for (let i = 0; i < n; i += 4, label += 16, best += 32, norm += 32, bound += 16, q += 32) {
    const bounds = v128.load(bound);
    const n0 = v128.load(norm), n1 = v128.load(norm, 16);
    const b0 = f64x2.sub(f64x2.sub(f64x2.mul(f64x2.promote_low_f32x4(bounds), scale), shift), f64x2.mul(drift, n0));
    const b1 = f64x2.sub(f64x2.sub(f64x2.mul(f64x2.promote_low_f32x4(v128.shuffle<i32>(bounds, bounds, 2, 3, 0, 1)), scale), shift), f64x2.mul(drift, n1));
    const t0 = f64x2.mul(f64x2.sub(f64x2.sub(b0, off), f64x2.mul(slope, n0)), shrinks);
    const t1 = f64x2.mul(f64x2.sub(f64x2.sub(b1, off), f64x2.mul(slope, n1)), shrinks);
    // in the order of `responsibilities`, so that rounding cannot turn it round
    const l0 = f64x2.sub(f64x2.sub(constants, f64x2.mul(half, f64x2.mul(t0, t0))), v128.load(best));
    const l1 = f64x2.sub(f64x2.sub(constants, f64x2.mul(half, f64x2.mul(t1, t1))), v128.load(best, 16));
    const far0 = v128.and(f64x2.gt(t0, zero), f64x2.le(l0, cutoffs)), far1 = v128.and(f64x2.gt(t1, zero), f64x2.le(l1, cutoffs));
    const far = v128.shuffle<i32>(far0, far1, 0, 2, 4, 6), mine = i32x4.eq(v128.load(label), own);
    const settled = v128.andnot(far, mine);
    const carried = f32x4.mul(v128.shuffle<f32>(f32x4.demote_f64x2_zero(b0), f32x4.demote_f64x2_zero(b1), 0, 1, 4, 5), f32x4.splat(0.9999998));
    v128.store(bound, v128.bitselect(carried, bounds, settled));
    v128.store(q, v128.bitselect(infinity, v128.load(q), v128.shuffle<i32>(settled, settled, 0, 0, 1, 1)));
    v128.store(q, v128.bitselect(infinity, v128.load(q, 16), v128.shuffle<i32>(settled, settled, 2, 2, 3, 3)), 16);
    let bits = i32x4.bitmask(v128.not(v128.or(far, mine)));
    while (bits) {
      const lane = ctz<i32>(bits);
      bits &= bits - 1;
      if (i + lane >= n) break;
      store<i32>(list + (<usize>open << 2), i + lane);
      const other = load<f64>(best + (<usize>lane << 3));
      const limit = 2.0 * (constant - other - cutoff) + SLACK * (abs<f64>(constant) + abs<f64>(other) + abs<f64>(cutoff));
      store<f64>(limits + (<usize>open << 3), LATER * limit);
      open++;
    }
  }
  return open;
}

/** 2⁻³⁹: what rounding may do to the difference of log-densities, and to a limit in float32, is less. */
const SLACK: f64 = 1.8189894035458565e-12;
/**
 * Distances are pursued to this multiple of their limit, so that bounds hold for some iterations. Also more than float32
 * takes from a limit when it is rounded.
 */
const LATER: f64 = 1.5;

/** best[i] = the log-density of row i's labelled component, as `responsibilities` has it. */
export function labelledLogs(label: usize, n: i32, q: usize, width: i32, constant: usize, best: usize): void {
  for (let i = 0; i < n; i++) {
    const c = load<i32>(label + (<usize>i << 2));
    const square = load<f64>(q + (<usize>(c * width + i) << 3));
    store<f64>(best + (<usize>i << 3), square < Infinity ? load<f64>(constant + (<usize>c << 3)) - 0.5 * square : -1e300);
  }
}

/** label[i] = the component of the largest of row i's values, the lowest one in a tie. */
export function largest(r: usize, n: i32, width: i32, k: i32, label: usize): void {
  for (let i = 0; i < n; i++, r += 8, label += 4) {
    let best = 0;
    let value = load<f64>(r);
    let p = r;
    for (let c = 1; c < k; c++) {
      p += <usize>width << 3;
      const v = load<f64>(p);
      if (v > value) {
        value = v;
        best = c;
      }
    }
    store<i32>(label, best);
  }
}

/**
 * Takes the rows that are wholly in one component out of r (theirs becomes 0) and keeps home[i] (i32): that component,
 * or −1. Rows whose home changed are listed under the components they join and leave.
 */
export function settleRows(r: usize, n: i32, width: i32, k: i32, label: usize, home: usize, join: usize, joined: usize, leave: usize, left: usize): void {
  memory.fill(joined, 0, <usize>k << 2);
  memory.fill(left, 0, <usize>k << 2);
  const zero = f64x2.splat(0), one = i64x2.splat(-1);
  for (let i = 0; i < n; i += 2) {
    let positive = i64x2.splat(0); // minus their number
    let p = r + (<usize>i << 3);
    for (let c = 0; c < k; c++, p += <usize>width << 3) positive = i64x2.add(positive, f64x2.ne(v128.load(p), zero));
    const alone = i64x2.eq(positive, one);
    settleRow(r, i, i64x2.extract_lane(alone, 0) != 0, width, label, home, join, joined, leave, left);
    if (i + 1 < n) settleRow(r, i + 1, i64x2.extract_lane(alone, 1) != 0, width, label, home, join, joined, leave, left);
  }
}

// @ts-ignore: decorator
@inline function settleRow(r: usize, i: i32, alone: bool, width: i32, label: usize, home: usize, join: usize, joined: usize, leave: usize, left: usize): void {
  const own = load<i32>(label + (<usize>i << 2));
  const now = alone ? own : -1;
  if (alone) store<f64>(r + (<usize>(own * width + i) << 3), 0);
  const at = home + (<usize>i << 2);
  const old = load<i32>(at);
  if (now == old) return;
  store<i32>(at, now);
  if (old >= 0) append(leave + (<usize>(old * width) << 2), left + (<usize>old << 2), i);
  if (now >= 0) append(join + (<usize>(now * width) << 2), joined + (<usize>now << 2), i);
}

// @ts-ignore: decorator
@inline function append(list: usize, count: usize, i: i32): void {
  const m = load<i32>(count);
  store<i32>(list + (<usize>m << 2), i);
  store<i32>(count, m + 1);
}

/** out[t] = values[list[t]] (f64); returns their sum. */
export function takeF64(values: usize, list: usize, n: i32, out: usize): f64 {
  let sum: f64 = 0;
  for (let t: usize = 0; t < <usize>n; t++) {
    const value = load<f64>(values + (<usize>load<i32>(list + (t << 2)) << 3));
    store<f64>(out + (t << 3), value);
    sum += value;
  }
  return sum;
}

/** out, a packed upper half row after row, += that of `matrix` (d rows of `wide`); all f64. */
export function addUpper(matrix: usize, wide: i32, d: i32, out: usize): void {
  for (let i = 0; i < d; i++) {
    const row = matrix + (<usize>(i * wide) << 3);
    let j = i;
    for (; j + 2 <= d; j += 2, out += 16) v128.store(out, f64x2.add(v128.load(out), v128.load(row + (<usize>j << 3))));
    if (j < d) {
      store<f64>(out, load<f64>(out) + load<f64>(row + (<usize>j << 3)));
      out += 8;
    }
  }
}

/**
 * Second moments seen from another point: out, a packed upper half, −= s δᵀ + δ sᵀ − total δ δᵀ, for first moments s
 * (d) of `total` weight and a step δ (d); all f64.
 */
export function shiftUpper(s: usize, delta: usize, total: f64, d: i32, out: usize): void {
  for (let i = 0; i < d; i++) {
    const step = load<f64>(delta + (<usize>i << 3));
    const a = f64x2.splat(load<f64>(s + (<usize>i << 3)) - total * step), b = f64x2.splat(step);
    let j = i;
    for (; j + 2 <= d; j += 2, out += 16) {
      const at = <usize>j << 3;
      v128.store(out, f64x2.sub(v128.load(out), f64x2.add(f64x2.mul(a, v128.load(delta + at)), f64x2.mul(b, v128.load(s + at)))));
    }
    if (j < d) {
      const at = <usize>j << 3;
      store<f64>(out, load<f64>(out) - (f64x2.extract_lane(a, 0) * load<f64>(delta + at) + step * load<f64>(s + at)));
      out += 8;
    }
  }
}

/**
 * How far M L is from a rotation, for lower triangles M and L (d rows of `stride`, a multiple of 4; what is above the
 * diagonal is not read): ‖G²‖_F^½ ≥ ‖G‖₂ with G = (M L)(M L)ᵀ − I. product, square: scratch of the same shape.
 */
export function driftNorm(m: usize, l: usize, d: i32, stride: i32, product: usize, square: usize): f64 {
  const bytes = <usize>stride << 3;
  for (let i = 0; i < d; i++) {
    const row = product + <usize>i * bytes;
    memory.fill(row, 0, bytes);
    memory.fill(square + <usize>i * bytes, 0, bytes);
    for (let t = 0; t <= i; t++) {
      const w = f64x2.splat(load<f64>(m + <usize>i * bytes + (<usize>t << 3)));
      const above = l + <usize>t * bytes;
      const pairs = <usize>((t + 1) & ~1) << 3;
      for (let j: usize = 0; j < pairs; j += 16)
        v128.store(row + j, f64x2.add(v128.load(row + j), f64x2.mul(w, v128.load(above + j))));
      if ((t & 1) == 0) store<f64>(row + pairs, load<f64>(row + pairs) + f64x2.extract_lane(w, 0) * load<f64>(above + pairs));
    }
  }
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      const end = <usize>((j + 4) & ~3) << 3; // zeros follow the diagonal
      const v = fourDots(product + <usize>i * bytes, product + <usize>j * bytes, end) - (i == j ? 1.0 : 0.0);
      store<f64>(square + <usize>i * bytes + (<usize>j << 3), v);
      store<f64>(square + <usize>j * bytes + (<usize>i << 3), v);
    }
  let sum: f64 = 0;
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) {
      const v = fourDots(square + <usize>i * bytes, square + <usize>j * bytes, bytes);
      sum += (i == j ? 1.0 : 2.0) * v * v;
    }
  return sqrt<f64>(sqrt<f64>(sum));
}

/** Σ x y over `bytes` of f64, a multiple of four of them, in four lanes. */
// @ts-ignore: decorator
@inline function fourDots(x: usize, y: usize, bytes: usize): f64 {
  let a = f64x2.splat(0), b = a;
  for (let t: usize = 0; t < bytes; t += 32) {
    a = f64x2.add(a, f64x2.mul(v128.load(x + t), v128.load(y + t)));
    b = f64x2.add(b, f64x2.mul(v128.load(x + t, 16), v128.load(y + t, 16)));
  }
  a = f64x2.add(a, b);
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
}
