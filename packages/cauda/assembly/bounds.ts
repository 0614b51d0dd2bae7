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

// @ts-ignore: decorator
@inline function leastLane(v: v128): f32 {
  const pair = f32x4.min(v, v128.shuffle<f32>(v, v, 2, 3, 0, 1));
  return min<f32>(f32x4.extract_lane(pair, 0), f32x4.extract_lane(pair, 1));
}

// @ts-ignore: decorator
@inline function leastOf<T>(v: v128): T {
  if (sizeof<T>() == 4) return <T>leastLane(v);
  return <T>min<f64>(f64x2.extract_lane(v, 0), f64x2.extract_lane(v, 1));
}

// @ts-ignore: decorator
@inline function putHead(head: usize, upper: f32, lower: f32, now: i32): void {
  store<f32>(head, upper);
  store<f32>(head, lower, 4);
  store<i32>(head, now, 8);
}

/**
 * The rows whose own center may no longer be the nearest: their indices go to `list` (i32), their number is returned.
 * What is of the slot `expiring` is brought to the slot `now`.
 */
export function openRows(head: usize, record: usize, n: i32, lanes: i32, label: usize, k: i32, own: usize, group: usize, most: usize, expiring: i32, now: i32, list: usize): i32 {
  const start = list;
  const bytes = <usize>lanes << 2;
  for (let i = 0; i < n; i++, head += 16, record += bytes + 4, label += 4) {
    const center = own + (<usize>load<i32>(label) << 2);
    const digest = load<i32>(head, 8), slot = load<i32>(head, 12);
    const near = load<f32>(head) + load<f32>(center + (<usize>(digest * k) << 2));
    if (digest != expiring && slot != expiring && near < load<f32>(head, 4) - load<f32>(most + (<usize>digest << 2))) continue;
    const moves = group + <usize>slot * bytes;
    let least = f32x4.sub(v128.load(record), v128.load(moves));
    for (let j: usize = 16; j < bytes; j += 16) least = f32x4.min(least, f32x4.sub(v128.load(record + j), v128.load(moves + j)));
    const lower = leastLane(least);
    const upper = load<f32>(record + bytes) + load<f32>(center + (<usize>(slot * k) << 2));
    if (!(upper < lower)) {
      store<i32>(list, i);
      list += 4;
      continue;
    }
    putHead(head, upper * 1.000001, lower - abs<f32>(lower) * 0.000001, now);
    if (slot != expiring) continue;
    for (let j: usize = 0; j < bytes; j += 4) {
      const moved = load<f32>(record + j) - load<f32>(moves + j);
      store<f32>(record + j, moved - abs<f32>(moved) * 0.000001);
    }
    store<f32>(record + bytes, upper * 1.000001);
    store<i32>(head, now, 12);
  }
  return <i32>((list - start) >> 2);
}

/** Lower bounds of two distances with these scores: see `nearest`. */
// @ts-ignore: decorator
@inline function lowerBounds(score: v128, norm: v128, narrow: v128): v128 {
  const squared = f64x2.add(norm, f64x2.add(score, score));
  return f32x4.demote_f64x2_zero(f64x2.mul(f64x2.sqrt(f64x2.max(squared, f64x2.splat(0))), narrow));
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
    const safe = f32x4.sub(f32x4.min(lower, f32x4.splat(f32.MAX_VALUE)), f32x4.splat(TINY));
    v128.store(record + (<usize>l << 2), safe);
    all = f32x4.min(all, safe);
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
        next = v128.min<T>(next, v128.max<T>(least, v));
        least = v128.min<T>(least, v);
      }
      v128.store(room + l, least);
      v128.store(second + l, next);
      all = v128.min<T>(all, least);
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
      all = v128.min<T>(all, others);
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
