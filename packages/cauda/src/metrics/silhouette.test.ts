import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Matrix } from '../matrix.ts';
import { Random } from '../random.ts';
import { silhouetteSamples, silhouetteScore } from './silhouette.ts';

describe('by hand', () => {
  // rows 0, 1 | 4, 6 on a line. Row 0: a = 1, b = 5, so 0.8; row 1: a = 1, b = 4, 0.75;
  // row 4: a = 2, b = 3.5, 3/7; row 6: a = 2, b = 5.5, 7/11
  const X = [[0], [1], [4], [6]];
  const labels = [5, 5, -2, -2];

  test('silhouettes of four points', async () => {
    const expected = [0.8, 0.75, 1.5 / 3.5, 3.5 / 5.5];
    (await silhouetteSamples(X, labels)).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 14);
    });
  });

  test('a row alone in its cluster has silhouette 0, and so do rows that are all equal', async () => {
    expect((await silhouetteSamples([[0], [1], [9]], [0, 0, 1]))[2]).toBe(0);
    expect(Array.from(await silhouetteSamples([[3], [3], [3]], [0, 0, 1]))).toEqual([0, 0, 0]);
  });

  test('clusters without any dispersion', async () => {
    const twins = [[0], [0], [1], [1]];
    expect(await silhouetteScore(twins, [0, 0, 1, 1])).toBe(1);
  });
});

/** The definition, row by row. */
function plainSilhouettes(X: Matrix, labels: number[]): number[] {
  const distance = (i: number, j: number): number =>
    Math.sqrt(Array.from(X.row(i), (value, c) => (value - X.row(j)[c]!) ** 2).reduce((a, b) => a + b, 0));
  return labels.map((own, i) => {
    const meanTo = (label: number): number => {
      const others = labels.flatMap((other, j) => (other === label && j !== i ? [distance(i, j)] : []));
      return others.reduce((a, b) => a + b, 0) / others.length;
    };
    if (labels.filter((label) => label === own).length === 1) return 0;
    const b = Math.min(...[...new Set(labels)].filter((label) => label !== own).map(meanTo));
    return (b - meanTo(own)) / Math.max(b, meanTo(own));
  });
}

test('with the cosine metric lengths do not matter, by hand', async () => {
  // directions 0°, 60° | 180°, 240°: 1 − cos is 0.5 within a cluster; from row 0: 2 and 1.5, from row 1: 1.5 and 2
  const at = (degrees: number, length: number) => {
    const radians = (degrees * Math.PI) / 180;
    return [length * Math.cos(radians), length * Math.sin(radians)];
  };
  const X = [at(0, 1), at(60, 7), at(180, 0.1), at(240, 30)];
  const samples = await silhouetteSamples(X, [0, 0, 1, 1], { metric: 'cosine' });
  for (const value of samples) expect(value).toBeCloseTo(1.25 / 1.75, 12);
  await expect(silhouetteScore([[0, 0], ...X], [0, 0, 0, 1, 1], { metric: 'cosine' })).rejects.toThrow(
    'silhouetteScore: X: row 0 is all zeros and has no direction; leave it out, or use metric "euclidean"',
  );
});

test('blocks change nothing: silhouettes equal the definition at any number of rows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 4, max: 200 }),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(1e6),
      async (n, d, seed) => {
        const random = new Random(seed);
        const X = new Matrix(
          Float64Array.from({ length: n * d }, () => random.normal()),
          n,
          d,
        );
        const labels = Array.from({ length: n }, (_, i) => (i < 2 ? i : random.integer(3)));
        const expected = plainSilhouettes(X, labels);
        (await silhouetteSamples(X, labels)).forEach((value, i) => {
          expect(value).toBeCloseTo(expected[i]!, 10);
          expect(Math.abs(value)).toBeLessThanOrEqual(1);
        });
      },
    ),
    { numRuns: 30 },
  );
});

