/**
 * Rows as the entries that differ from an origin. An entry is a column (u32) and the row's value there (T),
 * each in sizeof<T>() bytes; `start` (u32, n + 1) counts the entries before each row. The difference x −
 * origin is taken where it is used, so that the row itself can be had back to the bit.
 */

/** One bit for each lane in which a row and the origin differ. */
// @ts-ignore: decorator
@inline function differs<T>(x: usize, origin: usize): i32 {
  const ne = v128.ne<T>(v128.load(x), v128.load(origin));
  return sizeof<T>() == 4 ? i32x4.bitmask(ne) : i64x2.bitmask(ne);
}

/**
 * Appends the entries of n dense rows after `before` others and writes start[1 … n]. Rows and origin have
 * `stride` elements; the lanes beyond the features are zero in both.
 * @returns how many entries there are now
 */
// @ts-ignore: decorator
@inline function entries<T>(
  x: usize, n: i32, stride: i32, origin: usize, before: i32, start: usize, entry: usize,
): i32 {
  const first = entry;
  const rowBytes = <usize>stride * sizeof<T>(), lanes: i32 = 16 / sizeof<T>();
  entry += <usize>before * 2 * sizeof<T>();
  for (let i = 0; i < n; i++) {
    for (let at: usize = 0; at < rowBytes; at += 64) {
      let mask = differs<T>(x + at, origin + at);
      if (at + 64 <= rowBytes) {
        mask |= differs<T>(x + at + 16, origin + at + 16) << lanes;
        mask |= differs<T>(x + at + 32, origin + at + 32) << (2 * lanes);
        mask |= differs<T>(x + at + 48, origin + at + 48) << (3 * lanes);
      } else {
        for (let l: usize = 1; at + (l << 4) < rowBytes; l++)
          mask |= differs<T>(x + at + (l << 4), origin + at + (l << 4)) << (<i32>l * lanes);
      }
      for (; mask; mask &= mask - 1) {
        const j = at + <usize>ctz<i32>(mask) * sizeof<T>();
        store<u32>(entry, <u32>(j / sizeof<T>()));
        store<T>(entry, load<T>(x + j), sizeof<T>());
        entry += 2 * sizeof<T>();
      }
    }
    start += 4;
    store<u32>(start, <u32>((entry - first) / (2 * sizeof<T>())));
    x += rowBytes;
  }
  return <i32>((entry - first) / (2 * sizeof<T>()));
}
export function entriesF32(
  x: usize, n: i32, stride: i32, origin: usize, before: i32, start: usize, entry: usize,
): i32 {
  return entries<f32>(x, n, stride, origin, before, start, entry);
}
export function entriesF64(
  x: usize, n: i32, stride: i32, origin: usize, before: i32, start: usize, entry: usize,
): i32 {
  return entries<f64>(x, n, stride, origin, before, start, entry);
}

/** Row i as a dense one: out (stride) is the origin where the row has no entry. */
// @ts-ignore: decorator
@inline function expandRow<T>(
  i: i32, start: usize, entry: usize, origin: usize, stride: i32, out: usize,
): void {
  for (let j: usize = 0; j < <usize>stride * sizeof<T>(); j += 16) v128.store(out + j, v128.load(origin + j));
  const row = start + (<usize>i << 2);
  let e = entry + <usize>load<u32>(row) * 2 * sizeof<T>();
  for (const end = entry + <usize>load<u32>(row, 4) * 2 * sizeof<T>(); e < end; e += 2 * sizeof<T>())
    store<T>(out + <usize>load<u32>(e) * sizeof<T>(), load<T>(e, sizeof<T>()));
}
export function expandRowF32(
  i: i32, start: usize, entry: usize, origin: usize, stride: i32, out: usize,
): void {
  expandRow<f32>(i, start, entry, origin, stride, out);
}
export function expandRowF64(
  i: i32, start: usize, entry: usize, origin: usize, stride: i32, out: usize,
): void {
  expandRow<f64>(i, start, entry, origin, stride, out);
}

/** x − origin of the entry e in column j, rounded to T. */
// @ts-ignore: decorator
@inline function difference<T>(e: usize, j: usize, origin: usize): v128 {
  return v128.sub<T>(v128.load_splat<T>(e, sizeof<T>()), v128.load_splat<T>(origin + j * sizeof<T>()));
}

/**
 * Products of one row with `vectors` ≤ 4 vectors of centers, two entries at a time. A column of c has
 * rowBytes.
 */
