import { expect, test } from 'vitest';
import { combine } from './combine.ts';
import { mahalanobis } from './gaussians.ts';
import { knn } from './knn.ts';
import { energy, maxLogit } from './logits.ts';

const bank = await knn({ features: [[0]] }); // scores |x|
const logit = maxLogit(); // scores −max z
/** |x| is 1, 3 (mean 2, deviation 1); −max z is −4, −10 (mean −7, deviation 3). */
const training = {
  features: [[1], [-3]],
  logits: [
    [4, 0],
    [10, 0],
  ],
};
const probe = {
  features: [[5], [2]],
  logits: [
    [1, 0],
    [13, 0],
  ],
};

test('by hand: standardized on the training rows and added, or the largest', async () => {
  // (5 − 2) / 1 and (−1 + 7) / 3; (2 − 2) / 1 and (−13 + 7) / 3
  expect([...(await combine([bank, logit], training)).score(probe)]).toEqual([5, -2]);
  expect([...(await combine([bank, logit], training, { by: 'max' })).score(probe)]).toEqual([3, 0]);
});

test('by hand: Fisher adds the logs of how rare a score is among the training rows', async () => {
  const scores = (await combine([bank, logit], training, { by: 'fisher' })).score(probe);
  // of 2 training rows none is as far out: p = 1/3 twice; then |x| = 2 is reached by one, −13 by both
  expect(scores[0]).toBeCloseTo(-4 * Math.log(1 / 3), 14);
  expect(scores[1]).toBeCloseTo(-2 * Math.log(2 / 3), 14);
});

test('Fisher counts ties as reached', async () => {
  const [score] = (await combine([bank], training, { by: 'fisher' })).score({ features: [[3]] });
  expect(score).toBeCloseTo(-2 * Math.log(2 / 3), 14);
});

test('by hand: surprisals are added, and familiarity in one score makes up for nothing in another', async () => {
  const rows = Array.from({ length: 101 }, (_, i) => i);
  const many = { features: rows.map((x) => [x]), logits: rows.map((z) => [-z, -1e9]) }; // both score 0 … 100
  const both = await combine([bank, { detector: logit, weight: 0.5 }], many, { by: 'surprisal' });
  const scores = both.score({
    features: [[50], [101], [101]],
    logits: [
      [-80, -1e9],
      [1000, -1e9],
      [0, -1e9],
    ],
  });
  expect(scores[0]).toBeCloseTo(Math.log(2) + Math.log(5) / 2, 14);
  expect(scores[1]).toBeCloseTo(Math.log(10) + 2, 13);
  expect(scores[2]).toBe(scores[1]);
});

test('weights multiply terms', async () => {
  const weighted = await combine([bank, { detector: logit, weight: 3 }], training);
  expect([...weighted.score(probe)]).toEqual([3 + 6, 0 - 6]);
  const most = await combine([bank, { detector: logit, weight: 3 }], training, { by: 'max' });
  expect([...most.score(probe)]).toEqual([6, 0]);
});

test('examine tells what each member adds', async () => {
  const layered = await combine([{ detector: bank, layer: 0 }, logit], {
    ...training,
    layers: [training.features],
  });
  const { scores, parts, nearest } = layered.examine({ ...probe, layers: [probe.features] });
  expect(scores).toEqual((await combine([bank, logit], training)).score(probe));
  expect(parts).toEqual([
    { detector: 'knn', layer: 0, scores: Float64Array.of(3, 0) },
    { detector: 'maxLogit', layer: undefined, scores: Float64Array.of(2, -2) },
  ]);
  expect(nearest).toBeUndefined();
});

test('a member names the layer that is its features', async () => {
  const layered = await combine([{ detector: bank, layer: 1 }, logit], {
    layers: [[[100], [200]], training.features],
    logits: training.logits,
  });
  const rows = { layers: [[[0], [0]], probe.features], logits: probe.logits };
  expect(layered.score(rows)).toEqual((await combine([bank, logit], training)).score(probe));
});

test('a score that is constant in training counts as it is, and one detector keeps its order', async () => {
  const constant = await combine([bank], { features: [[2], [-2]] });
  expect([...constant.score({ features: [[2], [5]] })]).toEqual([0, 3]);
});

test('combinations nest', async () => {
  const inner = await combine([bank, logit], training);
  const outer = await combine([inner, logit], training);
  // inner scores of the training rows: −1 + 1 and 1 − 1
  expect([...outer.score(probe)]).toEqual([5 + 2, -2 - 2]);
});

test('mistakes are named', async () => {
  await expect(combine([], training)).rejects.toThrow(
    'combine: expected an array of at least one detector; got an array of 0',
  );
  await expect(combine([bank, {} as never], training)).rejects.toThrow(
    'combine: member 1 must be a detector or { detector, layer }; got an object (Object)',
  );
  await expect(combine([{ detector: bank, layer: 0.5 }], training)).rejects.toThrow(
    'combine: layer of member 0 must be an integer ≥ 0; got 0.5',
  );
  await expect(combine([{ detector: bank, weight: 0 }], training)).rejects.toThrow(
    'combine: weight of member 0 must be a positive number; got 0',
  );
  await expect(combine([{ detector: bank, layer: 2 }], { layers: [] })).rejects.toThrow(
    'combine: layers[2] is missing: the features of knn',
  );
  await expect(combine([bank, logit], { ...training, logits: [[1, 0]] })).rejects.toThrow(
    'combine: all detectors must read the same rows; got 2, 1 rows',
  );
  await expect(combine([bank, logit], { features: training.features })).rejects.toThrow(
    'maxLogit.score: logits are missing; got { features }',
  );
  await expect(combine([bank], training, { by: 'mean' as never })).rejects.toThrow(
    'combine: by must be "sum", "max", "fisher" or "surprisal"; got "mean"',
  );
  const far = await mahalanobis({ features: [[0], [1]], labels: [0, 0] });
  await expect(combine([energy(), far], { logits: [[0], [1]], features: [[1e160], [0]] })).rejects.toThrow(
    'combine: the training scores of detector 1, mahalanobis, must be finite and not overflow when squared',
  );
});
