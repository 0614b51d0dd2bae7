/**
 * Batches of training rows, float32, as dense rows or without their zeros.
 *
 * Sparse rows: the entries (f32 value, u32 column) of row r are those from starts[r] up to starts[r + 1], 8
 * bytes each.
 *
 * Images: a row of pixels is `lines` lines of `width` elements. `shifts` (i32, two a row) say how many lines
 * down and how many elements to the right the image is moved; what leaves is lost and zeros come in.
 */

/** out (n × stride) = the rows of x that `rows` (u32) names; stride is a multiple of 4. */
export function takeRowsF32(x: usize, stride: i32, rows: usize, n: i32, out: usize): void {
  const bytes = <usize>stride << 2;
  for (let i = 0; i < n; i++) {
    const row = x + <usize>load<u32>(rows + (<usize>i << 2)) * bytes;
    for (let k: usize = 0; k < bytes; k += 16) v128.store(out + k, v128.load(row + k));
    out += bytes;
  }
}

/**
 * out (n × stride) = the rows of x that `rows` (u32) names, moved by `shifts`. The padding of out is left
 * alone.
 */
export function shiftRowsF32(
  x: usize, stride: i32, rows: usize, shifts: usize, n: i32, lines: i32, width: i32, out: usize,
): void {
  const bytes = <usize>stride << 2;
  for (let i = 0; i < n; i++) {
    const row = x + <usize>load<u32>(rows) * bytes, down = load<i32>(shifts), right = load<i32>(shifts, 4);
    let o = out;
    for (let line = 0; line < lines; line++) {
      const from = line - down, whole = <u32>from < <u32>lines, source = row + (<usize>(from * width) << 2);
      for (let k = 0; k < width; k++) {
        const inside = whole && <u32>(k - right) < <u32>width;
        store<f32>(o, inside ? load<f32>(source + (<usize>(k - right) << 2)) : 0);
        o += 4;
      }
    }
    out += bytes; rows += 4; shifts += 8;
  }
}

/**
 * Appends rows (n × d, `stride` elements apart) without their zeros to the `count` entries that are there
 * already. Writes starts (u32, n + 1) and entries, which must have room for one more than there will be.
 * @returns the number of entries
 */
export function compressF32(
  x: usize, n: i32, d: i32, stride: i32, starts: usize, entries: usize, count: i32,
): i32 {
  let entry = entries + (<usize>count << 3);
  for (let i = 0; i < n; i++) {
    store<u32>(starts, <u32>((entry - entries) >>> 3));
    for (let j = 0; j < d; j++) {
      const value = load<f32>(x + (<usize>j << 2));
      store<f32>(entry, value);
      store<u32>(entry, j, 4);
      entry += <usize>(value != 0) << 3; // a zero is overwritten by what follows
    }
    starts += 4;
    x += <usize>stride << 2;
  }
  count = <i32>((entry - entries) >>> 3);
  store<i32>(starts, count);
  return count;
}

/**
 * Reads the first cache lines of rows that lie anywhere in memory, all rows in quick succession, which hides
 * most of the wait for each.
 */
function touchRows(starts: usize, entries: usize, rows: usize, n: i32, scratch: usize): void {
  let lines: u32 = 0;
  for (let i = 0; i < n; i++) {
    const row = starts + (<usize>load<u32>(rows + (<usize>i << 2)) << 2);
    const first = entries + (<usize>load<u32>(row) << 3), last = entries + (<usize>load<u32>(row, 4) << 3);
    for (let e = first; e < min(last, first + 512); e += 64) lines ^= load<u32>(e);
  }
  store<u32>(scratch, lines); // so that the reading is not optimized away
}

/**
 * Makes the n sparse rows that `rows` (u32) names a batch: entries (f32 value, u32 column, u32 row in the
 * batch) of 12 bytes each, column by column and within a column in the order of the rows. `counts` is scratch
 * (u32, columns).
 * @returns the number of entries
 */
export function batchEntriesF32(
  starts: usize, entries: usize, rows: usize, n: i32, columns: i32, counts: usize, out: usize,
): i32 {
  const end = counts + (<usize>columns << 2);
  touchRows(starts, entries, rows, n, counts);
  for (let c = counts; c < end; c += 4) store<u32>(c, 0);
  for (let i = 0; i < n; i++) {
    const row = starts + (<usize>load<u32>(rows + (<usize>i << 2)) << 2);
    const last = entries + (<usize>load<u32>(row, 4) << 3);
    for (let e = entries + (<usize>load<u32>(row) << 3); e < last; e += 8) {
      const c = counts + (<usize>load<u32>(e, 4) << 2);
      store<u32>(c, load<u32>(c) + 1);
    }
  }
  let sum: u32 = 0; // each count becomes the place of the column's next entry
  for (let c = counts; c < end; c += 4) {
    const count = load<u32>(c);
    store<u32>(c, sum);
    sum += count;
  }
  for (let i = 0; i < n; i++) {
    const row = starts + (<usize>load<u32>(rows + (<usize>i << 2)) << 2);
    const last = entries + (<usize>load<u32>(row, 4) << 3);
    for (let e = entries + (<usize>load<u32>(row) << 3); e < last; e += 8) {
      const column = load<u32>(e, 4), c = counts + (<usize>column << 2), place = load<u32>(c);
      store<u32>(c, place + 1);
      const to = out + <usize>place * 12;
      store<f32>(to, load<f32>(e));
      store<u32>(to, column, 4);
      store<u32>(to, i, 8);
    }
  }
  return sum;
}

