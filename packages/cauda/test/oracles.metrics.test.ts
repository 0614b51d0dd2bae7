import { describe, expect, test } from 'vitest';
import {
  adjustedMutualInfoScore,
  adjustedRandScore,
  calinskiHarabaszScore,
  completenessScore,
  confusionMatrix,
  contingencyMatrix,
  daviesBouldinScore,
  fowlkesMallowsScore,
  homogeneityScore,
  Matrix,
  mutualInfoScore,
  normalizedMutualInfoScore,
  pairConfusionMatrix,
  purityScore,
  randScore,
  silhouetteSamples,
  silhouetteScore,
  vMeasureScore,
} from '../src/index.ts';
import { dataset, type Flat, oracle, worstError } from './oracles.ts';

interface ExternalCase {
  name: string;
  dataset?: string;
  labels_true: number[];
  labels_pred: number[];
  external: { pair_confusion: Flat; contingency: Flat } & Record<string, number>;
}

const external = (oracle('metrics') as ExternalCase[]).filter((known) => known.external);

describe.each(external)(
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

interface InternalCase {
  name: string;
  dataset?: string;
  X?: Flat;
  labels_pred: number[];
  internal: {
    silhouette: number;
    silhouette_manhattan?: number;
    silhouette_samples?: number[];
    silhouette_samples_head20?: number[];
    davies_bouldin: number;
    calinski_harabasz: number;
  };
}
const internal = (oracle('metrics') as InternalCase[]).filter((known) => known.internal);

describe.each(internal)(
  'validity equals scikit-learn on $name',
  ({ dataset: name, X, labels_pred, internal }) => {
    test.each([
      ['float64', 1e-10],
      ['float32', 1e-5],
    ] as const)('%s', async (dtype, tolerance) => {
      const make = dtype === 'float64' ? Float64Array : Float32Array;
      const matrix = name
        ? dataset(name, dtype).X
        : new Matrix(make.from(X!.data as number[]), X!.shape[0]!, X!.shape[1]!);
      const near = (ours: number, theirs: number): void =>
        expect(Math.abs(ours - theirs)).toBeLessThan(tolerance * Math.max(1, Math.abs(theirs)));
      near(await silhouetteScore(matrix, labels_pred), internal.silhouette);
      if (internal.silhouette_manhattan !== undefined)
        near(
          await silhouetteScore(matrix, labels_pred, { metric: 'manhattan' }),
          internal.silhouette_manhattan,
        );
      near(daviesBouldinScore(matrix, labels_pred), internal.davies_bouldin);
      near(calinskiHarabaszScore(matrix, labels_pred), internal.calinski_harabasz);
      const samples = await silhouetteSamples(matrix, labels_pred);
      const expected = internal.silhouette_samples ?? internal.silhouette_samples_head20!;
      expect(samples.length).toBe(matrix.rows);
      expected.forEach((value, i) => {
        near(samples[i]!, value);
      });
    });
  },
);
