import { expPair, logPair } from '../elementary';

/**
 * From squared distances to responsibilities, and the rows that count for a component. All values are
 * float64.
 */

/**
 * Turns the squared distance q[j × width + i] of row i to component j into the responsibility
 *   exp(l_j − logProb_i),  l_j = constant_j − q/2,  logProb_i = logsumexp_j l_j.
 * A component further than −cutoff below the best gets 0. Rows are taken in pairs: q and label have room for
 * an even number. A distance that overflowed counts as a log-density of −1e300, so that even a row beyond all
 * numbers has finite densities and probabilities that sum to 1. Unless `label` is 0, label[i] (i32) becomes
 * the component of the largest l_j, the lowest one in a tie.
 */
export function responsibilities(
  q: usize, n: i32, width: i32, constant: usize, k: i32, cutoff: f64, logProb: usize, label: usize,
): void {
  const step = <usize>width << 3;
  const far = f64x2.splat(-1e300), infinity = f64x2.splat(Infinity), least = f64x2.splat(cutoff);
  const half = f64x2.splat(0.5), one = f64x2.splat(1);
  for (let i = 0; i < n; i += 2, q += 16, logProb += 16) {
    let best = f64x2.splat(-Infinity), most = i64x2.splat(0);
    let p = q;
    for (let j = 0; j < k; j++, p += step) {
      const square = v128.load(p);
      const near = f64x2.sub(v128.load_splat<f64>(constant + (<usize>j << 3)), f64x2.mul(half, square));
      const l = v128.bitselect(near, far, f64x2.lt(square, infinity));
      v128.store(p, l);
      most = v128.bitselect(i64x2.splat(j), most, f64x2.gt(l, best));
      best = f64x2.pmax(best, l);
    }
    if (label) {
      store<i32>(label, <i32>i64x2.extract_lane(most, 0));
      store<i32>(label, <i32>i64x2.extract_lane(most, 1), 4);
      label += 8;
    }
    let sum = f64x2.splat(0);
    p = q;
    for (let j = 0; j < k; j++, p += step) {
      const below = f64x2.sub(v128.load(p), best), counts = f64x2.gt(below, least);
      let e = f64x2.splat(0);
      if (v128.any_true(counts)) {
        e = v128.and(expPair(f64x2.pmax(below, least)), counts);
        sum = f64x2.add(sum, e);
      }
      v128.store(p, e);
    }
    if (v128.any_true(f64x2.ne(sum, one))) {
      best = f64x2.add(best, logPair(sum));
      const inverse = f64x2.div(one, sum);
      p = q;
      for (let j = 0; j < k; j++, p += step) v128.store(p, f64x2.mul(v128.load(p), inverse));
    }
    store<f64>(logProb, f64x2.extract_lane(best, 0));
    if (i + 1 < n) store<f64>(logProb, f64x2.extract_lane(best, 1), 8);
  }
}

/**
 * Selects the rows that count for one component: those of n whose responsibility r times weight is not 0.
 * Their indices are written to list (i32) and the products to kept; the sum of the products is added to
 * total.
 * @returns how many rows are selected
 */
export function selectRows(r: usize, weight: usize, n: i32, list: usize, kept: usize, total: usize): i32 {
  let count = 0;
  let sum: f64 = 0;
  for (let i = 0; i < n; i += 2, r += 16, weight += 16) {
    const pair = v128.load(r);
    if (!v128.any_true(f64x2.ne(pair, f64x2.splat(0)))) continue;
    const value0 = f64x2.extract_lane(pair, 0) * load<f64>(weight);
    if (value0 != 0) {
      store<i32>(list + (<usize>count << 2), i);
      store<f64>(kept + (<usize>count << 3), value0);
      sum += value0;
      count++;
    }
    if (i + 1 == n) break;
    const value1 = f64x2.extract_lane(pair, 1) * load<f64>(weight, 8);
    if (value1 != 0) {
      store<i32>(list + (<usize>count << 2), i + 1);
      store<f64>(kept + (<usize>count << 3), value1);
      sum += value1;
      count++;
    }
  }
  store<f64>(total, load<f64>(total) + sum);
  return count;
}
