import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from '../../random.ts';
import { bootstrap } from './bootstrap.ts';
import { aupr, auroc, detectionError, fprAtTpr, rocCurve } from './metrics.ts';
import type { Scores } from './scores.ts';

const score = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true }),
  fc.constantFrom(-Infinity, Infinity, -0, 0),
);
const scores = fc.array(score, { minLength: 1, maxLength: 30 });

test('by hand: id 1, 2, 2, 3 and ood 2, 4', () => {
  const id = [1, 2, 2, 3];
  const ood = [2, 4];
  // 2 beats 1 and ties twice: 2 of 4; 4 beats all 4. (2 + 4) / 8.
  expect(auroc(id, ood)).toBe(0.75);
  const { fpr, tpr, thresholds } = rocCurve(id, ood);
  expect([...thresholds]).toEqual([Infinity, 4, 3, 2, 1]);
  expect([...tpr]).toEqual([0, 0.5, 0.5, 1, 1]);
  expect([...fpr]).toEqual([0, 0, 0.25, 0.75, 1]);
  // Flagging ≥ 2 finds both of ood and flags 3 of id; accepting ≤ 3 keeps all of id and accepts one of ood.
  expect(fprAtTpr(id, ood, { positive: 'ood' })).toBe(0.75);
  expect(fprAtTpr(id, ood, { positive: 'id' })).toBe(0.5);
  // Best threshold 4: half of ood missed, nothing of id flagged.
  expect(detectionError(id, ood)).toBe(0.25);
  // Precision 1 up to recall ½, then ½ at 3, 2/5 at 2 (recall 1): ½ · 1 + ½ · (½ + 2/5) / 2.
  expect(aupr(id, ood, { positive: 'ood' })).toBeCloseTo(0.5 + 0.5 * 0.45, 15);
});

test('auroc is the share of pairs in order, ties counting one half, infinities included', () => {
  fc.assert(
    fc.property(scores, scores, (id, ood) => {
      let wins = 0;
      for (const out of ood) for (const inside of id) wins += out > inside ? 1 : out === inside ? 0.5 : 0;
      expect(auroc(id, ood)).toBe(wins / (id.length * ood.length));
    }),
  );
});

test('auroc is the area under the ROC curve', () => {
  fc.assert(
    fc.property(scores, scores, (id, ood) => {
      const { fpr, tpr } = rocCurve(id, ood);
      let area = 0;
      for (let p = 1; p < fpr.length; p++) area += (fpr[p]! - fpr[p - 1]!) * 0.5 * (tpr[p]! + tpr[p - 1]!);
      expect(area).toBeCloseTo(auroc(id, ood), 12);
      expect([fpr.at(-1), tpr.at(-1)]).toEqual([1, 1]);
    }),
  );
});

test('exchanging the samples turns auroc into 1 − auroc and swaps the conventions under negation', () => {
  fc.assert(
    fc.property(scores, scores, (id, ood) => {
      expect(auroc(id, ood)).toBeCloseTo(1 - auroc(ood, id), 15);
      const minus = (values: number[]) => values.map((value) => -value);
      const [swappedId, swappedOod] = [minus(ood), minus(id)];
      for (const [positive, other] of [
        ['id', 'ood'],
        ['ood', 'id'],
      ] as const) {
        expect(fprAtTpr(id, ood, { positive, tpr: 0.7 })).toBe(
          fprAtTpr(swappedId, swappedOod, { positive: other, tpr: 0.7 }),
        );
        expect(aupr(id, ood, { positive })).toBe(aupr(swappedId, swappedOod, { positive: other }));
      }
      expect(detectionError(id, ood)).toBeCloseTo(detectionError(swappedId, swappedOod), 15);
    }),
  );
});

test('only the order of the scores counts, whatever array holds them', () => {
  const id = Float32Array.of(0.5, 1, 2);
  const ood = Float32Array.of(1, 3, 2.5);
  for (const metric of [auroc, detectionError, (a: Scores, b: Scores) => aupr(a, b, { positive: 'id' })])
    expect(
      metric(
        Array.from(id, (x) => x ** 3),
        Array.from(ood, (x) => x ** 3),
      ),
    ).toBe(metric(id, ood));
});

test('bootstrap gives the same interval everywhere, around the value', () => {
  const random = new Random(9);
  const id = Float64Array.from({ length: 200 }, () => random.normal());
  const ood = Float64Array.from({ length: 100 }, () => random.normal() + 1);
  const { value, low, high } = bootstrap(auroc, id, ood);
  expect(value).toBe(auroc(id, ood));
  expect([low, high]).toEqual([0.7087775000000001, 0.8239]);
});
