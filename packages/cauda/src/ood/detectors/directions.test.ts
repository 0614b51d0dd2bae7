import { expect, test } from 'vitest';
import { fdbd, nci, she } from './directions.ts';

/** Two classes: the logits are the features. */
const head = {
  weights: [
    [1, 0],
    [0, 1],
  ],
  bias: [0, 0],
};

test('she by hand: minus the product with the mean of the rows rightly classified as the predicted class', async () => {
  const features = [
    [2, 0],
    [4, 2],
    [9, 0],
    [0, 3],
  ];
  const labels = [0, 0, 1, 1]; // the third is wrong; patterns (3, 1) and (0, 3)
  const scores = (await she({ features, head, labels })).score({
    features: [
      [2, 1],
      [1, 5],
    ],
  });
  expect([...scores]).toEqual([-7, -15]);
});

test('she: a class without a rightly classified row has no pattern and scores 0', async () => {
  const detector = await she({
    features: [
      [2, 0],
      [3, 0],
    ],
    head,
    labels: [0, 1],
  });
  expect([
    ...detector.score({
      features: [
        [0, 7],
        [1, 0],
      ],
    }),
  ]).toEqual([0, -2]);
});

test('nci by hand: along the weights of the predicted class from the mean, and the L1 norm', async () => {
  const training = {
    features: [
      [0, 0],
      [2, 2],
    ],
    head,
  }; // mean (1, 1)
  const probe = {
    features: [
      [5, 4],
      [0, 3],
      [1, 1],
    ],
  }; // from the mean (4, 3), (−1, 2) and nothing
  const scores = (await nci(training, { alpha: 0.5 })).score(probe);
  expect(scores[0]).toBeCloseTo(-(4 / 5 + 0.5 * 9), 14);
  expect(scores[1]).toBeCloseTo(-(2 / Math.sqrt(5) + 0.5 * 3), 14);
  expect(scores[2]).toBe(-1);
  expect((await nci(training)).score({ features: [[5, 4]] })[0]).toBeCloseTo(-(4 / 5 + 9e-4), 14);
});

test('fdbd by hand: the distances to the boundaries in units of that to the mean', async () => {
  const training = {
    features: [
      [0, 0],
      [2, 2],
    ],
    head,
  };
  // |5 − 4| / √2 / 5, and at the mean both logits are equal: on the boundary
  const scores = (await fdbd(training)).score({
    features: [
      [5, 4],
      [1, 1],
      [4, 0],
    ],
  });
  expect(scores[0]).toBeCloseTo(-1 / Math.SQRT2 / 5, 14);
  expect(scores[1]).toBe(0);
  expect(scores[2]).toBeCloseTo(-4 / Math.SQRT2 / Math.sqrt(10), 14);
});

test('fdbd: at the training mean a decided row is as far in as can be, and equal classes have no boundary', async () => {
  const features = [
    [3, 1],
    [5, 1],
  ];
  expect((await fdbd({ features, head })).score({ features: [[4, 1]] })[0]).toBe(-Infinity);
  const twins = {
    weights: [
      [1, 0],
      [1, 0],
      [0, 1],
    ],
    bias: [0, -1, 0],
  };
  const [score] = (await fdbd({ features, head: twins })).score({ features: [[4, 0]] });
  expect(score).toBeCloseTo(-4 / Math.SQRT2, 14);
});

test('mistakes are named', async () => {
  const features = [
    [2, 0],
    [3, 0],
  ];
  await expect(she({ features, head } as never)).rejects.toThrow(
    'she: labels are missing: the class of each row',
  );
  await expect(she({ features, head, labels: [0, 2] })).rejects.toThrow(
    'she: labels[1] must be the index of one of the 2 classes; got 2',
  );
  await expect(nci({ features, head }, { alpha: -1 })).rejects.toThrow(
    'nci: alpha must be a finite number in [0, ∞); got -1',
  );
  await expect(fdbd({ head } as never)).rejects.toThrow('fdbd: features are missing; got { head }');
});
