import type { Precision } from '../kernels.ts';

/**
 * How the kernels compute, for their references in plain TypeScript: the same additions in the same order, so that the
 * results are the same bits.
 */
export interface Arithmetic {
  /** Lanes of a vector. */
  readonly lanes: 2 | 4;
  readonly round: Round;
}

/** Math.fround for the bits of the float32 kernels, or the identity for float64. */
export type Round = (value: number) => number;

export const arithmetics: Readonly<Record<Precision, Arithmetic>> = {
  F32: { lanes: 4, round: Math.fround },
  F64: { lanes: 2, round: (value) => value },
};

/** Σ term(j) over the elements of a row: lane by lane, then (0 + 1) + (2 + 3). */
export function laneSum({ lanes, round }: Arithmetic, width: number, term: (j: number) => number): number {
  const sums = new Array<number>(lanes).fill(0);
  for (let j = 0; j < width; j++) sums[j % lanes] = round(sums[j % lanes]! + term(j));
  const [a = 0, b = 0, c = 0, d = 0] = sums;
  return lanes === 2 ? a + b : round(round(a + b) + round(c + d));
}
