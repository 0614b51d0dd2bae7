/**
 * Kernels of dense layers, float32. Matrices that are multiplied have rows of `width` elements, a multiple of 8, the
 * ones beyond the layer's size being zero. Every entry of a product starts from `init` and adds its terms one after
 * another, in order, whichever tile computes it: leaving out terms that are zero changes nothing but the sign of a zero.
 */
import { exp, log } from './elementary';

/**
 * out (n × width) = init + x · matrix, with matrix (inner × width). Element (i, k) of x lies at
 * x + i × rowStep + k × innerStep bytes, so that the transpose is read in place. n must be a multiple of 4.
 */
export function productF32(x: usize, rowStep: usize, innerStep: usize, n: i32, inner: i32, matrix: usize, width: i32, init: usize, out: usize): void {
  const bytes = <usize>width << 2, end = <usize>inner * innerStep;
  for (let j: usize = 0; j < bytes; j += 32) {
    const i0 = v128.load(init + j), i1 = v128.load(init + j, 16);
    let x0 = x, o = out + j;
    for (let i = 0; i < n; i += 4) {
      const x1 = x0 + rowStep, x2 = x1 + rowStep, x3 = x2 + rowStep;
      let a0 = i0, a1 = i1, b0 = i0, b1 = i1, c0 = i0, c1 = i1, d0 = i0, d1 = i1;
      let m = matrix + j;
      for (let k: usize = 0; k < end; k += innerStep) {
        const m0 = v128.load(m), m1 = v128.load(m, 16);
        const a = v128.load_splat<f32>(x0 + k);
        a0 = f32x4.add(a0, f32x4.mul(a, m0)); a1 = f32x4.add(a1, f32x4.mul(a, m1));
        const b = v128.load_splat<f32>(x1 + k);
        b0 = f32x4.add(b0, f32x4.mul(b, m0)); b1 = f32x4.add(b1, f32x4.mul(b, m1));
        const c = v128.load_splat<f32>(x2 + k);
        c0 = f32x4.add(c0, f32x4.mul(c, m0)); c1 = f32x4.add(c1, f32x4.mul(c, m1));
        const d = v128.load_splat<f32>(x3 + k);
        d0 = f32x4.add(d0, f32x4.mul(d, m0)); d1 = f32x4.add(d1, f32x4.mul(d, m1));
        m += bytes;
      }
      v128.store(o, a0); v128.store(o, a1, 16); o += bytes;
      v128.store(o, b0); v128.store(o, b1, 16); o += bytes;
      v128.store(o, c0); v128.store(o, c1, 16); o += bytes;
      v128.store(o, d0); v128.store(o, d1, 16); o += bytes;
      x0 = x3 + rowStep;
    }
  }
}

/*
 * Sparse rows: the entries (f32 value, u32 column) of row r are those from starts[r] up to starts[r + 1], 8 bytes each.
 */

/**
 * Rows (n × d, `stride` elements apart) without their zeros, after the `count` entries that are there already: writes
 * starts (u32, n + 1) and entries, which needs room for one more than there are.
 * @returns the number of entries
 */
