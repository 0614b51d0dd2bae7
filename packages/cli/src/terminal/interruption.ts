/** Ctrl-C: what is finished stays. */
export class Interrupted extends Error {}

/** Does work that Ctrl-C aborts; rejects with `Interrupted` then, whatever the work made of the signal. */
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
