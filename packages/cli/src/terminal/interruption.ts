/** Thrown after Ctrl-C. The exit code is 130, and what was finished before stays. */
export class Interrupted extends Error {}

/**
 * Does work that Ctrl-C aborts.
 * @throws Interrupted after Ctrl-C, if the work fails in any way; else what the work throws
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Interrupted('interrupted'));
  process.once('SIGINT', interrupt);
  try {
    return await work(interruption.signal);
  } catch (error) {
    interruption.signal.throwIfAborted();
    throw error;
  } finally {
    process.off('SIGINT', interrupt);
  }
}
