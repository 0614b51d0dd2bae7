/**
 * Rows and the component that each is labeled with. Values of component c begin at c × width; lists (i32)
 * hold rows of the block.
 */

/** Lists the n rows by their label (i32): component c's from list[c × width] on, count[c] (i32) of them. */
export function groupRows(label: usize, n: i32, k: i32, list: usize, width: i32, count: usize): void {
  memory.fill(count, 0, <usize>k << 2);
  for (let i = 0; i < n; i++) {
    const c = load<i32>(label + (<usize>i << 2));
    const m = load<i32>(count + (<usize>c << 2));
    store<i32>(list + (<usize>(c * width + m) << 2), i);
    store<i32>(count + (<usize>c << 2), m + 1);
  }
}

/**
 * best[i] = the log-density of row i under the component it is labeled with, as `responsibilities` computes
 * it.
 */
export function labeledLogs(label: usize, n: i32, q: usize, width: i32, constant: usize, best: usize): void {
  for (let i = 0; i < n; i++) {
    const c = load<i32>(label + (<usize>i << 2));
    const square = load<f64>(q + (<usize>(c * width + i) << 3));
    const to = best + (<usize>i << 3);
    store<f64>(to, square < Infinity ? load<f64>(constant + (<usize>c << 3)) - 0.5 * square : -1e300);
  }
}

/** label[i] (i32) = the component with the largest of row i's values r, the lowest one in a tie. */
export function largest(r: usize, n: i32, width: i32, k: i32, label: usize): void {
  for (let i = 0; i < n; i++, r += 8, label += 4) {
    let best = 0;
    let value = load<f64>(r);
    let p = r;
    for (let c = 1; c < k; c++) {
      p += <usize>width << 3;
      const v = load<f64>(p);
      if (v > value) {
        value = v;
        best = c;
      }
    }
    store<i32>(label, best);
  }
}
