import { describe, expect, test } from 'vitest';
import { dataset, type Flat, oracle, worstError } from '../../test/oracles.ts';
import { confusionMatrix, contingencyMatrix, purityScore } from './contingency.ts';
import {
  adjustedMutualInfoScore,
  completenessScore,
  homogeneityScore,
  mutualInfoScore,
  normalizedMutualInfoScore,
  vMeasureScore,
} from './information.ts';
import { adjustedRandScore, fowlkesMallowsScore, pairConfusionMatrix, randScore } from './pairs.ts';

interface Case {
  name: string;
  dataset?: string;
  labels_true: number[];
  labels_pred: number[];
  external: { pair_confusion: Flat; contingency: Flat } & Record<string, number>;
}

const cases = (oracle('metrics') as Case[]).filter(({ external }) => external);

describe.each(cases)(
  'the metrics equal scikit-learn on $name',
  ({ dataset: name, labels_true, labels_pred, external }) => {
    const truth = name ? dataset(name).y : labels_true;
    const pred = labels_pred;

    test('as numbers', () => {
      const ours = {
        adjusted_rand: adjustedRandScore(truth, pred),
        rand: randScore(truth, pred),
        mutual_info: mutualInfoScore(truth, pred),
        nmi_arithmetic: normalizedMutualInfoScore(truth, pred),
        nmi_geometric: normalizedMutualInfoScore(truth, pred, { average: 'geometric' }),
        nmi_min: normalizedMutualInfoScore(truth, pred, { average: 'min' }),
        nmi_max: normalizedMutualInfoScore(truth, pred, { average: 'max' }),
        ami_arithmetic: adjustedMutualInfoScore(truth, pred),
        homogeneity: homogeneityScore(truth, pred),
        completeness: completenessScore(truth, pred),
        v_measure: vMeasureScore(truth, pred),
        v_measure_beta2: vMeasureScore(truth, pred, { beta: 2 }),
        fowlkes_mallows: fowlkesMallowsScore(truth, pred),
        purity: purityScore(truth, pred),
      };
      const { pair_confusion: _pairs, contingency: _table, ...expected } = external;
      expect(Object.keys(expected).sort()).toEqual(Object.keys(ours).sort());
      for (const [metric, value] of Object.entries(ours))
        expect(Math.abs(value - expected[metric]!), metric).toBeLessThan(1e-12);
    });

    test('as tables', () => {
      const pairs = pairConfusionMatrix(truth, pred);
      expect(pairs.shape).toEqual(external.pair_confusion.shape);
      expect(worstError(pairs.data, external.pair_confusion.data)).toBe(0);
      const table = contingencyMatrix(truth, pred);
      expect(table.shape).toEqual(external.contingency.shape);
      expect(worstError(table.data, external.contingency.data)).toBe(0);
      expect(
        confusionMatrix(truth, pred)
          .toArray()
          .flat()
          .reduce((a, b) => a + b),
      ).toBe(truth.length);
    });
  },
);
