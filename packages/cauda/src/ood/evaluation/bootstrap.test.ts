import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { bootstrap } from './bootstrap.ts';
import { aupr, auroc, detectionError, fprAtTpr, rocCurve } from './metrics.ts';
import type { Scores } from './scores.ts';

const normals = (random: Random, n: number, shift: number) =>
  Float64Array.from({ length: n }, () => random.normal() + shift);

test('the interval covers the true AUROC about as often as it says', () => {
  // N(0, 1) against N(1, 1): the true AUROC is Φ(1 / √2) = 0.76025.
  const random = new Random(4);
  let covered = 0;
  for (let trial = 0; trial < 200; trial++) {
    const id = normals(random, 80, 0);
    const ood = normals(random, 80, 1);
    const { low, high } = bootstrap(auroc, id, ood, { confidence: 0.9, resamples: 200, seed: trial });
    if (low <= 0.76025 && 0.76025 <= high) covered++;
  }
  expect(covered).toBeGreaterThan(200 * 0.82); // 90 % ± 4 standard errors
  expect(covered).toBeLessThan(200 * 0.98);
});

test('the width agrees with the Hanley–McNeil standard error', () => {
  const random = new Random(6);
  const n = 2000;
  const { value, low, high } = bootstrap(auroc, normals(random, n, 0), normals(random, n, 1));
  const q1 = value / (2 - value);
  const q2 = (2 * value * value) / (1 + value);
  const variance = (value * (1 - value) + (n - 1) * (q1 - value ** 2) + (n - 1) * (q2 - value ** 2)) / n ** 2;
  expect((high - low) / (2 * 1.96 * Math.sqrt(variance))).toBeCloseTo(1, 0.8);
});

test('a resample gives each metric what the drawn scores themselves would', () => {
  const id = [1, 2, 2, 5, 7];
  const ood = [2, 6, 6, 9];
  const metrics = [
    auroc,
    detectionError,
    (a: Scores, b: Scores) => aupr(a, b, { positive: 'id' }),
    (a: Scores, b: Scores) => fprAtTpr(a, b, { positive: 'ood', tpr: 0.6 }),
    (a: Scores, b: Scores) => rocCurve(a, b).thresholds.length,
  ];
  let checked = 0;
  bootstrap(
    (a, b) => {
      if (!('counts' in a && 'counts' in b)) return 0;
      const written = (sample: typeof a) =>
        Array.from(sample.values).flatMap((value, g) => Array<number>(sample.counts[g]!).fill(value));
      expect(written(a)).toHaveLength(id.length);
      expect(written(b)).toHaveLength(ood.length);
      for (const metric of metrics) expect(metric(a, b)).toBe(metric(written(a), written(b)));
      return ++checked;
    },
    id,
    ood,
    { resamples: 50 },
  );
  expect(checked).toBe(50);
});

test('every score is drawn equally often, in small samples and in large ones', () => {
  for (const n of [3, 1000, 70_000]) {
    const totals = new Float64Array(n);
    const resamples = n > 65536 ? 20 : 300;
    bootstrap(
      (a) => {
        if ('counts' in a) a.counts.forEach((count, g) => void (totals[g]! += count));
        return 0;
      },
      Float64Array.from(totals.keys()),
      [0],
      { resamples, seed: 2 },
    );
    // Each total is about Poisson with mean `resamples`: the sum of ((t − m)² / m) is χ² with n − 1 degrees.
    const chi2 = totals.reduce((sum, count) => sum + (count - resamples) ** 2 / resamples, 0);
    expect(Math.abs(chi2 - (n - 1)) / Math.sqrt(2 * (n - 1)), `n = ${n}`).toBeLessThan(4);
  }
});

test('the same seed gives the same interval, another seed another', () => {
  const random = new Random(3);
  const id = normals(random, 50, 0);
  const ood = normals(random, 40, 1);
  expect(bootstrap(auroc, id, ood, { seed: 1 })).toEqual(bootstrap(auroc, id, ood, { seed: 1 }));
  expect(bootstrap(auroc, id, ood, { seed: 1 })).not.toEqual(bootstrap(auroc, id, ood, { seed: 2 }));
  const wide = bootstrap(auroc, id, ood, { confidence: 0.99 });
  const narrow = bootstrap(auroc, id, ood, { confidence: 0.5 });
  expect(wide.low).toBeLessThan(narrow.low);
  expect(wide.high).toBeGreaterThan(narrow.high);
});

test('samples that cannot vary have an interval of no width', () => {
  expect(bootstrap(auroc, [1], [2])).toEqual({ value: 1, low: 1, high: 1 });
  expect(bootstrap(auroc, [0, 0, 0], [0, 0])).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
});

test('mistakes are named', () => {
  expect(() => auroc([1, 2, Number.NaN], [1])).toThrow('auroc: id[2] is NaN; expected a number');
  expect(() => rocCurve([1], Float32Array.of(0, Number.NaN))).toThrow('rocCurve: ood[1] is NaN');
  expect(() => auroc([], [1])).toThrow('auroc: id is empty; expected at least one score');
  expect(() => auroc([1], ['2'] as never)).toThrow('auroc: ood[0] must be a number; got "2"');
  expect(() => auroc([1], 3 as never)).toThrow('auroc: ood must be an array of scores; got 3');
  expect(() => aupr([1], [2], {} as never)).toThrow('aupr: positive is required: "id" or "ood"');
  expect(() => fprAtTpr([1], [2], { positive: 'out' as never })).toThrow(
    'fprAtTpr: positive must be "id" or "ood"; got "out"',
  );
  expect(() => fprAtTpr([1], [2], { positive: 'id', tpr: 0 })).toThrow(
    'fprAtTpr: tpr must be a finite number in (0, 1]; got 0',
  );
  expect(() => bootstrap(auroc, [1], [Number.NaN])).toThrow('bootstrap: ood[0] is NaN; expected a number');
  expect(() => bootstrap(auroc, [1], [2], { confidence: 1 })).toThrow(
    'bootstrap: confidence must be a number in (0, 1); got 1',
  );
  expect(() => bootstrap(auroc, [1], [2], { resamples: 0 })).toThrow(
    'bootstrap: resamples must be an integer in [1, ∞); got 0',
  );
  expect(() => bootstrap((a) => auroc(a, [1]), [1], [2])).toThrow(
    'auroc: id is counted, but not together with the other sample; give arrays of scores',
  );
});
