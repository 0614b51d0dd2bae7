import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { write } from './write.ts';

const never = new AbortController().signal;
const stderr = { write: () => {} };

/** A stream that is full after one character, and what empties it. */
function slow() {
  let release = () => {};
  const written: string[] = [];
  const stdout = new Writable({
    highWaterMark: 1,
    decodeStrings: false,
    write(text, _, done) {
      written.push(text);
      release = done;
    },
  });
  return { streams: { stdin: process.stdin, stdout, stderr }, written, release: () => release() };
}

test('a write waits until a slow reader has taken it', async () => {
  const { streams, written, release } = slow();
  let done = false;
  const writing = write(streams, 'row', never).then(() => {
    done = true;
  });
  await setImmediate();
  expect([written, done]).toEqual([['row'], false]);
  release();
  await writing;
});

test('a wait for a reader that never comes can be aborted', async () => {
  const control = new AbortController();
  const writing = write(slow().streams, 'row', control.signal);
  control.abort();
  await expect(writing).rejects.toThrow('aborted');
});
