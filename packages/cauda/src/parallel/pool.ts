import { kernelModule } from '../kernels/module.ts';
import { startThread, type Thread } from './thread.ts';

/** What a session asks of a worker; see `serve.ts` for the other end. */
export type Request = { session: number } & (
  | { verb: 'open'; program: string; config: unknown }
  | { verb: 'load'; place: number; rows: unknown }
  | { verb: 'sum' | 'gather'; step: string; params: unknown }
  | { verb: 'close' }
);

/** No worker can start here: a page's policy forbids it, or there is nothing to make one with. */
export class NoWorkersError extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(`parallel: no worker can start here (${why}); workers: 0 works in the calling thread`, options);
    this.name = 'NoWorkersError';
  }
}

/** A worker and the calls that it has not answered yet. */
export class PoolWorker {
  readonly #calls = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  readonly #thread: Thread;
  #nextCall = 0;
  #answered = false;
  #death: Error | undefined;

  /** @throws NoWorkersError if there can be none */
  constructor() {
    try {
      this.#thread = startThread(
        (reply) => this.#settle(reply as { call: number; value?: unknown; error?: string }),
        (why) => this.#die(why),
      );
    } catch (error) {
      throw new NoWorkersError(error instanceof Error ? error.message : String(error), { cause: error });
    }
    this.#thread.post({ module: kernelModule() }, []);
  }

  get alive(): boolean {
    return !this.#death;
  }

  call<Value>(request: Request, transfer: ArrayBuffer[] = []): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.#death) return reject(this.#death);
      const call = this.#nextCall++;
      this.#thread.post({ call, ...request }, transfer);
      this.#calls.set(call, { resolve, reject });
      this.#thread.hold(true);
    });
  }

  #settle({ call, value, error }: { call: number; value?: unknown; error?: string }): void {
    this.#answered = true;
    const waiting = this.#calls.get(call)!;
    this.#calls.delete(call);
    if (this.#calls.size === 0) this.#thread.hold(false);
    if (error === undefined) waiting.resolve(value as never);
    else waiting.reject(new Error(error));
  }

  #die(why: string): void {
    if (this.#death) return;
    this.#death = this.#answered
      ? new Error(
          `parallel: a worker stopped while fitting (${why}); nothing was fitted, and the next fit starts a new worker`,
        )
      : new NoWorkersError(why);
    this.#thread.stop();
    for (const { reject } of this.#calls.values()) reject(this.#death);
    this.#calls.clear();
  }
}

const workers: PoolWorker[] = [];

/** `count` living workers, the same ones for every fit. An idle worker does not keep the process alive. */
export function poolWorkers(count: number): PoolWorker[] {
  for (let i = 0; i < count; i++) if (!workers[i]?.alive) workers[i] = new PoolWorker();
  return workers.slice(0, count);
}