export function compressF32(x: usize, n: i32, d: i32, stride: i32, starts: usize, entries: usize, count: i32): i32 {
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

/** Reads the first lines of rows that lie anywhere in memory side by side, which hides most of the wait for each. */
function touchRows(starts: usize, entries: usize, rows: usize, n: i32, scratch: usize): void {
  let lines: u32 = 0;
  for (let i = 0; i < n; i++) {
    const row = starts + (<usize>load<u32>(rows + (<usize>i << 2)) << 2);
    const first = entries + (<usize>load<u32>(row) << 3), last = entries + (<usize>load<u32>(row, 4) << 3);
    for (let e = first; e < min(last, first + 512); e += 64) lines ^= load<u32>(e);
  }
  store<u32>(scratch, lines); // so that the reading is not optimised away
}

/**
 * The entries of the n sparse rows that `rows` (u32) names as a batch: (f32 value, u32 column, u32 row in the batch), 12
 * bytes each, column by column and within a column in the order of the rows. `counts` is scratch (u32, columns).
 * @returns the number of entries
 */
export function batchEntriesF32(starts: usize, entries: usize, rows: usize, n: i32, columns: i32, counts: usize, out: usize): i32 {
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

/*
 * Images: a row of pixels is so many lines of `width` elements. `shifts` (i32, two a row) say how many lines down and how
 * many elements to the right it is moved; what leaves is lost and zeros come in.
 */

/**
 * The n sparse rows that `rows` (u32) names, moved by `shifts`, as n sparse rows of their own: writes outStarts (u32,
 * n + 1) and outEntries, which needs room for one more than there are.
 */
export function shiftEntriesF32(starts: usize, entries: usize, rows: usize, shifts: usize, n: i32, lines: i32, width: i32, outStarts: usize, outEntries: usize): void {
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

/** out (n × stride) = the rows of x that `rows` (u32) names, moved by `shifts`. The padding of out is left alone. */
export function shiftRowsF32(x: usize, stride: i32, rows: usize, shifts: usize, n: i32, lines: i32, width: i32, out: usize): void {
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
 * out[t] += value × matrix[f] for one batch entry after another, rows of `width` elements. f and t are the entry's
 * column or row, at byte `from` or `to` of it (4: column, 8: row): (4, 8) multiplies the batch by the matrix, (8, 4) its
 * transpose. In column order both walk through memory; four entries with one t are taken together.
 */
export function accumulateF32(entries: usize, count: i32, matrix: usize, from: usize, out: usize, to: usize, width: i32): void {
  const bytes = <usize>width << 2, end = entries + <usize>count * 12;
  let e = entries;
  while (e < end) {
    const target = load<u32>(e + to);
    let o = out + <usize>target * bytes;
    const last = o + bytes;
    let m = matrix + <usize>load<u32>(e + from) * bytes;
    const v = v128.load_splat<f32>(e);
    // as entries come in order, the fourth tells of the second and third, if t is the column
    if (to == 4 && e + 36 < end && load<u32>(e + to, 36) == target) {
      const v1 = v128.load_splat<f32>(e, 12), v2 = v128.load_splat<f32>(e, 24), v3 = v128.load_splat<f32>(e, 36);
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

/** Each of n rows of out becomes `row` (width), a multiple of 4. */
export function repeatRowF32(row: usize, width: i32, n: i32, out: usize): void {
  const bytes = <usize>width << 2;
  for (let i = 0; i < n; i++) {
    for (let k: usize = 0; k < bytes; k += 16) v128.store(out + k, v128.load(row + k));
    out += bytes;
  }
}

/** out (n × stride) = the rows of x that `rows` (u32) names; stride is a multiple of 4. */
export function takeRowsF32(x: usize, stride: i32, rows: usize, n: i32, out: usize): void {
  const bytes = <usize>stride << 2;
  for (let i = 0; i < n; i++) {
    const row = x + <usize>load<u32>(rows + (<usize>i << 2)) * bytes;
    for (let k: usize = 0; k < bytes; k += 16) v128.store(out + k, v128.load(row + k));
    out += bytes;
  }
}

/** out (width) = the sum of n rows, one after another. */
export function columnSumsF32(x: usize, n: i32, width: i32, out: usize): void {
  const bytes = <usize>width << 2;
  for (let j: usize = 0; j < bytes; j += 16) {
    let sum = f32x4.splat(0), row = x + j;
    for (let i = 0; i < n; i++) {
      sum = f32x4.add(sum, v128.load(row));
      row += bytes;
    }
    v128.store(out + j, sum);
  }
}

/** out = max(x, 0), for n values, a multiple of 4. */
export function reluF32(x: usize, n: i32, out: usize): void {
  const zero = f32x4.splat(0), bytes = <usize>n << 2;
  for (let k: usize = 0; k < bytes; k += 16) v128.store(out + k, f32x4.max(v128.load(x + k), zero));
}

/** The derivative of `reluF32`: keeps delta where after > 0 and makes it 0 elsewhere; n values, a multiple of 4. */
export function reluBackF32(after: usize, n: i32, delta: usize): void {
  const zero = f32x4.splat(0), bytes = <usize>n << 2;
  for (let k: usize = 0; k < bytes; k += 16)
    v128.store(delta + k, v128.and(v128.load(delta + k), f32x4.gt(v128.load(after + k), zero)));
}

/** out (k) = exp(x − log Σ exp x), in float64 from the largest x down. @returns log Σ exp x */
// @ts-ignore: decorator
@inline function softmaxRow(x: usize, k: i32, out: usize): f64 {
  let largest = load<f32>(x);
  for (let j = 1; j < k; j++) largest = max(largest, load<f32>(x + (<usize>j << 2)));
  let sum: f64 = 0;
  for (let j = 0; j < k; j++) {
    const e = exp(<f64>load<f32>(x + (<usize>j << 2)) - <f64>largest);
    store<f32>(out + (<usize>j << 2), <f32>e);
    sum += e;
  }
  const scale = 1.0 / sum;
  for (let j = 0; j < k; j++) store<f32>(out + (<usize>j << 2), <f32>(<f64>load<f32>(out + (<usize>j << 2)) * scale));
  return <f64>largest + log(sum);
}

/** The softmax of the first k of each of n rows of `width` elements; the others are left alone. */
export function softmaxF32(x: usize, n: i32, width: i32, k: i32, out: usize): void {
  for (let i = 0; i < n; i++) {
    softmaxRow(x, k, out);
    x += <usize>width << 2;
    out += <usize>width << 2;
  }
}

/**
 * The gradient of the mean cross-entropy of n rows of logits: delta = (softmax − one-hot target) / n. The target of row
 * i is target[rows[i]] (i32, u32).
 * @returns the mean cross-entropy, in nats
 */
export function crossEntropyF32(logits: usize, target: usize, rows: usize, n: i32, width: i32, k: i32, delta: usize): f64 {
  let loss: f64 = 0;
  const share = <f32>(1.0 / <f64>n);
  for (let i = 0; i < n; i++) {
    const y = <usize>load<i32>(target + (<usize>load<u32>(rows + (<usize>i << 2)) << 2)) << 2;
    loss += softmaxRow(logits, k, delta) - <f64>load<f32>(logits + y);
    store<f32>(delta + y, load<f32>(delta + y) - 1);
    for (let j = 0; j < k; j++) store<f32>(delta + (<usize>j << 2), load<f32>(delta + (<usize>j << 2)) * share);
    logits += <usize>width << 2;
    delta += <usize>width << 2;
  }
  return loss / <f64>n;
}

/**
 * One step of gradient descent with momentum: v = momentum v + g, w −= rate v. n is a multiple of 4. g becomes 0, while
 * it is at hand: the next gradient is summed into it.
 */
export function sgdF32(w: usize, g: usize, v: usize, n: i32, momentum: f32, rate: f32): void {
  const m = f32x4.splat(momentum), r = f32x4.splat(rate), bytes = <usize>n << 2;
  for (let k: usize = 0; k < bytes; k += 16) {
    const next = f32x4.add(f32x4.mul(m, v128.load(v + k)), v128.load(g + k));
    v128.store(v + k, next);
    v128.store(g + k, f32x4.splat(0));
    v128.store(w + k, f32x4.sub(v128.load(w + k), f32x4.mul(r, next)));
  }
}

/**
 * One step of Adam: m = beta1 m + rest1 g, s = beta2 s + rest2 g², w −= rate m / (√s / correction + epsilon).
 * n is a multiple of 4. g becomes 0, as in `sgdF32`.
 */
export function adamF32(w: usize, g: usize, m: usize, s: usize, n: i32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, rate: f32, correction: f32, epsilon: f32): void {
  const b1 = f32x4.splat(beta1), r1 = f32x4.splat(rest1), b2 = f32x4.splat(beta2), r2 = f32x4.splat(rest2);
  const r = f32x4.splat(rate), c = f32x4.splat(correction), eps = f32x4.splat(epsilon), bytes = <usize>n << 2;
  for (let k: usize = 0; k < bytes; k += 16) {
    const gradient = v128.load(g + k);
    const first = f32x4.add(f32x4.mul(b1, v128.load(m + k)), f32x4.mul(r1, gradient));
    const second = f32x4.add(f32x4.mul(b2, v128.load(s + k)), f32x4.mul(r2, f32x4.mul(gradient, gradient)));
    v128.store(m + k, first);
    v128.store(s + k, second);
    v128.store(g + k, f32x4.splat(0));
    const root = f32x4.add(f32x4.div(f32x4.sqrt(second), c), eps);
    v128.store(w + k, f32x4.sub(v128.load(w + k), f32x4.mul(r, f32x4.div(first, root))));
  }
}
