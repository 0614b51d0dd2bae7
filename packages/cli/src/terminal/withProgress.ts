import { interruptible } from './interruption.ts';
import { createProgress, type Progress, type ProgressStream } from './progress.ts';

/**
 * Does work that Ctrl-C aborts and that says on `stream` how far it is.
 * @throws Interrupted after Ctrl-C, if the work fails in any way; else what the work throws
 */
export async function withProgress<Result>(
  stream: ProgressStream,
  { json }: { readonly json: boolean },
  work: (progress: Progress, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const progress = createProgress(stream, { json });
  try {
    return await interruptible((signal) => work(progress, signal));
  } finally {
    progress.clear();
  }
}
