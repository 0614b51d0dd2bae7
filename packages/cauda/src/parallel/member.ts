import type { Column } from './program.ts';

/** One thread's part of a session. */
export interface Member {
  ask(verb: 'sum' | 'gather', step: string, params: unknown): Promise<[number, Column][]>;
  close(): void;
}
