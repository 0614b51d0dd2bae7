import { Readable } from 'node:stream';
import { expect, vi } from 'vitest';
import { cli } from '../src/cli.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of stdout. */
  readonly lines: readonly string[];
}

interface RunOptions {
  /** What the command reads; nothing unless told otherwise. */
  readonly stdin?: Readable | string;
  /** Sees each write to stdout. */
  readonly watch?: (text: string) => void;
}

/** Runs `cauda …`. */
export async function run(
  args: readonly string[],
  { stdin = '', watch = () => {} }: RunOptions = {},
): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const code = await cli(args, {
    stdin: typeof stdin === 'string' ? Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]) : stdin,
    stdout: {
      write(text) {
        stdout += text;
        watch(text);
      },
    },
    stderr: { write: (text) => (stderr += text) },
  });
  return { code, stdout, stderr, lines: stdout.split('\n').slice(0, -1) };
}

/** Runs `cauda …` until it listens for Ctrl-C, presses Ctrl-C, and sees that it stops to listen. */
export async function interrupted(args: readonly string[], options?: RunOptions): Promise<Ran> {
  const listeners = process.listenerCount('SIGINT');
  const running = run(args, options);
  await vi.waitUntil(() => process.listenerCount('SIGINT') > listeners);
  process.emit('SIGINT');
  const result = await running;
  expect(process.listenerCount('SIGINT')).toBe(listeners);
  return result;
}
