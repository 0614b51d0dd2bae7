import { describe, expect, test } from 'vitest';
import { ash, dice, react, scale } from './reshape.ts';

/** The logits are the sum of the features and 0: the energy tells the sum. */
const head = {
  weights: [
    [1, 1, 1, 1],
    [0, 0, 0, 0],
  ],
  bias: [0, 0],
};
const energyOfSum = (sum: number): number => -Math.log(Math.exp(sum) + 1);
const { exp } = Math;

test('react by hand: nothing above the percentile of all training activations', async () => {
  const features = [
    [0, 1, 2, 3],
    [4, 5, 6, 10],
  ];
  // eight values; 50 % lies halfway between the fourth, 3, and the fifth, 4
  const detector = await react({ features, head }, { percentile: 50 });
  expect(detector.toJSON().threshold).toBe(3.5);
  expect(detector.score({ features: [[9, 1, -2, 3.5]] })[0]).toBeCloseTo(energyOfSum(3.5 + 1 - 2 + 3.5), 13);
});

test('ash and scale by hand: the larger half of 4, 1, 3, 2', async () => {
  const probe = { features: [[4, 1, 3, 2]] }; // sum 10, of which 7 is kept
  const half = { percentile: 50 };
  const expected = { p: 7, b: 10, s: 7 * exp(10 / 7) };
  for (const variant of ['p', 'b', 's'] as const)
    expect((await ash({ head }, { ...half, variant })).score(probe)[0]).toBeCloseTo(
      energyOfSum(expected[variant]),
      12,
    );
  expect((await ash({ head }, half)).score(probe)).toEqual(
    (await ash({ head }, { ...half, variant: 's' })).score(probe),
  );
  expect((await scale({ head }, half)).score(probe)[0]).toBeCloseTo(energyOfSum(10 * exp(10 / 7)), 12);
});

test('ash keeps the first of equal activations, and at least one', async () => {
  const firstOnly = {
    weights: [
      [1, 0, 0, 0],
      [0, 0, 0, 0],
    ],
    bias: [0, 0],
  };
  const options = { percentile: 99, variant: 'p' as const };
  const [first, second] = (await ash({ head: firstOnly }, options)).score({
    features: [
      [3, 3, 3, 3],
      [2, 3, 3, 3],
    ],
  });
  expect(first).toBeCloseTo(energyOfSum(3), 14);
  expect(second).toBeCloseTo(energyOfSum(0), 14);
});

describe('extremes', () => {
  test('rows of zeros, and rows so even that exp would overflow', async () => {
    const wide = { weights: [new Float64Array(3000).fill(1), new Float64Array(3000)], bias: [0, 0] };
    const even = new Float64Array(3000).fill(1);
    for (const detector of [
      await ash({ head: wide }, { percentile: 99.9 }),
      await scale({ head: wide }, { percentile: 99.9 }),
    ]) {
      const scores = detector.score({ features: [new Float64Array(3000), even] });
      expect(scores[0]).toBeCloseTo(energyOfSum(0), 14);
      expect(Number.isFinite(scores[1])).toBe(true);
    }
  });

  test('scale and ash grow with the activations they see; a percentile of 0 keeps all', async () => {
    const probe = { features: [[4, 1, 3, 2]] };
    expect((await scale({ head }, { percentile: 0 })).score(probe)[0]).toBeCloseTo(
      energyOfSum(10 * exp(1)),
      12,
    );
    expect((await ash({ head }, { percentile: 0, variant: 'p' })).score(probe)[0]).toBeCloseTo(
      energyOfSum(10),
      13,
    );
  });
});

test('dice by hand: only the weights of the largest contributions', async () => {
  const features = [
    [1, 2, 3, 4],
    [3, 2, 3, 0],
  ]; // mean 2, 2, 3, 2
  const given = {
    weights: [
      [1, 2, -1, 3],
      [0, 1, 1, 0],
    ],
    bias: [0.5, 0],
  };
  // contributions 2, 4, −3, 6 and 0, 2, 3, 0; sorted −3, 0, 0, 2, 2, 3, 4, 6: the median is 2
  const detector = await dice({ features, head: given }, { percentile: 50 });
  const [score] = detector.score({ features: [[1, 10, 2, 0.1]] });
  const logits = [2 * 10 + 3 * 0.1 + 0.5, 2];
  expect(score).toBeCloseTo(-Math.log(exp(logits[0]!) + exp(logits[1]!)), 12);
});

test('mistakes are named', async () => {
  await expect(ash({ head }, { variant: 'q' as never })).rejects.toThrow(
    'ash: variant must be "p", "b" or "s"; got "q"',
  );
  await expect(scale({ head }, { percentile: 100 })).rejects.toThrow(
    'scale: percentile must be a number in [0, 100); got 100',
  );
  const fitted = await ash({ head });
  expect(() =>
    fitted.score({
      features: [
        [1, 1, 1, 1],
        [0, -2, 0, 0],
      ],
    }),
  ).toThrow('ash.score: features must be ≥ 0, as after a ReLU; got -2 in row 1');
  await expect(ash({} as never)).rejects.toThrow(
    "ash: head is missing: { weights, bias } of the classifier's last layer",
  );
  await expect(react({ features: [[1, 2]], head })).rejects.toThrow(
    'react: head.weights must be nFeatures × nClasses = 2 × 2 or the transpose; got 2 × 4',
  );
});
