/**
 * The nearest centers, and the bounds that each row remembers. Its record tells of its last evaluation: a lower bound
 * (f32) for each of `lanes` groups of centers, center j being in group j mod lanes and the row's own left out, and an
 * upper bound (f32) of the distance to its own center. Its head (16 bytes) is a digest of the record, which is what is
 * read in most iterations: an upper bound, a lower bound over all groups (f32), the slot (i32) of the iteration when
 * these two were true, and the slot of the iteration when the record was. `own` (f32, slots × k), `group` (f32,
 * slots × lanes) and `most` (f32, slots) tell how far each center, the furthest of each group and the furthest of all
 * have moved since the iteration of each slot. See cluster/bounds.ts for why no rounding can hide a change.
 */

/** Above what rounding to a subnormal float32 can hide. */
const TINY: f32 = 1e-37;

// pmin(a, b) is b < a ? b : a, one instruction where min, which minds NaN and −0, takes many. What is compared here is
// NaN only where a row is in doubt anyway.

// @ts-ignore: decorator
@inline function leastLane(v: v128): f32 {
  const pair = f32x4.pmin(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmin(pair, v128.shuffle<f32>(pair, pair, 1, 0, 3, 2)), 0);
}

// @ts-ignore: decorator
@inline function leastOf<T>(v: v128): T {
  if (sizeof<T>() == 4) return <T>leastLane(v);
  return <T>f64x2.extract_lane(f64x2.pmin(v, v128.shuffle<f64>(v, v, 1, 0)), 0);
}

// @ts-ignore: decorator
@inline function putHead(head: usize, upper: f32, lower: f32, now: i32): void {
  store<f32>(head, upper);
  store<f32>(head, lower, 4);
  store<i32>(head, now, 8);
}

/**
 * The rows whose own center may no longer be the nearest: their indices go to `list` (i32, room for n), their number is
 * returned. What is of the slot `expiring` is brought to the slot `now`. First the heads are asked, then the records of
 * the rows whose heads do not know: without a branch that depends on the answer, which nothing could predict.
 */
export function openRows(head: usize, record: usize, n: i32, lanes: i32, label: usize, k: i32, own: usize, group: usize, most: usize, expiring: i32, now: i32, list: usize): i32 {
  let doubtful = list;
  for (let i = 0; i < n; i++) {
    const row = head + (<usize>i << 4);
    const digest = load<i32>(row, 8), center = own + (<usize>load<i32>(label + (<usize>i << 2)) << 2);
    const near = load<f32>(row) + load<f32>(center + (<usize>(digest * k) << 2));
    const far = load<f32>(row, 4) - load<f32>(most + (<usize>digest << 2));
    store<i32>(doubtful, i);
    doubtful += <usize>(i32(!(near < far)) | i32(digest == expiring) | i32(load<i32>(row, 12) == expiring)) << 2;
  }
  const bytes = <usize>lanes << 2;
  let open = list;
  for (let next = list; next < doubtful; next += 4) {
    const i = load<i32>(next);
    const row = head + (<usize>i << 4), kept = record + <usize>i * (bytes + 4);
    const slot = load<i32>(row, 12), center = own + (<usize>load<i32>(label + (<usize>i << 2)) << 2);
    const moves = group + <usize>slot * bytes;
    let least = f32x4.sub(v128.load(kept), v128.load(moves));
    for (let j: usize = 16; j < bytes; j += 16) least = f32x4.pmin(least, f32x4.sub(v128.load(kept + j), v128.load(moves + j)));
    const lower = leastLane(least);
    const upper = load<f32>(kept + bytes) + load<f32>(center + (<usize>(slot * k) << 2));
    putHead(row, upper * 1.000001, lower - abs<f32>(lower) * 0.000001, now); // of an open row another comes soon
    store<i32>(open, i);
    open += <usize>i32(!(upper < lower)) << 2;
    if (slot != expiring) continue;
    for (let j: usize = 0; j < bytes; j += 4) {
      const moved = load<f32>(kept + j) - load<f32>(moves + j);
      store<f32>(kept + j, moved - abs<f32>(moved) * 0.000001);
    }
    store<f32>(kept + bytes, upper * 1.000001);
    store<i32>(row, now, 12);
  }
  return <i32>((open - list) >> 2);
}

