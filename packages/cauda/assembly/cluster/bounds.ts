import { demotePairs, promoteHigh } from '../lanes';

/**
 * The nearest centers, and the bounds that each row remembers.
 *
 * A row's record describes its last evaluation: a lower bound (f32) for each of `lanes` groups of centers,
 * where center j is in group j mod lanes and the row's own center is left out, and an upper bound (f32) of
 * the distance to its own center. Its head (16 bytes) is a digest of the record, and in most iterations it is
 * all that is read: an upper bound, a lower bound over all groups (f32), the slot (i32) of the iteration in
 * which these two were true, and the slot of the iteration in which the record was. `own` (f32, slots × k),
 * `group` (f32, slots × lanes) and `most` (f32, slots) hold how far each center, the furthest center of each
 * group and the furthest of all have moved since the iteration of each slot. See src/cluster/lloyd/bounds.ts
 * for why no rounding can hide a change.
 *
 * pmin(a, b) is b < a ? b : a: one instruction, where min needs many because it minds NaN and −0. What is
 * compared here is NaN only where a row is in doubt anyway.
 */

/** More than rounding to a subnormal float32 can hide. */
const TINY: f32 = 1e-37;

/** The least of four f32 lanes. */
// @ts-ignore: decorator
@inline function leastLane(v: v128): f32 {
  const pair = f32x4.pmin(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmin(pair, v128.shuffle<f32>(pair, pair, 1, 0, 3, 2)), 0);
}

/** The least lane of a vector of T. */
// @ts-ignore: decorator
@inline function leastOf<T>(v: v128): T {
  if (sizeof<T>() == 4) return <T>leastLane(v);
  return <T>f64x2.extract_lane(f64x2.pmin(v, v128.shuffle<f64>(v, v, 1, 0)), 0);
}

/** Writes a row's digest of bounds that are true now; the slot of its record stays. */
// @ts-ignore: decorator
@inline function putHead(head: usize, upper: f32, lower: f32, now: i32): void {
  store<f32>(head, upper);
  store<f32>(head, lower, 4);
  store<i32>(head, now, 8);
}

/**
 * Lists the rows whose own center may no longer be the nearest: their indices go to `list` (i32, room for n).
 * Heads and records of the slot `expiring` are carried over to the slot `now`. The heads are asked first,
 * then the records of the rows whose heads cannot tell; neither loop branches on the answer, which no
 * processor could predict.
 * @returns how many rows are listed
 */
export function openRows(
  head: usize, record: usize, n: i32, lanes: i32, label: usize, k: i32, own: usize, group: usize, most: usize,
  expiring: i32, now: i32, list: usize,
): i32 {
  let doubtful = list;
  for (let i = 0; i < n; i++) {
    const row = head + (<usize>i << 4);
    const digest = load<i32>(row, 8), center = own + (<usize>load<i32>(label + (<usize>i << 2)) << 2);
    const near = load<f32>(row) + load<f32>(center + (<usize>(digest * k) << 2));
    const far = load<f32>(row, 4) - load<f32>(most + (<usize>digest << 2));
    store<i32>(doubtful, i);
    const doubt = i32(!(near < far)) | i32(digest == expiring);
    doubtful += <usize>(doubt | i32(load<i32>(row, 12) == expiring)) << 2;
  }
  const bytes = <usize>lanes << 2;
  let open = list;
  for (let next = list; next < doubtful; next += 4) {
    const i = load<i32>(next);
    const row = head + (<usize>i << 4), kept = record + <usize>i * (bytes + 4);
    const slot = load<i32>(row, 12), center = own + (<usize>load<i32>(label + (<usize>i << 2)) << 2);
    const moves = group + <usize>slot * bytes;
    let least = f32x4.sub(v128.load(kept), v128.load(moves));
    for (let j: usize = 16; j < bytes; j += 16)
      least = f32x4.pmin(least, f32x4.sub(v128.load(kept + j), v128.load(moves + j)));
    const lower = leastLane(least);
    const upper = load<f32>(kept + bytes) + load<f32>(center + (<usize>(slot * k) << 2));
    putHead(row, upper * 1.000001, lower - abs<f32>(lower) * 0.000001, now); // replaced soon in an open row
    store<i32>(open, i);
    open += <usize>i32(!(upper < lower)) << 2;
    if (slot != expiring) continue;
    for (let j: usize = 0; j < bytes; j += 4) {
      const carried = load<f32>(kept + j) - load<f32>(moves + j);
      store<f32>(kept + j, carried - abs<f32>(carried) * 0.000001);
    }
    store<f32>(kept + bytes, upper * 1.000001);
    store<i32>(row, now, 12);
  }
  return <i32>((open - list) >> 2);
}

/** Lower bounds of the distances that belong to two scores; see `nearest`. */
// @ts-ignore: decorator
@inline function lowerBounds(score: v128, norm: v128, narrow: v128): v128 {
  const squared = f64x2.add(norm, f64x2.add(score, score));
  return f64x2.mul(f64x2.sqrt(f64x2.pmax(f64x2.splat(0), squared)), narrow);
}

/**
 * Gives a row new bounds, from the least score of each group without its own center, and the score of that
 * center.
 */
