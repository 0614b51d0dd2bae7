import { describe, expect, test } from 'vitest';
import { GaussianMixtureModel, gaussianMixture } from '../../mixture/index.ts';
import { Random } from '../../random.ts';
import { classGaussians, mahalanobis, mixtureDetector, relativeMahalanobis } from './gaussians.ts';

/** Within each class the variance is ½ along x and 2 along y; the means are (0, 0) and (10, 0). */
const cross = [
  [1, 0],
  [-1, 0],
  [0, 2],
  [0, -2],
];
const features = [...cross, ...cross.map(([x, y]) => [x! + 10, y!])];
const labels = [7, 7, 7, 7, -3, -3, -3, -3];

const clouds = (seed: number, n: number, d: number): { features: number[][]; labels: number[] } => {
  const random = new Random(seed);
  const classes = Array.from({ length: n }, (_, i) => i % 3);
  return {
    features: classes.map((c) =>
      Array.from({ length: d }, (_, j) => (j % 3 === c ? 4 : 0) + random.normal()),
    ),
    labels: classes,
  };
};

describe('mahalanobis and relativeMahalanobis', () => {
  test('by hand: the point (3, 2) between two classes', async () => {
    const rows = { features: [[3, 2]] };
    // 3² / ½ + 2² / 2 to the first mean, 7² / ½ + 2² / 2 to the second
    expect((await mahalanobis({ features, labels }, { regCovar: 0 })).score(rows)[0]).toBeCloseTo(20, 12);
    // all rows together: mean (5, 0), variances ½ + 25 and 2
    const background = (3 - 5) ** 2 / 25.5 + 2 ** 2 / 2;
    expect((await relativeMahalanobis({ features, labels }, { regCovar: 0 })).score(rows)[0]).toBeCloseTo(
      20 - background,
      12,
    );
  });

  test('regCovar { relative } makes scores the same in every unit', async () => {
    const data = clouds(3, 200, 4);
    const times = (c: number) => ({
      ...data,
      features: Array.from(data.features, (row) => Array.from(row, (value) => value * c)),
    });
    for (const fit of [mahalanobis, relativeMahalanobis, classGaussians]) {
      const scoresOf = async (c: number) =>
        (await fit(times(c), { regCovar: { relative: 0.1 } })).score(times(c));
      const right = await scoresOf(1);
      for (const c of [1e-9, 1e9]) {
        const scores = await scoresOf(c);
        const shift = scores[0]! - right[0]!; // d log c for a density, 0 for a distance
        if (fit !== classGaussians) expect(shift).toBeCloseTo(0, 8);
        scores.forEach((score, i) => {
          expect(score - shift).toBeCloseTo(right[i]!, 8);
        });
      }
    }
    // by hand: within-class variances ½ and 2 of columns whose variances are 25.5 and 2: 0.1 × 13.75 is added
    const [score] = (await mahalanobis({ features, labels }, { regCovar: { relative: 0.1 } })).score({
      features: [[3, 2]],
    });
    expect(score).toBeCloseTo(3 ** 2 / (0.5 + 1.375) + 2 ** 2 / (2 + 1.375), 12);
  });

  test('the background counts in full: its covariance is divided by n too', async () => {
    const data = clouds(1, 300, 4);
    const far = { features: [[50, 50, 50, 50]] };
    const plain = (await mahalanobis(data)).score(far)[0]!;
    expect((await relativeMahalanobis(data)).score(far)[0]).toBeLessThan(0.9 * plain);
  });

  test('no invertible linear map of the features changes anything', async () => {
    const data = clouds(2, 200, 3);
    const map = (rows: number[][]) =>
      rows.map(([a, b, c]) => [2 * a! + b! + 5, b! - 3 * c!, a! + 1e3 * c! - 7]);
    const moved = { features: map(data.features), labels: data.labels };
    const probe = clouds(3, 20, 3).features;
    for (const fit of [mahalanobis, relativeMahalanobis]) {
      const before = (await fit(data, { regCovar: 0 })).score({ features: probe });
      const after = (await fit(moved, { regCovar: 0 })).score({ features: map(probe) });
      before.forEach((score, i) => {
        expect(after[i]).toBeCloseTo(score, 6);
      });
    }
  });

  test('a constant column is no trouble with regCovar, and a named one without', async () => {
    const flat = features.map(([x, y]) => [x!, y!, 3]);
    const detector = await mahalanobis({ features: flat, labels });
    expect(detector.score({ features: [[3, 2, 3]] })[0]).toBeCloseTo(20, 3);
    expect(detector.score({ features: [[3, 2, 3.1]] })[0]).toBeCloseTo(20 + 0.01 / 1e-6, 2);
    await expect(mahalanobis({ features: flat, labels }, { regCovar: 0 })).rejects.toThrow(
      'mahalanobis: the covariance of the features is not positive definite; try a larger regCovar, or scaled features',
    );
  });

  test('one row, and rows all alike', async () => {
    for (const fit of [mahalanobis, relativeMahalanobis]) {
      const alone = await fit({ features: [[1, 2]], labels: [0] });
      expect(alone.score({ features: [[1, 2]] })[0]).toBe(0);
      const alike = await fit({
        features: [
          [1, 2],
          [1, 2],
          [1, 2],
        ],
        labels: [0, 1, 1],
      });
      expect(alike.score({ features: [[1, 2]] })[0]).toBe(0);
    }
  });
});

