/**
 * Packed entries of sparse rows, float32. They take half the memory, which is what products wait for: an
 * entry is the difference x − origin as a float32 whose `bits` lowest bits are the column.
 */

/**
 * Packs entries of sparse.ts: out (u32, count). A difference is rounded to the nearest number that has its
 * column in the lowest bits; this is off by at most 2^(bits − 24) of itself, or 2^(bits − 149) where it is
 * subnormal.
 */
export function packEntries(count: i32, entry: usize, origin: usize, bits: i32, out: usize): void {
  const mask: u32 = (1 << bits) - 1, half: i32 = 1 << (bits - 1);
  for (const end = entry + (<usize>count << 3); entry < end; entry += 8) {
    const j = load<u32>(entry);
    const word = reinterpret<u32>(load<f32>(entry, 4) - load<f32>(origin + (<usize>j << 2)));
    const rounded = <u32>max<i32>(<i32>(word & 0x7fffffff) - <i32>j + half, 0);
    store<u32>(out, (word & 0x80000000) | (rounded & ~mask) | j);
    out += 4;
  }
}

/** Products of one row with `vectors` ≤ 4 vectors of centers, two packed entries at a time. */
// @ts-ignore: decorator
@inline function packedProducts(
  vectors: i32, e: usize, end: usize, mask: u32, c: usize, rowBytes: usize, out: usize,
): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  for (; e + 8 <= end; e += 8) {
    const p = c + <usize>(load<u32>(e) & mask) * rowBytes, q = c + <usize>(load<u32>(e, 4) & mask) * rowBytes;
    const s = v128.load32_splat(e), t = v128.load32_splat(e, 4);
    a0 = f32x4.add(a0, f32x4.mul(s, v128.load(p))); b0 = f32x4.add(b0, f32x4.mul(t, v128.load(q)));
    if (vectors > 1) {
      a1 = f32x4.add(a1, f32x4.mul(s, v128.load(p, 16))); b1 = f32x4.add(b1, f32x4.mul(t, v128.load(q, 16)));
    }
    if (vectors > 2) {
      a2 = f32x4.add(a2, f32x4.mul(s, v128.load(p, 32))); b2 = f32x4.add(b2, f32x4.mul(t, v128.load(q, 32)));
    }
    if (vectors > 3) {
      a3 = f32x4.add(a3, f32x4.mul(s, v128.load(p, 48))); b3 = f32x4.add(b3, f32x4.mul(t, v128.load(q, 48)));
    }
  }
  if (e < end) {
    const p = c + <usize>(load<u32>(e) & mask) * rowBytes;
    const s = v128.load32_splat(e);
    a0 = f32x4.add(a0, f32x4.mul(s, v128.load(p)));
    if (vectors > 1) a1 = f32x4.add(a1, f32x4.mul(s, v128.load(p, 16)));
    if (vectors > 2) a2 = f32x4.add(a2, f32x4.mul(s, v128.load(p, 32)));
    if (vectors > 3) a3 = f32x4.add(a3, f32x4.mul(s, v128.load(p, 48)));
  }
  v128.store(out, f32x4.add(a0, b0));
  if (vectors > 1) v128.store(out, f32x4.add(a1, b1), 16);
  if (vectors > 2) v128.store(out, f32x4.add(a2, b2), 32);
  if (vectors > 3) v128.store(out, f32x4.add(a3, b3), 48);
}

/**
 * Reads a word of each cache line of the listed rows: many at once, where products would wait for each in
 * turn.
 */
// @ts-ignore: decorator
@inline function fetchRows(list: usize, n: i32, start: usize, packed: usize): u32 {
  let sink: u32 = 0;
  for (let i = 0; i < n; i++) {
    const row = start + (<usize>load<i32>(list) << 2);
    const to = packed + (<usize>load<u32>(row, 4) << 2);
    for (let p = packed + (<usize>load<u32>(row) << 2); p < to; p += 64) sink |= load<u32>(p);
    list += 4;
  }
  return sink;
}

/**
 * The products of `sparseDots` from packed entries.
 * @returns a number without meaning
 */
export function packedDots(
  list: usize, n: i32, start: usize, packed: usize, bits: i32, c: usize, width: i32, out: usize,
): u32 {
  const sink = fetchRows(list, n, start, packed); // returned, or the compiler would leave it out
  const mask: u32 = (1 << bits) - 1;
  const rowBytes = <usize>width << 2;
  for (let i = 0; i < n; i++) {
    const row = start + (<usize>load<i32>(list) << 2);
    const from = packed + (<usize>load<u32>(row) << 2), to = packed + (<usize>load<u32>(row, 4) << 2);
    let left = <i32>(rowBytes >> 4);
    let p = c;
    for (; left >= 4; left -= 4) {
      packedProducts(4, from, to, mask, p, rowBytes, out);
      p += 64;
      out += 64;
    }
    if (left == 1) packedProducts(1, from, to, mask, p, rowBytes, out);
    else if (left == 2) packedProducts(2, from, to, mask, p, rowBytes, out);
    else if (left == 3) packedProducts(3, from, to, mask, p, rowBytes, out);
    out += <usize>left << 4;
    list += 4;
  }
  return sink;
}
