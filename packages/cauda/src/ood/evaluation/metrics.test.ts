import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { worstError } from '../../../test/oracles.ts';
import { aupr, auroc, detectionError, fprAtTpr, rocCurve } from './metrics.ts';

interface Case {
  name: string;
  id: number[];
  ood: number[];
  auroc: number;
  aupr_id: number;
  aupr_ood: number;
  detection_error: number;
  roc: { fpr: number[]; tpr: number[]; thresholds: number[] };
  [fprAt: `fpr_at_${string}`]: number;
}

const cases: Case[] = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/ood/metrics.json', import.meta.url), 'utf8'),
);

describe.each(cases)('detection metrics equal scikit-learn on "$name"', ({ id, ood, ...expected }) => {
  test('auroc, aupr and the detection error', () => {
    expect(auroc(id, ood)).toBeCloseTo(expected.auroc, 14);
    expect(aupr(id, ood, { positive: 'id' })).toBeCloseTo(expected.aupr_id, 13);
    expect(aupr(id, ood, { positive: 'ood' })).toBeCloseTo(expected.aupr_ood, 13);
    expect(detectionError(id, ood)).toBeCloseTo(expected.detection_error, 14);
  });

  test('fprAtTpr in both conventions', () => {
    for (const tpr of [0.5, 0.8, 0.95, 1])
      for (const positive of ['id', 'ood'] as const) {
        const reference = expected[`fpr_at_${tpr === 1 ? '1.0' : tpr}_${positive}`]!;
        expect(fprAtTpr(id, ood, { tpr, positive }), `${positive} at ${tpr}`).toBe(reference);
      }
    expect(fprAtTpr(id, ood, { positive: 'id' })).toBe(expected['fpr_at_0.95_id']!);
  });

  test('every point of the ROC curve', () => {
    const { fpr, tpr, thresholds } = rocCurve(id, ood);
    expect([fpr[0], tpr[0], thresholds[0]]).toEqual([0, 0, Infinity]);
    expect(worstError(fpr.subarray(1), expected.roc.fpr)).toBe(0);
    expect(worstError(tpr.subarray(1), expected.roc.tpr)).toBe(0);
    expect(worstError(thresholds.subarray(1), expected.roc.thresholds)).toBe(0);
  });
});
