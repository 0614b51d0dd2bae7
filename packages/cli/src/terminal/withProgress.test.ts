import { expect, test } from 'vitest';
import { Interrupted } from './interruption.ts';
import { withProgress } from './withProgress.ts';

const silent = { write: () => {} };

test('the work gets a progress and a signal, and its result is handed on', async () => {
  const result = await withProgress(silent, { json: false }, async (progress, signal) => {
    progress.update('a task', 0.5);
    return signal.aborted;
  });
  expect(result).toBe(false);
});

test('Ctrl-C aborts the signal and rejects, whatever the work makes of it', async () => {
  const listeners = process.listenerCount('SIGINT');
  const work = withProgress(silent, { json: true }, async (_, signal) => {
    process.emit('SIGINT');
    expect(signal.aborted).toBe(true);
    throw new Error('the connection broke');
  });
  await expect(work).rejects.toThrow(Interrupted);
  expect(process.listenerCount('SIGINT')).toBe(listeners);
});

test('an error of the work rejects as it is, and nobody listens for Ctrl-C any more', async () => {
  const listeners = process.listenerCount('SIGINT');
  const work = withProgress(silent, { json: false }, async () => {
    throw new RangeError('kmeans: too few rows');
  });
  await expect(work).rejects.toThrow(new RangeError('kmeans: too few rows'));
  expect(process.listenerCount('SIGINT')).toBe(listeners);
});