// @ts-ignore: decorator
@inline function rowProducts<T>(
  vectors: i32, e: usize, end: usize, origin: usize, c: usize, rowBytes: usize, out: usize,
): void {
  let a0 = v128.splat<T>(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (; e + 4 * sizeof<T>() <= end; e += 4 * sizeof<T>()) {
    const f = e + 2 * sizeof<T>();
    const j = <usize>load<u32>(e), k = <usize>load<u32>(f);
    const s = difference<T>(e, j, origin), t = difference<T>(f, k, origin);
    const p = c + j * rowBytes, q = c + k * rowBytes;
    a0 = v128.add<T>(a0, v128.mul<T>(s, v128.load(p))); b0 = v128.add<T>(b0, v128.mul<T>(t, v128.load(q)));
    if (vectors > 1) {
      a1 = v128.add<T>(a1, v128.mul<T>(s, v128.load(p, 16)));
      b1 = v128.add<T>(b1, v128.mul<T>(t, v128.load(q, 16)));
    }
    if (vectors > 2) {
      a2 = v128.add<T>(a2, v128.mul<T>(s, v128.load(p, 32)));
      b2 = v128.add<T>(b2, v128.mul<T>(t, v128.load(q, 32)));
    }
    if (vectors > 3) {
      a3 = v128.add<T>(a3, v128.mul<T>(s, v128.load(p, 48)));
      b3 = v128.add<T>(b3, v128.mul<T>(t, v128.load(q, 48)));
    }
  }
  if (e < end) {
    const j = <usize>load<u32>(e);
    const s = difference<T>(e, j, origin);
    const p = c + j * rowBytes;
    a0 = v128.add<T>(a0, v128.mul<T>(s, v128.load(p)));
    if (vectors > 1) a1 = v128.add<T>(a1, v128.mul<T>(s, v128.load(p, 16)));
    if (vectors > 2) a2 = v128.add<T>(a2, v128.mul<T>(s, v128.load(p, 32)));
    if (vectors > 3) a3 = v128.add<T>(a3, v128.mul<T>(s, v128.load(p, 48)));
  }
  v128.store(out, v128.add<T>(a0, b0));
  if (vectors > 1) v128.store(out, v128.add<T>(a1, b1), 16);
  if (vectors > 2) v128.store(out, v128.add<T>(a2, b2), 32);
  if (vectors > 3) v128.store(out, v128.add<T>(a3, b3), 48);
}

/**
 * (x − origin)·c of the n rows that `list` (i32) names with `width` centers, a whole number of vectors: out
 * (n × width). The centers are stored by column: c (d × width). Each product is the sum over the even entries
 * plus that over the odd.
 */
// @ts-ignore: decorator
@inline function sparseDots<T>(
  list: usize, n: i32, start: usize, entry: usize, origin: usize, c: usize, width: i32, out: usize,
): void {
  const rowBytes = <usize>width * sizeof<T>();
  for (let i = 0; i < n; i++) {
    const row = start + (<usize>load<i32>(list) << 2);
    const from = entry + <usize>load<u32>(row) * 2 * sizeof<T>();
    const to = entry + <usize>load<u32>(row, 4) * 2 * sizeof<T>();
    let left = <i32>(rowBytes >> 4);
    let p = c;
    for (; left >= 4; left -= 4) {
      rowProducts<T>(4, from, to, origin, p, rowBytes, out);
      p += 64;
      out += 64;
    }
    if (left == 1) rowProducts<T>(1, from, to, origin, p, rowBytes, out);
    else if (left == 2) rowProducts<T>(2, from, to, origin, p, rowBytes, out);
    else if (left == 3) rowProducts<T>(3, from, to, origin, p, rowBytes, out);
    out += <usize>left << 4;
    list += 4;
  }
}
export function sparseDotsF32(
  list: usize, n: i32, start: usize, entry: usize, origin: usize, c: usize, width: i32, out: usize,
): void {
  sparseDots<f32>(list, n, start, entry, origin, c, width, out);
}
export function sparseDotsF64(
  list: usize, n: i32, start: usize, entry: usize, origin: usize, c: usize, width: i32, out: usize,
): void {
  sparseDots<f64>(list, n, start, entry, origin, c, width, out);
}

/** x − origin of an entry, in float64. */
// @ts-ignore: decorator
@inline function exactDifference<T>(e: usize, origin: usize): f64 {
  return <f64>load<T>(e, sizeof<T>()) - <f64>load<T>(origin + <usize>load<u32>(e) * sizeof<T>());
}

/** ‖x − origin‖² of n rows: out (f64, n). */
// @ts-ignore: decorator
@inline function sparseSquares<T>(n: i32, start: usize, entry: usize, origin: usize, out: usize): void {
  for (let i = 0; i < n; i++) {
    let sum: f64 = 0;
    let e = entry + <usize>load<u32>(start) * 2 * sizeof<T>();
    for (const end = entry + <usize>load<u32>(start, 4) * 2 * sizeof<T>(); e < end; e += 2 * sizeof<T>()) {
      const s = exactDifference<T>(e, origin);
      sum += s * s;
    }
    store<f64>(out, sum);
    start += 4;
    out += 8;
  }
}
export function sparseSquaresF32(
  n: i32, start: usize, entry: usize, origin: usize, out: usize,
): void {
  sparseSquares<f32>(n, start, entry, origin, out);
}
export function sparseSquaresF64(
  n: i32, start: usize, entry: usize, origin: usize, out: usize,
): void {
  sparseSquares<f64>(n, start, entry, origin, out);
}

/** sum += x − origin and square += (x − origin)², column by column, over `count` entries; both f64. */
// @ts-ignore: decorator
@inline function entryMoments<T>(count: i32, entry: usize, origin: usize, sum: usize, square: usize): void {
  for (let end = entry + <usize>count * 2 * sizeof<T>(); entry < end; entry += 2 * sizeof<T>()) {
    const s = exactDifference<T>(entry, origin);
    const at = <usize>load<u32>(entry) << 3;
    store<f64>(sum + at, load<f64>(sum + at) + s);
    store<f64>(square + at, load<f64>(square + at) + s * s);
  }
}
export function entryMomentsF32(
  count: i32, entry: usize, origin: usize, sum: usize, square: usize,
): void {
  entryMoments<f32>(count, entry, origin, sum, square);
}
export function entryMomentsF64(
  count: i32, entry: usize, origin: usize, sum: usize, square: usize,
): void {
  entryMoments<f64>(count, entry, origin, sum, square);
}
