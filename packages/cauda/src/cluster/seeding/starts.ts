import { CsrMatrix } from '../../csr.ts';
import { Matrix } from '../../matrix.ts';
import type { Session } from '../../parallel/session.ts';
import type { Random } from '../../random.ts';
import { blocksOf, type Data, takeRows } from '../../rows.ts';
import { unitRows } from '../../unitRows.ts';
import type { Layout } from '../lloyd/layout.ts';
import type { CheckedKMeansOptions } from '../options.ts';
import { localTrials, seed } from './kmeansPlusPlus.ts';
import type { SeedingSteps } from './steps.ts';
import { weightedChoice } from './weightedChoice.ts';

/**
 * The centers that a run starts from. A missing entry of a chosen row becomes its column's mean.
 * @returns K × d
 */
export async function startingCenters(
  session: Session<SeedingSteps>,
  X: Data,
  means: Float64Array,
  layout: Layout,
  { who, init, nClusters, metric, sampleWeight }: CheckedKMeansOptions,
  random: Random,
): Promise<Float64Array> {
  if (typeof init === 'object') {
    const start =
      init instanceof Matrix ? init : await meansOf(init.labels, nClusters, X, means, sampleWeight);
    return Float64Array.from(metric === 'cosine' ? unitRows(start, `${who}: init`).data : start.data);
  }
  const rowsAt = async (indices: ArrayLike<number>): Promise<Matrix> => {
    const { data, rows, cols } = await takeRows(X, indices);
    const filled = data.map((value, at) => (Number.isNaN(value) ? means[at % cols]! : value));
    return new Matrix(filled, rows, cols);
  };
  const trials = localTrials(nClusters);
  const seeding = { nClusters, trials, layout, random, n: X.rows, sampleWeight, rowsAt };
  const { data } =
    init === 'random'
      ? await rowsAt(weightedChoice(random, X.rows, sampleWeight, nClusters, who))
      : (await seed(session, seeding)).centers;
  return Float64Array.from(data);
}

/**
 * The weighted mean of the rows of each label. A coordinate that none of these rows has observed becomes its column's
 * mean.
 */
async function meansOf(
  labels: Int32Array,
  k: number,
  X: Data,
  columnMeans: Float64Array,
  sampleWeight: Float64Array | undefined,
): Promise<Matrix> {
  const { cols } = X;
  const sums = new Float64Array(k * cols);
  const weights = new Float64Array(k * cols);
  for await (const { block, first } of blocksOf(X)) {
    const { data, rows } = block;
    for (let i = 0; i < rows; i++) {
      const weight = sampleWeight ? sampleWeight[first + i]! : 1;
      const at = labels[first + i]! * cols;
      if (block instanceof CsrMatrix) {
        for (let p = block.indptr[i]!; p < block.indptr[i + 1]!; p++)
          sums[at + block.indices[p]!]! += weight * data[p]!;
        weights[at]! += weight;
      } else
        for (let j = 0; j < cols; j++) {
          const value = data[i * cols + j]!;
          if (Number.isNaN(value)) continue;
          sums[at + j]! += weight * value;
          weights[at + j]! += weight;
        }
    }
  }
  if (X instanceof CsrMatrix)
    for (let c = 0; c < k; c++) weights.fill(weights[c * cols]!, c * cols, (c + 1) * cols); // all are observed
  return new Matrix(
    sums.map((sum, at) => (weights[at]! > 0 ? sum / weights[at]! : columnMeans[at % cols]!)),
    k,
    cols,
  );
}
