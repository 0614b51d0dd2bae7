/** Ctrl-C: what is finished stays. */
export class Interrupted extends Error {}

/** Does work that Ctrl-C aborts, with `Interrupted` as the reason. */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Interrupted('interrupted'));
  process.once('SIGINT', interrupt);
  try {
    return await work(interruption.signal);
  } finally {
    process.off('SIGINT', interrupt);
  }
}
