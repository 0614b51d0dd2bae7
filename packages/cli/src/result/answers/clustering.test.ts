import { expect, test } from 'vitest';
import type { ClusteringRun } from '../sections/clustering.ts';
import { bestRun, clusteringAnswer, majorities } from './clustering.ts';

const run = (inertia: number, purity: number, table: number[][]): ClusteringRun => ({
  start: 'random',
  restarts: 1,
  seconds: 0,
  inertia,
  nIter: 1,
  converged: true,
  purity,
  adjustedRand: 0.5,
  normalizedMutualInfo: 0.5,
  table,
  clusters: [],
});

// digits 0, 1, 2 with 10, 10 and 6 images: digit 2 leads no cluster and is mostly found with 1
const mixed = run(5, 18 / 26, [
  [9, 0, 1],
  [1, 9, 4],
  [0, 1, 1],
]);

test('the most frequent digit leads its cluster, the lower one where two are as frequent', () => {
  expect(majorities(mixed)).toEqual([
    { digit: 0, share: 0.9, size: 10 },
    { digit: 1, share: 9 / 14, size: 14 },
    { digit: 1, share: 0.5, size: 2 },
  ]);
});

test('the answer is computed from the run with the lowest inertia', () => {
  const worse = run(6, 1, [[10, 0, 0]]);
  expect(bestRun({ runs: [worse, mixed] })).toBe(mixed);
  expect(clusteringAnswer({ rows: 26, runs: [worse, mixed] })).toBe(
    'Partly: 69 % of the images share a cluster with its most frequent digit, where one single cluster would reach 38 %; ' +
      'the adjusted Rand index is 0.50 (0 by chance, 1 for the digits themselves). ' +
      'Digit 0 has a cluster that is at least three quarters its own. ' +
      'Digit 2 leads no cluster: 2 is mostly found with 1.',
  );
});

test('clusters that are the digits earn a yes, and clusters that say nothing a hardly', () => {
  const answer = (purity: number, table: number[][]) =>
    clusteringAnswer({ rows: 20, runs: [run(1, purity, table)] }).split(':')[0];
  expect(
    answer(1, [
      [10, 0],
      [0, 10],
    ]),
  ).toBe('Yes');
  expect(
    answer(0.55, [
      [6, 5],
      [4, 5],
    ]),
  ).toBe('Hardly');
});

test('an empty cluster has no share', () => {
  expect(majorities(run(1, 1, [[0, 0]]))).toEqual([{ digit: 0, share: 0, size: 0 }]);
});
