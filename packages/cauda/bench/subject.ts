import type { Peer } from './peer.ts';

/** What one side took, and what its result must agree on before a time is believed. */
interface Measured {
  readonly seconds: number;
  readonly check: number;
}

/** One row of the table. */
export interface Subject {
  readonly name: string;
  /** What is timed, and against what. */
  readonly title: string;
  readonly peerTitle: string;
  /** Largest relative difference of the two checks. */
  readonly tolerance: number;
  ours(): Promise<Measured>;
  theirs(peer: Peer): Promise<Measured>;
}

export const timed = async <T>(body: () => Promise<T>): Promise<[seconds: number, result: T]> => {
  const start = performance.now();
  const result = await body();
  return [(performance.now() - start) / 1000, result];
};

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1]!;
