import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { secondsSince, timed } from './timed.ts';

test('a fit is timed in seconds, and its model handed on', async () => {
  const started = performance.now();
  const { model, seconds } = await timed(async () => {
    await setTimeout(20);
    return 'model';
  });
  expect(model).toBe('model');
  expect(seconds).toBeGreaterThan(0.015);
  expect(seconds).toBeLessThanOrEqual(secondsSince(started));
});

test('a fit that fails rejects with its error', async () => {
  await expect(
    timed(async () => {
      throw new RangeError('kmeans: too few rows');
    }),
  ).rejects.toThrow(new RangeError('kmeans: too few rows'));
});
