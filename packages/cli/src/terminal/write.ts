import { EventEmitter, once } from 'node:events';
import type { Streams } from './streams.ts';

/** Writes a result, and waits where its reader is slower than we are, so that nothing piles up. */
export async function write({ stdout }: Streams, text: string, signal: AbortSignal): Promise<void> {
  if (stdout.write(text) === false && stdout instanceof EventEmitter) await once(stdout, 'drain', { signal });
}