// @ts-ignore: decorator
@inline function renew<T>(
  head: usize, record: usize, least: usize, lanes: i32, score: T, square: f64, error: f64, widen: f64,
  doubt: bool, now: i32,
): void {
  const norm = f64x2.splat(square - error), narrow = f64x2.splat(1 - widen);
  let all = f32x4.splat(f32.MAX_VALUE);
  for (let l = 0; l < lanes; l += 4) {
    let low: v128, high: v128;
    if (sizeof<T>() == 4) {
      const four = v128.load(least + (<usize>l << 2));
      low = f64x2.promote_low_f32x4(four);
      high = promoteHigh(four);
    } else {
      low = v128.load(least + (<usize>l << 3));
      high = v128.load(least + (<usize>l << 3), 16);
    }
    const lower = demotePairs(lowerBounds(low, norm, narrow), lowerBounds(high, norm, narrow));
    const safe = f32x4.sub(f32x4.pmin(f32x4.splat(f32.MAX_VALUE), lower), f32x4.splat(TINY));
    v128.store(record + (<usize>l << 2), safe);
    all = f32x4.pmin(all, safe);
  }
  let upper = <f32>(sqrt<f64>(max<f64>(square + 2 * <f64>score + error, 0)) * (1 + widen)) + TINY;
  if (doubt) upper = <f32>Infinity;
  store<f32>(record + (<usize>lanes << 2), upper);
  putHead(head, upper, leastLane(all), now);
  store<i32>(head, now, 12);
}

/**
 * The slack of the n rows that `list` (i32) names: out (f64, n) = factor × (norm + reach)² + least, or
 * infinity where norm + reach is not below `largest`. norm: f64, by row.
 */
export function slacks(
  list: usize, n: i32, norm: usize, reach: f64, factor: f64, least: f64, largest: f64, out: usize,
): void {
  for (let i = 0; i < n; i++) {
    const r = load<f64>(norm + (<usize>load<i32>(list) << 3)) + reach;
    store<f64>(out, r < largest ? factor * r * r + least : Infinity);
    list += 4;
    out += 8;
  }
}

/**
 * Labels the n rows that `list` (i32) names with their nearest centers, by the scores half[j] − x·c_j: label
 * (i32, n). `product` holds x·c with `width` columns, a whole number of vectors; half is infinite where there
 * is no center. Where the runner-up comes within the row's `slack` (f64, n), rounding might have decided: the
 * places of those rows in the list go to `doubtful` (i32, room for n).
 *
 * Unless `head` is 0, the rows get new bounds: a squared distance is square + 2 score, give or take the slack
 * (square: ‖x‖², f64, by row), and distances are widened by the factor 1 ± `widen`. A row in doubt, whose
 * label is not yet known, gets an infinite upper bound: its bounds overlap, so the next iteration would open
 * it anyway. `room` is scratch for 2 × lanes values.
 * @returns how many rows are in doubt
 */
// @ts-ignore: decorator
@inline function nearest<T>(
  product: usize, n: i32, width: i32, half: usize, list: usize, slack: usize, square: usize, widen: f64,
  lanes: i32, now: i32, head: usize, record: usize, room: usize, label: usize, doubtful: usize,
): i32 {
  const start = doubtful;
  const bytes = <usize>width * sizeof<T>(), step = <usize>lanes * sizeof<T>();
  const second = room + step;
  for (let i = 0; i < n; i++) {
    let all = v128.splat<T>(<T>Infinity);
    for (let l: usize = 0; l < step; l += 16) {
      let least = v128.splat<T>(<T>Infinity), next = least;
      for (let j = l; j < bytes; j += step) {
        const v = v128.sub<T>(v128.load(half + j), v128.load(product + j));
        next = v128.pmin<T>(next, v128.pmax<T>(least, v));
        least = v128.pmin<T>(least, v);
      }
      v128.store(room + l, least);
      v128.store(second + l, next);
      all = v128.pmin<T>(all, least);
    }
    const best = leastOf<T>(all);
    // the groups' least scores without the best one: their runners-up take its place
    let at: usize = 0, ties = 0;
    all = v128.splat<T>(<T>Infinity);
    for (let l: usize = 0; l < step; l += 16) {
      const least = v128.load(room + l);
      const equal = v128.eq<T>(least, v128.splat<T>(best));
      const others = v128.bitselect(v128.load(second + l), least, equal);
      v128.store(room + l, others);
      all = v128.pmin<T>(all, others);
      const same = sizeof<T>() == 4 ? i32x4.bitmask(equal) : i64x2.bitmask(equal);
      if (!same) continue;
      if (!ties) at = l + <usize>ctz<i32>(same) * sizeof<T>();
      ties += popcnt<i32>(same);
    }
    const runner = leastOf<T>(all);
    let where = at;
    while (where + step < bytes && load<T>(half + where) - load<T>(product + where) != best) where += step;
    store<i32>(label, <i32>(where / sizeof<T>()));
    const error = load<f64>(slack);
    const doubt = ties != 1 || !(<f64>runner - <f64>best > error);
    if (doubt) {
      store<i32>(doubtful, i);
      doubtful += 4;
    }
    if (head) {
      const row = <usize>load<i32>(list);
      const kept = record + row * ((<usize>lanes << 2) + 4), norm = load<f64>(square + (row << 3));
      renew<T>(head + (row << 4), kept, room, lanes, best, norm, error, widen, doubt, now);
    }
    list += 4;
    label += 4;
    slack += 8;
    product += bytes;
  }
  return <i32>((doubtful - start) >> 2);
}
export function nearestF32(
  product: usize, n: i32, width: i32, half: usize, list: usize, slack: usize, square: usize, widen: f64,
  lanes: i32, now: i32, head: usize, record: usize, room: usize, label: usize, doubtful: usize,
): i32 {
  return nearest<f32>(
    product, n, width, half, list, slack, square, widen, lanes, now, head, record, room, label, doubtful,
  );
}
export function nearestF64(
  product: usize, n: i32, width: i32, half: usize, list: usize, slack: usize, square: usize, widen: f64,
  lanes: i32, now: i32, head: usize, record: usize, room: usize, label: usize, doubtful: usize,
): i32 {
  return nearest<f64>(
    product, n, width, half, list, slack, square, widen, lanes, now, head, record, room, label, doubtful,
  );
}
