/**
 * The nearest center of rows of few features, by differences, with rows in the lanes of vectors: feature j of
 * a row is in the row's lane of the j-th vector of a tile. A distance is summed in the order of `distances`:
 * what is a lane there is one of four sums here, or of two in float64.
 */

/** Writes 32 / sizeof<T>() rows to `out` as a tile: two vectors for each element of a row. */
// @ts-ignore: decorator
@inline function tile<T>(x: usize, rowBytes: usize, out: usize): void {
  for (let half: usize = 0; half < 2; half++, out += 16) {
    let o = out;
    if (sizeof<T>() == 4) {
      const x1 = x + rowBytes, x2 = x1 + rowBytes, x3 = x2 + rowBytes;
      for (let at: usize = 0; at < rowBytes; at += 16, o += 128) {
        const r0 = v128.load(x + at), r1 = v128.load(x1 + at);
        const r2 = v128.load(x2 + at), r3 = v128.load(x3 + at);
        const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), b = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
        const c = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7), d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
        v128.store(o, v128.shuffle<f64>(a, b, 0, 2)); v128.store(o, v128.shuffle<f64>(a, b, 1, 3), 32);
        v128.store(o, v128.shuffle<f64>(c, d, 0, 2), 64); v128.store(o, v128.shuffle<f64>(c, d, 1, 3), 96);
      }
      x = x3 + rowBytes;
    } else {
      const x1 = x + rowBytes;
      for (let at: usize = 0; at < rowBytes; at += 16, o += 64) {
        const r0 = v128.load(x + at), r1 = v128.load(x1 + at);
        v128.store(o, v128.shuffle<f64>(r0, r1, 0, 2)); v128.store(o, v128.shuffle<f64>(r0, r1, 1, 3), 32);
      }
      x = x1 + rowBytes;
    }
  }
}

/** sum + (x − c)². */
// @ts-ignore: decorator
@inline function addSquare<T>(sum: v128, x: v128, c: v128): v128 {
  const d = v128.sub<T>(x, c);
  return v128.add<T>(sum, v128.mul<T>(d, d));
}

/**
 * Lists those of n rows whose nearest center is not the one that `label` (i32) names: the rows go to `list`
 * (i32, n) and their nearest centers to `fresh` (i32, n). In a tie the lowest index wins. x and label have
 * room for n rounded up to a multiple of 8; `room` is scratch for a tile, 32 × (stride + 1) bytes.
 * @returns how many rows are listed
 */
// @ts-ignore: decorator
@inline function changedRows<T>(
  x: usize, n: i32, stride: i32, d: i32, c: usize, k: i32, label: usize, room: usize, list: usize,
  fresh: usize,
): i32 {
  const start = list;
  const rowBytes = <usize>stride * sizeof<T>(), rows: i32 = 32 / sizeof<T>();
  const whole: i32 = d - d % (sizeof<T>() == 4 ? 4 : 2), rest = d - whole;
  const found = room, values = room + 32;
  for (let i = 0; i < n; i += rows, x += <usize>rows * rowBytes, label += <usize>rows << 2) {
    tile<T>(x, rowBytes, values);
    let least = v128.splat<T>(<T>Infinity), least2 = least, at = i32x4.splat(0), at2 = at;
    let center = c;
    for (let j = 0; j < k; j++, center += rowBytes) {
      let a0 = v128.splat<T>(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
      let p = values, q = center;
      if (sizeof<T>() == 4) {
        for (const end = q + (<usize>whole << 2); q < end; q += 16, p += 128) {
          let v = v128.load32_splat(q);
          a0 = addSquare<T>(a0, v128.load(p), v); b0 = addSquare<T>(b0, v128.load(p, 16), v);
          v = v128.load32_splat(q, 4);
          a1 = addSquare<T>(a1, v128.load(p, 32), v); b1 = addSquare<T>(b1, v128.load(p, 48), v);
          v = v128.load32_splat(q, 8);
          a2 = addSquare<T>(a2, v128.load(p, 64), v); b2 = addSquare<T>(b2, v128.load(p, 80), v);
          v = v128.load32_splat(q, 12);
          a3 = addSquare<T>(a3, v128.load(p, 96), v); b3 = addSquare<T>(b3, v128.load(p, 112), v);
        }
        if (rest > 0) {
          const v = v128.load32_splat(q);
          a0 = addSquare<T>(a0, v128.load(p), v); b0 = addSquare<T>(b0, v128.load(p, 16), v);
        }
        if (rest > 1) {
          const v = v128.load32_splat(q, 4);
          a1 = addSquare<T>(a1, v128.load(p, 32), v); b1 = addSquare<T>(b1, v128.load(p, 48), v);
        }
        if (rest > 2) {
          const v = v128.load32_splat(q, 8);
          a2 = addSquare<T>(a2, v128.load(p, 64), v); b2 = addSquare<T>(b2, v128.load(p, 80), v);
        }
        a0 = v128.add<T>(v128.add<T>(a0, a1), v128.add<T>(a2, a3));
        b0 = v128.add<T>(v128.add<T>(b0, b1), v128.add<T>(b2, b3));
      } else {
        for (const end = q + (<usize>whole << 3); q < end; q += 16, p += 64) {
          let v = v128.load64_splat(q);
          a0 = addSquare<T>(a0, v128.load(p), v); b0 = addSquare<T>(b0, v128.load(p, 16), v);
          v = v128.load64_splat(q, 8);
          a1 = addSquare<T>(a1, v128.load(p, 32), v); b1 = addSquare<T>(b1, v128.load(p, 48), v);
        }
        if (rest > 0) {
          const v = v128.load64_splat(q);
          a0 = addSquare<T>(a0, v128.load(p), v); b0 = addSquare<T>(b0, v128.load(p, 16), v);
        }
        a0 = v128.add<T>(a0, a1); b0 = v128.add<T>(b0, b1);
      }
      const index = sizeof<T>() == 4 ? i32x4.splat(j) : i64x2.splat(j);
      at = v128.bitselect(index, at, v128.lt<T>(a0, least));
      at2 = v128.bitselect(index, at2, v128.lt<T>(b0, least2));
      least = v128.pmin<T>(least, a0); least2 = v128.pmin<T>(least2, b0);
    }
    let changed: i32;
    if (sizeof<T>() == 4) {
      v128.store(found, at); v128.store(found, at2, 16);
      changed = i32x4.bitmask(i32x4.ne(at, v128.load(label)));
      changed |= i32x4.bitmask(i32x4.ne(at2, v128.load(label, 16))) << 4;
    } else {
      at = v128.shuffle<i32>(at, at2, 0, 2, 4, 6);
      v128.store(found, at);
      changed = i32x4.bitmask(i32x4.ne(at, v128.load(label)));
    }
    if (n - i < rows) changed &= (1 << (n - i)) - 1;
    for (; changed; changed &= changed - 1, list += 4, fresh += 4) {
      const l = ctz<i32>(changed);
      store<i32>(list, i + l);
      store<i32>(fresh, load<i32>(found + (<usize>l << 2)));
    }
  }
  return <i32>((list - start) >> 2);
}
export function changedRowsF32(
  x: usize, n: i32, stride: i32, d: i32, c: usize, k: i32, label: usize, room: usize, list: usize,
  fresh: usize,
): i32 {
  return changedRows<f32>(x, n, stride, d, c, k, label, room, list, fresh);
}
export function changedRowsF64(
  x: usize, n: i32, stride: i32, d: i32, c: usize, k: i32, label: usize, room: usize, list: usize,
  fresh: usize,
): i32 {
  return changedRows<f64>(x, n, stride, d, c, k, label, room, list, fresh);
}
