import { describe, expect, test } from 'vitest';
import { PcaModel } from '../../decompose/pca.ts';
import { Random } from '../../random.ts';
import { FieldReader } from '../../serialize.ts';
import { pcaResidual, residual, vim } from './subspace.ts';

/** Logits x + 1 and −x − 1 vanish at x = −1; the nearest such point to 0 is (−1, 0, 0). */
const head = {
  weights: [
    [1, 0, 0],
    [-1, 0, 0],
  ],
  bias: [1, -1],
};
/** Seen from there, the rows vary most along x, and z is 0. */
const features = [
  [3, 1, 0],
  [3, -1, 0],
  [5, 1, 0],
  [5, -1, 0],
];

const noise = (random: Random, n: number, d: number) =>
  Array.from({ length: n }, () => Array.from({ length: d }, () => random.normal()));

describe('residual and vim', () => {
  test('by hand: what is left beside the first axis, as seen from where the logits vanish', async () => {
    const scores = (await residual({ features, head }, { dim: 1 })).score({
      features: [
        [9, 3, 4],
        [-1, 0, 0],
        [7, 0, -2],
      ],
    });
    [5, 0, 2].forEach((length, i) => {
      expect(scores[i]).toBeCloseTo(length, 14);
    });
  });

  test('by hand: vim weighs the residual against the energy', async () => {
    // training: largest logits 4, 4, 6, 6 (mean 5), residuals all 1, so alpha is 5
    const detector = await vim({ features, head }, { dim: 1 });
    expect(detector.toJSON().alpha).toBeCloseTo(5, 14);
    const [score] = detector.score({ features: [[1, 0.6, 0.8]] }); // logits 2 and −2
    expect(score).toBeCloseTo(5 - Math.log(Math.exp(2) + Math.exp(-2)), 13);
  });

  test('weights given as nFeatures × nClasses or transposed are the same head', async () => {
    const turned = {
      weights: [
        [1, -1],
        [0, 0],
        [0, 0],
      ],
      bias: [1, -1],
    };
    const probe = { features: noise(new Random(1), 10, 3) };
    for (const fit of [residual, vim])
      expect((await fit({ features, head: turned }, { dim: 1 })).score(probe)).toEqual(
        (await fit({ features, head }, { dim: 1 })).score(probe),
      );
  });

  test('logits that vanish exactly at the origin stay there, whatever the rank of the weights', async () => {
    // 5 classes in 3 features, rank 2; the least-squares point solves both equations x = −1, y = −2
    const weights = [
      [1, 0, 0],
      [0, 1, 0],
      [1, 1, 0],
      [2, 0, 0],
      [0, -1, 0],
    ];
    const bias = weights.map(([x, y]) => x! + 2 * y!);
    const saved = (await residual({ features, head: { weights, bias } })).toJSON();
    const origin = new FieldReader('test', saved).numbers('origin');
    [-1, -2, 0].forEach((expected, j) => {
      expect(origin[j]).toBeCloseTo(expected, 13);
    });
  });

  test('a rotation of features and weights changes nothing', async () => {
    const random = new Random(2);
    const rows = noise(random, 100, 3).map(([a, b, c]) => [3 * a! + 1, 2 * b!, c!]);
    const weights = noise(random, 2, 3);
    const probe = noise(random, 10, 3);
    const turn = (all: number[][]) => all.map(([a, b, c]) => [0.6 * a! - 0.8 * b!, 0.8 * a! + 0.6 * b!, -c!]);
    const bias = [3, 2];
    const before = (await vim({ features: rows, head: { weights, bias } }, { dim: 2 })).score({
      features: probe,
    });
    const after = (
      await vim({ features: turn(rows), head: { weights: turn(weights), bias } }, { dim: 2 })
    ).score({
      features: turn(probe),
    });
    before.forEach((score, i) => {
      expect(after[i]).toBeCloseTo(score, 10);
    });
  });

  test('mistakes are named', async () => {
    await expect(residual({ features, head }, { dim: 3 })).rejects.toThrow(
      'residual: dim must be an integer in [1, 2], fewer than the features; got 3',
    );
    await expect(vim({ features } as never)).rejects.toThrow(
      "vim: head is missing: { weights, bias } of the classifier's last layer; got undefined",
    );
    await expect(vim({ features, head: { ...head, bias: [1, 2, 3, 4] } })).rejects.toThrow(
      'vim: head.weights must be nFeatures × nClasses = 3 × 4 or the transpose; got 2 × 3',
    );
    await expect(vim({ features, head: { ...head, bias: [1, NaN] } })).rejects.toThrow(
      'vim: head.bias must have a finite number for each of at least 2 classes; got an array of 2',
    );
    await expect(vim({ features, head }, { dim: 2 })).rejects.toThrow(
      'vim: the mean residual and the mean largest logit of the training rows must be positive; got 0 and 5; try a smaller dim',
    );
    await expect(residual({ features: [[1, 2, 3]], head })).rejects.toThrow(
      'residual: features must have at least 2 rows; got 1',
    );
    await expect(
      residual({
        features: [
          [1e200, 1, 1],
          [1, 1, 1],
        ],
        head,
      }),
    ).rejects.toThrow('residual: the squares of the features overflow; scale them down first');
  });
});

describe('pcaResidual', () => {
  const line = [
    [0, 0],
    [2, 2],
    [4, 4],
  ];

  test('by hand: the distance to a line, and its share of the distance to the mean', async () => {
    const probe = {
      features: [
        [3, 1],
        [2, 2],
        [5, 5],
        [4, 2],
      ],
    };
    const absolute = (await pcaResidual({ features: line }, { nComponents: 1 })).score(probe);
    const relative = (await pcaResidual({ features: line }, { nComponents: 1, relative: true })).score(probe);
    [Math.SQRT2, 0, 0, Math.SQRT2].forEach((length, i) => {
      expect(absolute[i]).toBeCloseTo(length, 14);
    });
    [1, 0, 0, Math.SQRT1_2].forEach((share, i) => {
      expect(relative[i]).toBeCloseTo(share, 14);
    });
  });

  test('relative, the size of the departure from the mean does not count', async () => {
    const random = new Random(3);
    const rows = noise(random, 60, 6).map((row) => row.map((value, j) => value * (j + 1)));
    const detector = await pcaResidual({ features: rows }, { nComponents: 3, relative: true });
    const { mean } = PcaModel.fromJSON(detector.toJSON().pca);
    const away = (factor: number) =>
      noise(new Random(4), 5, 6).map((row) => row.map((v, j) => mean[j]! + factor * v));
    const near = detector.score({ features: away(1) });
    detector.score({ features: away(100) }).forEach((share, i) => {
      expect(share).toBeCloseTo(near[i]!, 12);
      expect(share).toBeLessThanOrEqual(1 + 1e-12);
    });
  });

  test('more rows than one block', async () => {
    const random = new Random(5);
    const rows = noise(random, 1100, 4);
    const detector = await pcaResidual({ features: rows }, { nComponents: 2 });
    const scores = detector.score({ features: rows });
    for (const i of [0, 511, 512, 1099]) expect(detector.score({ features: [rows[i]!] })[0]).toBe(scores[i]);
  });

  test('mistakes are named', async () => {
    await expect(pcaResidual({ features: line }, { nComponents: 3 })).rejects.toThrow(
      'pca: nComponents must be',
    );
    await expect(pcaResidual({ features: line }, { relative: 1 } as never)).rejects.toThrow(
      'pcaResidual: relative must be true or false; got 1',
    );
  });
});
