/** The kernels of assembly/bounds.ts in plain TypeScript, operation for operation. */

const { fround } = Math;
const TINY = fround(1e-37);
const LARGEST = fround(3.4028234663852886e38);

/** What a row remembers of its last evaluation. */
export interface BoundRecord {
  readonly lower: readonly number[];
  readonly upper: number;
  readonly slot: number;
}

/** Whether a row's own center may no longer be the nearest, and its record afterwards. */
export function openRow(
  { lower, upper, slot }: BoundRecord,
  ownMoved: number,
  groupMoved: ArrayLike<number>,
  expiring: number,
  now: number,
): { open: boolean; record: BoundRecord } {
  const reach = fround(upper + ownMoved);
  const left = lower.map((bound, lane) => fround(bound - groupMoved[lane]!));
  const open = !(reach < Math.min(...left));
  if (open || slot !== expiring) return { open, record: { lower, upper, slot } };
  return {
    open,
    record: {
      lower: left.map((bound) => fround(bound - fround(Math.abs(bound) * fround(0.000001)))),
      upper: fround(reach * fround(1.000001)),
      slot: now,
    },
  };
}

/** The record of a row from half − product of each center, its square, and the error of a squared distance. */
export function renewedRecord(
  half: ArrayLike<number>,
  product: ArrayLike<number>,
  square: number,
  error: number,
  widen: number,
  lanes: number,
  label: number,
  now: number,
): BoundRecord {
  const lower = new Array<number>(lanes).fill(LARGEST);
  let upper = 0;
  for (let j = 0; j < half.length; j++) {
    const squared = square + 2 * (half[j]! - product[j]!);
    if (j === label) upper = fround(fround(Math.sqrt(Math.max(squared + error, 0)) * (1 + widen)) + TINY);
    else {
      const bound = fround(fround(Math.sqrt(Math.max(squared - error, 0)) * (1 - widen)) - TINY);
      lower[j % lanes] = Math.min(lower[j % lanes]!, bound);
    }
  }
  return { lower, upper, slot: now };
}
