import { nodeModule } from './nodeModule.ts';
import { workerSource } from './worker.generated.ts';

/** A worker of Node or of a browser, as the pool sees it. */
export interface Thread {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  /** Says whether the process stays alive for this thread (Node only). */
  hold(busy: boolean): void;
  stop(): void;
}

/** Starts a worker from a string of code that the build made, so that no file is asked for and a CDN works too. */
export function startThread(onMessage: (message: unknown) => void, onDeath: (why: string) => void): Thread {
  const threads = nodeModule('node:worker_threads') as typeof import('node:worker_threads') | undefined;
  if (threads) {
    const worker = new threads.Worker(workerSource, { eval: true });
    worker.on('message', onMessage);
    worker.on('error', (error) => onDeath(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => onDeath(`it exited with code ${code}`));
    worker.unref();
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      hold: (busy) => (busy ? worker.ref() : worker.unref()),
      stop: () => void worker.terminate(),
    };
  }
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  const worker = new Worker(url);
  worker.onmessage = (event) => onMessage(event.data);
  worker.onerror = (event) =>
    onDeath(event.message || 'it could not start (does the page forbid blob: workers?)');
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    hold: () => {},
    stop: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

/** How many threads this machine runs at once. */
export function hardwareThreads(): number {
  const os = nodeModule('node:os') as typeof import('node:os') | undefined;
  return os ? os.availableParallelism() : (navigator.hardwareConcurrency ?? 1);
}
