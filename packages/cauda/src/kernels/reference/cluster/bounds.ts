import type { Arithmetic } from '../arithmetic.ts';

/** The least of half − product, its index, the runner-up, and whether that is within the slack. */
export function nearest(
  { round }: Arithmetic,
  products: ArrayLike<number>,
  half: ArrayLike<number>,
  slack: number,
): { label: number; scores: number[]; doubtful: boolean } {
  const scores = Array.from(half, (h, j) => round(h - products[j]!));
  const label = scores.indexOf(Math.min(...scores));
  const second = Math.min(...scores.filter((_, j) => j !== label));
  return { label, scores, doubtful: !(second - scores[label]! > slack) };
}

/** What `nearest` remembers of a row that is in no doubt; float32 throughout. */
export interface RowBounds {
  /** For each group of centers. */
  readonly lower: readonly number[];
  readonly upper: number;
}

/** The bounds of a row from its scores; see cluster/bounds.ts. */
export function boundsOf(
  scores: readonly number[],
  label: number,
  square: number,
  error: number,
  widen: number,
  lanes: number,
): RowBounds {
  const f32 = Math.fround;
  const tiny = f32(1e-37);
  const most = f32(3.4028234663852886e38);
  const lower = Array.from({ length: lanes }, (_, lane) => {
    const least = Math.min(...scores.filter((_, j) => j % lanes === lane && j !== label));
    const distance = Math.sqrt(Math.max(square - error + (least + least), 0)) * (1 - widen);
    return f32(Math.min(f32(distance), most) - tiny);
  });
  const distance = Math.sqrt(Math.max(square + 2 * scores[label]! + error, 0)) * (1 + widen);
  return { lower, upper: f32(f32(distance) + tiny) };
}

/** How far the centers have moved since a row's bounds were true. */
export interface Moved {
  readonly own: number;
  readonly groups: readonly number[];
}

/** Whether the bounds of a row no longer tell its nearest center, as `openRows` finds from the record. */
export function isOpen({ lower, upper }: RowBounds, { own, groups }: Moved): boolean {
  const f32 = Math.fround;
  return !(f32(upper + own) < Math.min(...lower.map((bound, g) => f32(bound - groups[g]!))));
}