describe('classGaussians', () => {
  test('by hand: −log of the weighted densities, each class with its own covariance', async () => {
    // class 0: mean 0, variance 1; class 1: mean 10, variance 4; weights 1/3 and 2/3
    const detector = await classGaussians(
      { features: [[-1], [1], [8], [12], [8], [12]], labels: [0, 0, 1, 1, 1, 1] },
      { regCovar: 0 },
    );
    const normal = (x: number, mean: number, variance: number) =>
      Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
    const scores = detector.score({ features: [[0], [5], [10]] });
    [0, 5, 10].forEach((x, i) => {
      expect(scores[i]).toBeCloseTo(-Math.log(normal(x, 0, 1) / 3 + (2 * normal(x, 10, 4)) / 3), 12);
    });
  });

  test('several a class see the shape of the class', async () => {
    // one class is two clouds at ±10: in between there is nothing, but the single Gaussian has its mean there
    const random = new Random(5);
    const rows = Array.from({ length: 200 }, (_, i) => [
      (i % 2 ? 10 : -10) + random.normal(),
      random.normal(),
    ]);
    const training = { features: rows, labels: rows.map(() => 0) };
    const probe = {
      features: [
        [0, 0],
        [10, 0],
      ],
    };
    const [middle, inside] = (await classGaussians(training)).score(probe);
    expect(middle).toBeLessThan(inside!);
    const [between, within] = (await classGaussians(training, { perClass: 2 })).score(probe);
    expect(between).toBeGreaterThan(within! + 20);
  });

  test('clusters that equal rows leave empty are dropped', async () => {
    const alike = {
      features: [
        [1, 2],
        [1, 2],
        [1, 2],
        [5, 5],
        [6, 6],
      ],
      labels: [0, 0, 0, 1, 1],
    };
    const detector = await classGaussians(alike, { perClass: 2 });
    expect(detector.score({ features: [[1, 2]] })[0]).toBeLessThan(0);
  });

  test('any number of workers gives the same bits', async () => {
    const data = clouds(6, 600, 5);
    const probe = { features: clouds(7, 50, 5).features };
    const [alone, two] = await Promise.all(
      [0, 2].map(async (workers) => (await classGaussians(data, { perClass: 3, workers })).score(probe)),
    );
    expect(two).toEqual(alone);
  });

  test('mistakes are named', async () => {
    await expect(classGaussians({ features } as never)).rejects.toThrow(
      'classGaussians: labels are missing: the class of each row',
    );
    await expect(
      classGaussians(
        {
          features: [
            [1, 1],
            [2, 1],
          ],
          labels: [0, 0],
        },
        { regCovar: 0 },
      ),
    ).rejects.toThrow('component 0 (weight 1) collapsed (covariance not positive definite)');
    const signal = AbortSignal.abort();
    await expect(classGaussians({ features, labels }, { signal })).rejects.toThrow(signal.reason);
  });
});

describe('mixtureDetector', () => {
  test('is −log p(x) of the mixture that gaussianMixture fits', async () => {
    const { features } = clouds(8, 300, 4);
    const options = { nComponents: 3, seed: 4 };
    const mixture = await gaussianMixture(features, options);
    const detector = await mixtureDetector({ features }, options);
    expect(detector.score({ features })).toEqual(mixture.scoreSamples(features).map((logp) => -logp));
  });

  test('takes the number of components of lowest BIC', async () => {
    const { features } = clouds(9, 600, 3);
    const detector = await mixtureDetector({ features }, { nComponents: [1, 3, 6] });
    expect(GaussianMixtureModel.fromJSON(detector.toJSON().mixture).weights).toHaveLength(3);
  });

  test('stays finite and ordered however far a row is: nothing underflows to one constant', async () => {
    const { features } = clouds(10, 200, 3);
    const scores = (await mixtureDetector({ features }, { nComponents: 2 })).score({
      features: [1e2, 1e4, 1e6, 1e8].map((x) => [x, x, x]),
    });
    scores.forEach((score, i) => {
      expect(score).toBeGreaterThan(i ? scores[i - 1]! : 1000);
      expect(score).toBeLessThan(Infinity);
    });
  });

  test('mistakes are named', async () => {
    await expect(mixtureDetector({ features }, {} as never)).rejects.toThrow(
      'mixtureDetector: nComponents must be an integer or an array of them; got undefined',
    );
    await expect(mixtureDetector({ features }, { nComponents: [] })).rejects.toThrow(
      'mixtureDetector: nComponents must be an integer or an array of them; got an array of 0',
    );
  });
});
