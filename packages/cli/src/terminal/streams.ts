import type { Readable } from 'node:stream';
import type { ProgressStream } from './progress.ts';

/** Where a command reads rows and writes results and messages. `process` fits. */
export interface Streams {
  readonly stdin: Readable;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: ProgressStream;
}
