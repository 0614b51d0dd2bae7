/**
 * Bounds of K-means: what each row remembers of its last evaluation. A record is `lanes` lower bounds (f32, one for
 * each group of centers, center j being in group j mod lanes, the row's own center left out), an upper bound of the
 * distance to its own center (f32), and the slot (i32) of the iteration when they were true; lanes × 4 + 16 bytes.
 * `own` (f32, slots × k) and `group` (f32, slots × lanes) tell how far the centers, and the furthest center of each
 * group, have moved since the iteration of each slot. See cluster/bounds.ts for why no rounding can hide a change.
 */

/** Above what rounding to a subnormal float32 can hide. */
const TINY: f32 = 1e-37;

/**
 * The rows whose own center may no longer be the nearest: their indices go to `list` (i32), their number is returned.
 * Records of the slot `expiring` are brought to the slot `now`.
 */
export function openRows(record: usize, n: i32, lanes: i32, label: usize, k: i32, own: usize, group: usize, expiring: i32, now: i32, list: usize): i32 {
  const start = list;
  const bytes = <usize>lanes << 2;
  for (let i = 0; i < n; i++) {
    const slot = load<i32>(record + bytes, 4);
    const moved = load<f32>(own + (<usize>(slot * k + load<i32>(label)) << 2));
    const moves = group + <usize>slot * bytes;
    const upper = load<f32>(record + bytes) + moved;
    let least = f32x4.sub(v128.load(record), v128.load(moves));
    for (let j: usize = 16; j < bytes; j += 16) least = f32x4.min(least, f32x4.sub(v128.load(record + j), v128.load(moves + j)));
    const pair = f32x4.min(least, v128.shuffle<f32>(least, least, 2, 3, 0, 1));
    if (!(upper < min<f32>(f32x4.extract_lane(pair, 0), f32x4.extract_lane(pair, 1)))) {
      store<i32>(list, i);
      list += 4;
    } else if (slot == expiring) {
      store<f32>(record + bytes, upper * 1.000001);
      for (let j: usize = 0; j < bytes; j += 4) {
        const lower = load<f32>(record + j) - load<f32>(moves + j);
        store<f32>(record + j, lower - abs<f32>(lower) * 0.000001);
      }
      store<i32>(record + bytes, now, 4);
    }
    record += bytes + 16;
    label += 4;
  }
  return <i32>((list - start) >> 2);
}

/**
 * New records for the n rows that `list` names, from half[j] − product[j] (product: n × width) and ‖x‖² (square, f64, by
 * row): a squared distance is square + 2 (half − product), give or take `error` (f64, n). Distances are widened by the
 * factor 1 + `widen`.
 */
// @ts-ignore: decorator
@inline function renewRecords<T>(list: usize, n: i32, product: usize, width: i32, half: usize, k: i32, square: usize, error: usize, widen: f64, lanes: i32, label: usize, now: i32, record: usize): void {
  const bytes = <usize>lanes << 2;
  for (let i = 0; i < n; i++) {
    const row = <usize>load<i32>(list);
    const at = record + row * (bytes + 16);
    const own = load<i32>(label + (row << 2));
    const norm = load<f64>(square + (row << 3)), off = load<f64>(error);
    for (let j: usize = 0; j < bytes; j += 16) v128.store(at + j, f32x4.splat(f32.MAX_VALUE));
    for (let j = 0, lane = 0; j < k; j++) {
      const squared = norm + 2 * (<f64>load<T>(half + <usize>j * sizeof<T>()) - <f64>load<T>(product + <usize>j * sizeof<T>()));
      if (j == own) store<f32>(at + bytes, <f32>(sqrt<f64>(max<f64>(squared + off, 0)) * (1 + widen)) + TINY);
      else {
        const lower = <f32>(sqrt<f64>(max<f64>(squared - off, 0)) * (1 - widen)) - TINY;
        const p = at + (<usize>lane << 2);
        if (lower < load<f32>(p)) store<f32>(p, lower);
      }
      if (++lane == lanes) lane = 0;
    }
    store<i32>(at + bytes, now, 4);
    list += 4;
    error += 8;
    product += <usize>width * sizeof<T>();
  }
}
export function renewRecordsF32(list: usize, n: i32, product: usize, width: i32, half: usize, k: i32, square: usize, error: usize, widen: f64, lanes: i32, label: usize, now: i32, record: usize): void { renewRecords<f32>(list, n, product, width, half, k, square, error, widen, lanes, label, now, record); }
export function renewRecordsF64(list: usize, n: i32, product: usize, width: i32, half: usize, k: i32, square: usize, error: usize, widen: f64, lanes: i32, label: usize, now: i32, record: usize): void { renewRecords<f64>(list, n, product, width, half, k, square, error, widen, lanes, label, now, record); }
