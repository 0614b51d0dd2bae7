import { Breather } from '../../../breather.ts';
import type { Signal } from '../../../platform.ts';

/** Keeps a long loop polite: timers are served, and a signal is heard, between any two of its steps. */
export class Pace {
  readonly #signal: Signal | undefined;
  readonly #breather = new Breather();

  /** @throws the signal's reason if it is aborted already */
  constructor(signal: Signal | undefined) {
    signal?.throwIfAborted();
    this.#signal = signal;
  }

  /**
   * Lets the event loop turn if it is time; call it where the work so far took some milliseconds.
   * @throws the signal's reason once it is aborted
   */
  async breathe(): Promise<void> {
    await this.#breather.breathe();
    this.#signal?.throwIfAborted();
  }
}
