import type { BenchData } from './data.ts';
import type { Exchange } from './exchange.ts';
import type { Peer } from './peer.ts';

/** What one side took, and what its result must agree on before a time is believed. */
interface Measured {
  readonly seconds: number;
  readonly check: number;
}

/** One row of the table: the same work on both sides. */
export interface Subject {
  /** What is timed, and on what. */
  readonly title: string;
  /** What it is timed against, and the Python package that this needs. */
  readonly peerTitle: string;
  readonly peerPackage: 'sklearn' | 'torch';
  /** Largest relative difference of the two checks. */
  readonly tolerance: number;
  ours(): Promise<Measured>;
  theirs(peer: Peer): Promise<Measured>;
}

/** Rows of the table by the name under which they are asked for; their data are made when they are. */
export interface Subjects {
  /** The name, or its first word, selects them: "kmeans-tall" is one of "kmeans". */
  readonly name: string;
  /** Takes minutes, and runs only if it is named in full. Defaults to false. */
  readonly long?: boolean;
  make(data: BenchData, exchange: Exchange): Promise<Subject[]>;
}

export async function timed<Result>(body: () => Promise<Result>): Promise<[seconds: number, result: Result]> {
  const start = performance.now();
  const result = await body();
  return [(performance.now() - start) / 1000, result];
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
