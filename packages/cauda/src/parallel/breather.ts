/** Milliseconds of computing after which the event loop gets a turn. */
const LONGEST = 30;

/** Lets the event loop run now and then, so that a page stays alive and a signal is heard. */
export class Breather {
  #last: number = performance.now();

  async breathe(): Promise<void> {
    if (performance.now() - this.#last <= LONGEST) return;
    await turn();
    this.#last = performance.now();
  }
}

/** Lets the event loop turn once; by `setImmediate` where there is one, since timers wait for a millisecond or more. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
