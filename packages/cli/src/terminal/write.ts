import { EventEmitter, once } from 'node:events';
import type { Streams } from './streams.ts';

/** Writes a result and waits for a reader that is slower than we are, so that no data piles up. */
export async function write({ stdout }: Streams, text: string, signal: AbortSignal): Promise<void> {
  if (stdout.write(text) === false && stdout instanceof EventEmitter) await once(stdout, 'drain', { signal });
}