test('a sample of all rows is the whole, a smaller one comes near and depends on the seed alone', async () => {
  const random = new Random(4);
  const labels = Array.from({ length: 1200 }, (_, i) => i % 3);
  const X = labels.map((label) => [random.normal() + 6 * label, random.normal()]);
  const whole = await silhouetteScore(X, labels);
  expect(await silhouetteScore(X, labels, { sampleSize: 1200, seed: 8 })).toBeCloseTo(whole, 12);
  const sampled = await silhouetteScore(X, labels, { sampleSize: 300, seed: 8 });
  expect(sampled).not.toBe(whole);
  expect(Math.abs(sampled - whole)).toBeLessThan(0.05);
  expect(await silhouetteScore(X, labels, { sampleSize: 300, seed: 8 })).toBe(sampled);
  expect(await silhouetteScore(X, labels, { sampleSize: 300, seed: 9 })).not.toBe(sampled);
});

describe('threads, progress and abort', () => {
  const random = new Random(6);
  const labels = Array.from({ length: 1500 }, (_, i) => i % 3);
  const X = new Matrix(
    Float32Array.from({ length: 1500 * 5 }, (_, i) => random.normal() + (Math.floor(i / 5) % 3)),
    1500,
    5,
  );

  test.each(['euclidean', 'manhattan', 'cosine'] as const)(
    'the same bits for any number of workers: %s',
    async (metric) => {
      const alone = await silhouetteSamples(X, labels, { metric, workers: 0 });
      for (const workers of [1, 2, 3])
        expect(await silhouetteSamples(X, labels, { metric, workers })).toEqual(alone);
    },
  );

  test('progress counts the rows compared, and a signal stops it at once', async () => {
    const seen: number[] = [];
    await silhouetteScore(X, labels, { onProgress: ({ iteration }) => seen.push(iteration) });
    expect(seen).toEqual([512, 1024, 1500]);
    for (const workers of [0, 2]) {
      const controller = new AbortController();
      const steps: number[] = [];
      const score = silhouetteScore(X, labels, {
        workers,
        signal: controller.signal,
        onProgress: ({ iteration }) => {
          steps.push(iteration);
          controller.abort(new Error('enough'));
        },
      });
      await expect(score).rejects.toThrow('enough');
      expect(steps).toEqual([512]);
    }
  });
});

test('labels that make no clusters are refused, in a sentence', async () => {
  const X = [[0], [1], [2]];
  const none = 'labels must name 2 to nSamples − 1 = 2 clusters; got';
  await expect(silhouetteScore(X, [0, 0, 0])).rejects.toThrow(new RangeError(`silhouetteScore: ${none} 1`));
  await expect(silhouetteSamples(X, [0, 1, 2])).rejects.toThrow(
    new RangeError(`silhouetteSamples: ${none} 3`),
  );
  await expect(silhouetteScore(X, [0, 1])).rejects.toThrow(
    'silhouetteScore: labels has 2 entries but X has 3 rows',
  );
  await expect(silhouetteScore(X, [0, 1, 0.5])).rejects.toThrow(
    'silhouetteScore: labels[2] must be an integer; got 0.5',
  );
  await expect(silhouetteScore(X, [0, 1, 0], { sampleSize: 4 })).rejects.toThrow(
    'silhouetteScore: sampleSize must be an integer in [3, 3], the rows of X; got 4',
  );
  await expect(silhouetteScore(X, [0, 1, 0], { metric: 'chebyshev' as never })).rejects.toThrow(
    'silhouetteScore: metric must be "euclidean", "manhattan" or "cosine"; got "chebyshev"',
  );
  await expect(silhouetteScore([[NaN], [1], [2]], [0, 1, 0])).rejects.toThrow(
    'silhouetteScore: X: row 0, column 0 is NaN',
  );
  const lonely = Array.from({ length: 100 }, (_, i) => [i]);
  const labels = lonely.map((_, i) => (i === 99 ? 1 : 0));
  await expect(silhouetteScore(lonely, labels, { sampleSize: 3, seed: 1 })).rejects.toThrow(
    'silhouetteScore of the sample: labels must name 2 to nSamples − 1 = 2 clusters; got 1',
  );
});
