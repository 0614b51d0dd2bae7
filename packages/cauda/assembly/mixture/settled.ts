/**
 * Rows that are wholly in one component. Responsibilities r are float64, component c's from c × width; lists
 * (i32) hold rows of the block, component c's from c × width, with their lengths in a count (i32, k).
 */

/**
 * Takes the rows that are wholly in one component out of r, where theirs becomes 0, and keeps that component,
 * or −1, in home[i] (i32). Rows whose home changed are listed under the component they join (`join`, `joined`
 * of them) and under the one they leave (`leave`, `left` of them).
 */
export function settleRows(
  r: usize, n: i32, width: i32, k: i32, label: usize, home: usize, join: usize, joined: usize, leave: usize,
  left: usize,
): void {
  memory.fill(joined, 0, <usize>k << 2);
  memory.fill(left, 0, <usize>k << 2);
  const zero = f64x2.splat(0), one = i64x2.splat(-1);
  for (let i = 0; i < n; i += 2) {
    let positive = i64x2.splat(0); // minus the number of components that have a part of the row
    let p = r + (<usize>i << 3);
    for (let c = 0; c < k; c++, p += <usize>width << 3)
      positive = i64x2.add(positive, f64x2.ne(v128.load(p), zero));
    const alone = i64x2.eq(positive, one);
    settleRow(r, i, i64x2.extract_lane(alone, 0) != 0, width, label, home, join, joined, leave, left);
    if (i + 1 < n)
      settleRow(r, i + 1, i64x2.extract_lane(alone, 1) != 0, width, label, home, join, joined, leave, left);
  }
}

/** One row of `settleRows`, `alone` if a single component has all of it. */
// @ts-ignore: decorator
@inline function settleRow(
  r: usize, i: i32, alone: bool, width: i32, label: usize, home: usize, join: usize, joined: usize,
  leave: usize, left: usize,
): void {
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

/** Appends row i to a list and counts it. */
// @ts-ignore: decorator
@inline function append(list: usize, count: usize, i: i32): void {
  const m = load<i32>(count);
  store<i32>(list + (<usize>m << 2), i);
  store<i32>(count, m + 1);
}

/**
 * out[t] = values[list[t]], all float64.
 * @returns their sum
 */
export function takeF64(values: usize, list: usize, n: i32, out: usize): f64 {
  let sum: f64 = 0;
  for (let t: usize = 0; t < <usize>n; t++) {
    const value = load<f64>(values + (<usize>load<i32>(list + (t << 2)) << 3));
    store<f64>(out + (t << 3), value);
    sum += value;
  }
  return sum;
}
