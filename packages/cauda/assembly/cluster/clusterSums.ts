import { promoteHigh } from '../lanes';

/**
 * Rows that change cluster leave the sums of one cluster and join those of another. `stats` (f64) holds Σ w
 * (x − origin) of each of k clusters (k × stride), Σ w of each (k), and how many rows of positive weight each
 * has (k). The rows are `list` (i32, n) and their new labels `fresh` (i32, n); `label` (i32, by row, −1 for
 * none) is brought up to date. A row's weight is 1 where `weight` (f64, by row) is 0.
 */

/** to += weight × (x − origin), and from −= the same unless `from` is 0; both f64, stride elements. */
// @ts-ignore: decorator
@inline function moveRow<T>(x: usize, origin: usize, stride: i32, weight: f64, to: usize, from: usize): void {
  const w = f64x2.splat(weight);
  for (let end = x + <usize>stride * sizeof<T>(); x < end; x += 16) {
    const v = v128.load(x), o = v128.load(origin);
    for (let half: i32 = 0; half < <i32>(8 / sizeof<T>()); half++) {
      let d: v128;
      if (sizeof<T>() == 8) d = f64x2.sub(v, o);
      else if (half == 0) d = f64x2.sub(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(o));
      else d = f64x2.sub(promoteHigh(v), promoteHigh(o));
      d = f64x2.mul(w, d);
      v128.store(to, f64x2.add(v128.load(to), d));
      to += 16;
      if (!from) continue;
      v128.store(from, f64x2.sub(v128.load(from), d));
      from += 16;
    }
    origin += 16;
  }
}

/** `moveRow` for a row of entries (see sparse.ts): the same bits, as zeros are all that is left out. */
// @ts-ignore: decorator
@inline function moveEntries<T>(
  e: usize, end: usize, origin: usize, weight: f64, to: usize, from: usize,
): void {
  for (; e < end; e += 2 * sizeof<T>()) {
    const j = <usize>load<u32>(e);
    const d = weight * (<f64>load<T>(e, sizeof<T>()) - <f64>load<T>(origin + j * sizeof<T>()));
    const at = to + (j << 3);
    store<f64>(at, load<f64>(at) + d);
    if (!from) continue;
    const away = from + (j << 3);
    store<f64>(away, load<f64>(away) - d);
  }
}

/**
 * Moves rows of either form: dense ones at x, or, where x is 0, entries at `start` and `entry`.
 * @returns how many labels changed
 */
// @ts-ignore: decorator
@inline function move<T>(
  list: usize, n: i32, fresh: usize, label: usize, weight: usize, x: usize, start: usize, entry: usize,
  origin: usize, stride: i32, k: i32, stats: usize,
): i32 {
  const bytes = <usize>stride << 3;
  const weights = stats + <usize>k * bytes, counts = weights + (<usize>k << 3);
  let changed = 0;
  for (let i = 0; i < n; i++, list += 4, fresh += 4) {
    const row = <usize>load<i32>(list);
    const to = load<i32>(fresh), from = load<i32>(label + (row << 2));
    if (to == from) continue;
    store<i32>(label + (row << 2), to);
    changed++;
    const w = weight ? load<f64>(weight + (row << 3)) : 1;
    if (w == 0) continue;
    const joined = <usize>to << 3, left = <usize>max<i32>(from, 0) << 3;
    let away: usize = 0;
    if (from >= 0) {
      const rest = load<f64>(counts + left) - 1;
      store<f64>(counts + left, rest);
      away = stats + <usize>from * bytes;
      if (rest == 0) {
        // the cluster is empty now: drop what rounding would leave behind
        for (const end = away + bytes; away < end; away += 16) v128.store(away, f64x2.splat(0));
        store<f64>(weights + left, 0);
        away = 0;
      } else store<f64>(weights + left, load<f64>(weights + left) - w);
    }
    store<f64>(counts + joined, load<f64>(counts + joined) + 1);
    store<f64>(weights + joined, load<f64>(weights + joined) + w);
    const sum = stats + <usize>to * bytes;
    if (x) moveRow<T>(x + row * <usize>stride * sizeof<T>(), origin, stride, w, sum, away);
    else {
      const first = start + (row << 2);
      const begin = entry + <usize>load<u32>(first) * 2 * sizeof<T>();
      const end = entry + <usize>load<u32>(first, 4) * 2 * sizeof<T>();
      moveEntries<T>(begin, end, origin, w, sum, away);
    }
  }
  return changed;
}
export function moveRowsF32(
  list: usize, n: i32, fresh: usize, label: usize, weight: usize, x: usize, origin: usize, stride: i32,
  k: i32, stats: usize,
): i32 {
  return move<f32>(list, n, fresh, label, weight, x, 0, 0, origin, stride, k, stats);
}
export function moveRowsF64(
  list: usize, n: i32, fresh: usize, label: usize, weight: usize, x: usize, origin: usize, stride: i32,
  k: i32, stats: usize,
): i32 {
  return move<f64>(list, n, fresh, label, weight, x, 0, 0, origin, stride, k, stats);
}
export function moveEntriesF32(
  list: usize, n: i32, fresh: usize, label: usize, weight: usize, start: usize, entry: usize, origin: usize,
  stride: i32, k: i32, stats: usize,
): i32 {
  return move<f32>(list, n, fresh, label, weight, 0, start, entry, origin, stride, k, stats);
}
export function moveEntriesF64(
  list: usize, n: i32, fresh: usize, label: usize, weight: usize, start: usize, entry: usize, origin: usize,
  stride: i32, k: i32, stats: usize,
): i32 {
  return move<f64>(list, n, fresh, label, weight, 0, start, entry, origin, stride, k, stats);
}