/**
 * Writes the n sparse rows that `rows` (u32) names, moved by `shifts`, as n sparse rows of their own:
 * outStarts (u32, n + 1) and outEntries, which must have room for one more than there will be.
 */
export function shiftEntriesF32(
  starts: usize, entries: usize, rows: usize, shifts: usize, n: i32, lines: i32, width: i32, outStarts: usize,
  outEntries: usize,
): void {
  const columns = <u32>(lines * width);
  let to = outEntries;
  touchRows(starts, entries, rows, n, outStarts);
  for (let i = 0; i < n; i++) {
    store<u32>(outStarts, <u32>((to - outEntries) >>> 3));
    const row = starts + (<usize>load<u32>(rows) << 2), last = entries + (<usize>load<u32>(row, 4) << 3);
    const down = load<i32>(shifts) * width, right = load<i32>(shifts, 4);
    for (let e = entries + (<usize>load<u32>(row) << 3); e < last; e += 8) {
      const column = load<u32>(e, 4);
      store<f32>(to, load<f32>(e));
      store<u32>(to, column + down + right, 4);
      const inside = u32(column + down < columns) & u32(column % width + right < <u32>width);
      to += <usize>inside << 3; // an entry that left is overwritten by what follows
    }
    outStarts += 4; rows += 4; shifts += 8;
  }
  store<u32>(outStarts, <u32>((to - outEntries) >>> 3));
}

/**
 * out[t] += value × matrix[f] for one entry of a batch after another, with rows of `width` elements. f and t
 * are the entry's column or row: the number at byte `from` or `to` of it (4: column, 8: row). (4, 8)
 * multiplies the batch by the matrix, (8, 4) its transpose. As entries are in column order, both walk through
 * memory; four entries with the same t are taken together.
 */
export function accumulateF32(
  entries: usize, count: i32, matrix: usize, from: usize, out: usize, to: usize, width: i32,
): void {
  const bytes = <usize>width << 2, end = entries + <usize>count * 12;
  let e = entries;
  while (e < end) {
    const target = load<u32>(e + to);
    let o = out + <usize>target * bytes;
    const last = o + bytes;
    let m = matrix + <usize>load<u32>(e + from) * bytes;
    const v = v128.load_splat<f32>(e);
    // in column order: if the fourth entry has the same column, so have the second and third
    if (to == 4 && e + 36 < end && load<u32>(e + to, 36) == target) {
      const v1 = v128.load_splat<f32>(e, 12), v2 = v128.load_splat<f32>(e, 24);
      const v3 = v128.load_splat<f32>(e, 36);
      let m1 = matrix + <usize>load<u32>(e + from, 12) * bytes;
      let m2 = matrix + <usize>load<u32>(e + from, 24) * bytes;
      let m3 = matrix + <usize>load<u32>(e + from, 36) * bytes;
      for (; o < last; o += 32) {
        let a = v128.load(o), b = v128.load(o, 16);
        a = f32x4.add(a, f32x4.mul(v, v128.load(m))); b = f32x4.add(b, f32x4.mul(v, v128.load(m, 16)));
        a = f32x4.add(a, f32x4.mul(v1, v128.load(m1))); b = f32x4.add(b, f32x4.mul(v1, v128.load(m1, 16)));
        a = f32x4.add(a, f32x4.mul(v2, v128.load(m2))); b = f32x4.add(b, f32x4.mul(v2, v128.load(m2, 16)));
        a = f32x4.add(a, f32x4.mul(v3, v128.load(m3))); b = f32x4.add(b, f32x4.mul(v3, v128.load(m3, 16)));
        v128.store(o, a); v128.store(o, b, 16);
        m += 32; m1 += 32; m2 += 32; m3 += 32;
      }
      e += 48;
    } else {
      for (; o < last; o += 32) {
        v128.store(o, f32x4.add(v128.load(o), f32x4.mul(v, v128.load(m))));
        v128.store(o, f32x4.add(v128.load(o, 16), f32x4.mul(v, v128.load(m, 16))), 16);
        m += 32;
      }
      e += 12;
    }
  }
}
