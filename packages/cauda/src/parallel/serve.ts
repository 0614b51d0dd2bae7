import { ShardHost } from './host.ts';
import { nodeModule } from './nodeModule.ts';
import type { Request } from './pool.ts';
import type { AnyProgram, Column, ShardRows } from './program.ts';

interface Port {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  listen(onMessage: (message: unknown) => void): void;
}

/** The worker's side of the pool: answers each request by its call number until the thread ends. */
export function serve(programs: readonly AnyProgram[]): void {
  const port = openPort();
  const sessions = new Map<number, ShardHost>();
  let module: WebAssembly.Module;
  port.listen((data) => {
    const message = data as { module: WebAssembly.Module } | ({ call: number } & Request);
    if ('module' in message) {
      module = message.module;
      return;
    }
    const { call, session } = message;
    try {
      const value = answer(message);
      port.postMessage({ call, value }, value instanceof ArrayBuffer ? [value] : buffersOf(value));
    } catch (error) {
      port.postMessage({ call, error: error instanceof Error ? error.message : String(error) }, []);
      if (message.verb !== 'close') sessions.delete(session); // its memory may be in any state
    }
  });

  function answer(request: Request): [place: number, result: Column][] | ArrayBuffer | undefined {
    const { session } = request;
    switch (request.verb) {
      case 'open': {
        const program = programs.find(({ name }) => name === request.program);
        if (!program) throw new Error(`parallel: the worker has no program "${request.program}"`);
        sessions.set(session, new ShardHost(module, program, request.config));
        return undefined;
      }
      case 'load': {
        const rows = request.rows as ShardRows;
        sessions.get(session)!.load(request.place, rows);
        return rows.data.buffer as ArrayBuffer; // for another shard
      }
      case 'sum':
      case 'gather':
        return sessions.get(session)![request.verb](request.step, request.params) as [number, Column][];
      case 'close':
        sessions.get(session)?.close();
        sessions.delete(session);
        return undefined;
      default:
        return request satisfies never;
    }
  }
}

function buffersOf(value: [number, Column][] | undefined): ArrayBuffer[] {
  return value ? value.map(([, array]) => array.buffer as ArrayBuffer) : [];
}

function openPort(): Port {
  const threads = nodeModule('node:worker_threads') as typeof import('node:worker_threads') | undefined;
  if (threads?.parentPort) {
    const port = threads.parentPort;
    return {
      postMessage: (message, transfer) => port.postMessage(message, transfer),
      listen: (onMessage) => void port.on('message', onMessage),
    };
  }
  const scope = globalThis as unknown as {
    postMessage(message: unknown, transfer: ArrayBuffer[]): void;
    onmessage: (event: { data: unknown }) => void;
  };
  return {
    postMessage: (message, transfer) => scope.postMessage(message, transfer),
    listen: (onMessage) => {
      scope.onmessage = (event) => onMessage(event.data);
    },
  };
}