/** Lower bounds of two distances with these scores: see `nearest`. */
// @ts-ignore: decorator
@inline function lowerBounds(score: v128, norm: v128, narrow: v128): v128 {
  const squared = f64x2.add(norm, f64x2.add(score, score));
  return f32x4.demote_f64x2_zero(f64x2.mul(f64x2.sqrt(f64x2.pmax(f64x2.splat(0), squared)), narrow));
}

/** New bounds of one row from the least score of each group, its own center left out, and the score of that center. */
// @ts-ignore: decorator
@inline function renew<T>(head: usize, record: usize, least: usize, lanes: i32, score: T, square: f64, error: f64, widen: f64, doubt: bool, now: i32): void {
  const norm = f64x2.splat(square - error), narrow = f64x2.splat(1 - widen);
  let all = f32x4.splat(f32.MAX_VALUE);
  for (let l = 0; l < lanes; l += 4) {
    let low: v128, high: v128;
    if (sizeof<T>() == 4) {
      const four = v128.load(least + (<usize>l << 2));
      low = f64x2.promote_low_f32x4(four);
      high = f64x2.promote_low_f32x4(v128.shuffle<f32>(four, four, 2, 3, 0, 1));
    } else {
      low = v128.load(least + (<usize>l << 3));
      high = v128.load(least + (<usize>l << 3), 16);
    }
    const lower = v128.shuffle<f32>(lowerBounds(low, norm, narrow), lowerBounds(high, norm, narrow), 0, 1, 4, 5);
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
 * The slack of the n rows that `list` (i32) names: factor × (norm + reach)² + least, infinite where norm + reach, the
 * norms (f64) being by row, is not below `largest`. out: f64, n.
 */
export function slacks(list: usize, n: i32, norm: usize, reach: f64, factor: f64, least: f64, largest: f64, out: usize): void {
  for (let i = 0; i < n; i++) {
    const r = load<f64>(norm + (<usize>load<i32>(list) << 3)) + reach;
    store<f64>(out, r < largest ? factor * r * r + least : Infinity);
    list += 4;
    out += 8;
  }
}

/**
 * The nearest center of the n rows that `list` (i32) names by the scores half[j] − x·c_j. `product` holds x·c with
 * `width` columns, a whole number of vectors; half is infinite where there is no center. Writes label (i32, n). Where
 * the runner-up comes within the row's `slack` (f64, n), rounding might have decided: the places of those rows in the
 * list go to `doubtful` (i32, room for n), and their number is returned.
 *
 * Unless `head` is 0, the rows get new bounds: a squared distance is square + 2 score, give or take the slack (square:
 * ‖x‖², f64, by row), and distances are widened by the factor 1 ± `widen`. A row in doubt, whose label is not yet known,
 * gets an infinite upper bound: its bounds overlap, so the next iteration would open it anyway. `room` is for 2 × lanes
 * values.
 */
// @ts-ignore: decorator
@inline function nearest<T>(product: usize, n: i32, width: i32, half: usize, list: usize, slack: usize, square: usize, widen: f64, lanes: i32, now: i32, head: usize, record: usize, room: usize, label: usize, doubtful: usize): i32 {
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
      renew<T>(head + (row << 4), record + row * ((<usize>lanes << 2) + 4), room, lanes, best, load<f64>(square + (row << 3)), error, widen, doubt, now);
    }
    list += 4;
    label += 4;
    slack += 8;
    product += bytes;
  }
  return <i32>((doubtful - start) >> 2);
}
export function nearestF32(product: usize, n: i32, width: i32, half: usize, list: usize, slack: usize, square: usize, widen: f64, lanes: i32, now: i32, head: usize, record: usize, room: usize, label: usize, doubtful: usize): i32 { return nearest<f32>(product, n, width, half, list, slack, square, widen, lanes, now, head, record, room, label, doubtful); }
export function nearestF64(product: usize, n: i32, width: i32, half: usize, list: usize, slack: usize, square: usize, widen: f64, lanes: i32, now: i32, head: usize, record: usize, room: usize, label: usize, doubtful: usize): i32 { return nearest<f64>(product, n, width, half, list, slack, square, widen, lanes, now, head, record, room, label, doubtful); }
