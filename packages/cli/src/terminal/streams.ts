import type { Readable } from 'node:stream';
import type { ProgressStream } from './progress.ts';

/** The streams from which a command reads rows and to which it writes results and messages; `process` has them. */
export interface Streams {
  readonly stdin: Readable;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: ProgressStream;
}
