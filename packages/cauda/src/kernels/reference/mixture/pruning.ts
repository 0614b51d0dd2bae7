/** What a bound of a new distance is made of; see `Carry`. */
export interface Terms {
  scale: number;
  shift: number;
  drift: number;
  off: number;
  slope: number;
}

/** A lower bound, float32, of the distance whose computed square is given. */
export function keepBound(square: number, norm: number, shrink: number, off: number, slope: number): number {
  const b = Math.sqrt(square) * shrink - (off + slope * norm);
  return square < Infinity && b > 0 ? Math.fround(Math.min(b, 1e18) * 0.9999998) : 0;
}

/** The carried bound where it proves that the pair is negligible, else the limit of its squared distance. */
export function openPair(
  bound: number,
  norm: number,
  terms: Terms,
  shrink: number,
  constant: number,
  best: number,
  cutoff: number,
): { carried: number } | { limit: number } {
  const { scale, shift, drift, off, slope } = terms;
  const b = bound * scale - shift - drift * norm;
  const t = (b - off - slope * norm) * shrink;
  if (t > 0 && constant - 0.5 * (t * t) - best <= cutoff)
    return { carried: Math.fround(Math.fround(b) * Math.fround(0.9999998)) };
  const limit =
    2 * (constant - best - cutoff) +
    1.8189894035458565e-12 * (Math.abs(constant) + Math.abs(best) + Math.abs(cutoff));
  return { limit: 1.5 * limit };
}
