import type { ProgressStream } from './progress.ts';

/** Where a command writes: results and messages. `process` fits. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: ProgressStream;
}
