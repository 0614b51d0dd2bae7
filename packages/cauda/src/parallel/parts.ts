import type { Column, Step } from './program.ts';
import type { Session } from './session.ts';
import { shardOffsets } from './shards.ts';

/** Part number `part` of the rows of each shard, when they are taken in `parts` parts. */
export interface Part {
  readonly part: number;
  readonly parts: number;
}

/** @returns the row at which a part of n rows begins; it ends where the next one begins */
export function partStart(n: number, { part, parts }: Part): number {
  return Math.floor((n * part) / parts);
}

/**
 * Asks for answers to rows part by part, so that a signal is heeded and progress told in between.
 * @param step takes a `Part` and answers each of its rows with the same count of numbers
 * @param rows of all shards together
 * @param out where the answers go, in row order
 */
export async function gatherParts<Steps extends Record<string, Step>, Name extends keyof Steps & string>(
  session: Session<Steps>,
  step: Name,
  rows: number,
  parts: number,
  out: Column,
  report: (done: number, all: number) => void,
): Promise<void> {
  const offsets = shardOffsets(rows);
  const width = out.length / rows;
  for (let part = 0; part < parts; part++) {
    const answers = await session.gather(step, { part, parts });
    answers.forEach((answer, s) => {
      const from = offsets[s]!;
      out.set(answer, (from + partStart(offsets[s + 1]! - from, { part, parts })) * width);
    });
    report(part + 1, parts);
  }
}
