import { expect, test } from 'vitest';
import { createProgress } from './progress.ts';

function recorder(isTTY = false) {
  const written: string[] = [];
  return { isTTY, write: (text: string) => written.push(text), written };
}

test('without a terminal there is a line now and then, and not one for quick work', () => {
  const stream = recorder();
  let time = 0;
  const progress = createProgress(stream, { json: false, now: () => time });
  progress.update('K-means', 0.1);
  time = 4999;
  progress.update('K-means', 0.2);
  expect(stream.written).toEqual([]);
  time = 5000;
  progress.update('K-means', 0.25);
  progress.update('K-means', 0.3);
  expect(stream.written).toEqual(['  … K-means, 25 %\n']);
});

test('with json every line is an event that parses', () => {
  const stream = recorder(true);
  let time = 0;
  const progress = createProgress(stream, { json: true, now: () => time });
  time = 250;
  progress.update('a "task"', 1 / 3);
  expect(stream.written.map((line) => JSON.parse(line))).toEqual([
    { event: 'progress', task: 'a "task"', fraction: 0.3333 },
  ]);
});
