/** Arithmetic on the numbers of one row, or of one sample of scores; sums are in order and in float64. */

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

/** The Euclidean length. */
export function norm(a: ArrayLike<number>): number {
  return Math.sqrt(dot(a, a));
}

/** The sum of n numbers. */
export function total(a: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]!;
  return sum;
}

/** The mean of n numbers. */
export function mean(a: ArrayLike<number>): number {
  return total(a) / a.length;
}

/** The index of the largest number, the first of equals. */
export function argmax(a: ArrayLike<number>): number {
  let best = 0;
  for (let j = 1; j < a.length; j++) if (a[j]! > a[best]!) best = j;
  return best;
}

/** The p-th percentile of numbers in any order, as `quantile` has it. */
export function percentile(values: ArrayLike<number>, p: number): number {
  return quantile(Float64Array.from(values).sort(), p / 100);
}

/** The q-quantile of increasing numbers, linear between neighbors: NumPy's default. */
export function quantile(sorted: Float64Array, q: number): number {
  const place = q * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (place - below) * (high - low);
}

/** Counts, by bisection, how many of the increasing values are below `bound`: the place of the first that is not. */
export function firstAtLeast(values: Float64Array, bound: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A copy in which −0 is 0. */
export function withoutMinusZero<Values extends Float64Array | Float32Array>(values: Values): Values {
  const copy = values.slice() as Values;
  for (let i = 0; i < copy.length; i++) copy[i]! += 0;
  return copy;
}
