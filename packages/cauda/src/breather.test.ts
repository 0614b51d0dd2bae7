import { expect, test } from 'vitest';
import { Breather, paced } from './breather.ts';

/** Keeps the thread busy. */
function compute(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test('many short works in a row are one long one: timers are served in between (LiberTEM #1042)', async () => {
  let served = 0;
  const timer = setInterval(() => served++, 1);
  for (let work = 0; work < 100; work++) {
    const breather = new Breather();
    compute(2);
    await breather.breathe();
  }
  clearInterval(timer);
  expect(served).toBeGreaterThan(3); // 200 ms at a breath every 30
});

test('a signal that a timer aborts ends a chain of works in pieces', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('enough')), 20);
  function* work(): Generator<void, number, void> {
    for (let piece = 0; piece < 5; piece++) {
      compute(2);
      yield;
    }
    return 5;
  }
  let done = 0;
  const chain = async () => {
    for (; done < 1000; done++) await paced(work(), controller.signal);
  };
  await expect(chain()).rejects.toThrow('enough');
  expect(done).toBeLessThan(100);
});
