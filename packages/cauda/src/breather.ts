import type { Signal } from './platform.ts';

/** Milliseconds of computing after which the event loop gets a turn. */
const LONGEST = 30;

/** When the event loop last got a turn from any breather of this thread: many short works in a row are one long one. */
let lastTurn: number = performance.now();

/** Lets the event loop run now and then, so that a page stays alive and a signal is heard. */
export class Breather {
  readonly #signal: Signal | undefined;

  /** @param signal ends the work: `breathe` rejects with its reason */
  constructor(signal?: Signal | undefined) {
    this.#signal = signal;
  }

  /** @throws the signal's reason once it is aborted */
  async breathe(): Promise<void> {
    if (this.due) {
      await turn();
      lastTurn = performance.now();
    }
    this.#signal?.throwIfAborted();
  }

  /** Whether it is time to breathe: to ask before an `await` in a short loop. */
  get due(): boolean {
    return performance.now() - lastTurn > LONGEST;
  }
}

/** Work in pieces: it yields where it may be interrupted, and returns its result. */
export type Pieces<Result> = Generator<void, Result, void>;

/** Does all pieces one after another, with the event loop running between them and the signal heeded. */
export async function paced<Result>(work: Pieces<Result>, signal?: Signal | undefined): Promise<Result> {
  const breather = new Breather(signal);
  signal?.throwIfAborted();
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    if (breather.due) await breather.breathe();
  }
}

/** Does all pieces at once. */
export function atOnce<Result>(work: Pieces<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Lets the event loop turn once; by `setImmediate` where there is one, since timers wait for a millisecond or more. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
