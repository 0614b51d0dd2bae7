import { checkOptions, controlRules, integerIn, type Rule, required } from '../../check.ts';
import { type CsrLike, CsrMatrix, isCsr } from '../../csr.ts';
import { log } from '../../kernels/elementary.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import { type FitControl, type Session, withSession } from '../../parallel/session.ts';
import { Random } from '../../random.ts';
import { takeRows } from '../../rows.ts';
import { checkSource, isSource, type MatrixSource, Source } from '../../source.ts';
import { checkWeights, weightRule } from '../../weights.ts';
import { floats, kernelCenters, type Layout, layoutOf } from '../lloyd/layout.ts';
import { planOf } from '../lloyd/plan.ts';
import { type LloydSteps, lloydProgram } from '../lloyd/program.ts';

export interface KMeansPlusPlusOptions extends Omit<FitControl, 'onProgress'> {
  /** Number of centers, an integer in [1, nSamples]. */
  nClusters: number;
  /** Candidates tried for each center, the best being taken; defaults to 2 + ⌊ln nClusters⌋. */
  nLocalTrials?: number;
  /** A weight for each row, ≥ 0 and not all zero. Defaults to 1 for all. */
  sampleWeight?: ArrayLike<number>;
}

/**
 * Greedy k-means++: rows of X as centers, each drawn with probability proportional to its squared distance to the
 * nearest center so far, the best of `nLocalTrials` draws being kept. Arthur and Vassilvitskii, *k-means++: the
 * advantages of careful seeding*, SODA 2007; the greedy form is scikit-learn's `kmeans_plusplus`.
 * @param X nSamples × nFeatures, dense or sparse, in memory or a source that is read again for every pass
 * @returns the centers (nClusters × nFeatures) and the indices of their rows
 */
export async function kmeansPlusPlus(
  X: MatrixLike | CsrLike | MatrixSource,
  options: KMeansPlusPlusOptions,
): Promise<{ centers: Matrix; indices: Int32Array }> {
  const who = 'kmeansPlusPlus';
  const given = isSource(X)
    ? checkSource(`${who}: source`, X)
    : isCsr(X)
      ? CsrMatrix.from(X, `${who}: X`)
      : Matrix.from(X, { who: `${who}: X` });
  const { onProgress: _, ...control } = controlRules;
  const rules: Record<keyof KMeansPlusPlusOptions, Rule> = {
    ...control,
    nClusters: required(integerIn(1, given.rows, 'the rows of X')),
    nLocalTrials: integerIn(1, Infinity),
    sampleWeight: weightRule,
  };
  const checked = checkOptions(who, options, rules, { seed: 0 });
  const sampleWeight = checkWeights(who, checked.sampleWeight, given.rows);
  const trials = checked.nLocalTrials ?? localTrials(checked.nClusters);
  const { workers, signal } = checked;
  const matrix =
    given instanceof Matrix || given instanceof CsrMatrix
      ? given
      : await Source.open(given, { who: `${who}: source`, signal });
  const layout = layoutOf(matrix, false);
  return withSession(
    lloydProgram,
    matrix,
    { nClusters: checked.nClusters, trials, layout, plan: await planOf(matrix, layout, checked.nClusters) },
    { workers, signal, columns: sampleWeight ? { sampleWeight } : {} },
    (session) =>
      seed(
        session,
        checked.nClusters,
        trials,
        layout,
        new Random(checked.seed),
        matrix.rows,
        sampleWeight,
        (indices) => takeRows(matrix, indices),
      ),
  );
}

/** How many candidates scikit-learn tries. */
export function localTrials(nClusters: number): number {
  return 2 + Math.floor(log(nClusters));
}

/**
 * k rows chosen by greedy k-means++ among the session's rows.
 * @param rows rows that may become centers
 */
export async function seed(
  session: Session<LloydSteps>,
  k: number,
  trials: number,
  layout: Layout,
  random: Random,
  n: number,
  sampleWeight: Float64Array | undefined,
  rows: (indices: ArrayLike<number>) => Promise<Matrix>,
): Promise<{ centers: Matrix; indices: Int32Array }> {
  await session.gather('seedBegin', null);
  const indices = new Int32Array(k);
  const centers = new Matrix(floats(layout, k * layout.d), k, layout.d);
  let candidates: ArrayLike<number> = [weightedChoice(random, n, sampleWeight, 1)[0]!];
  for (let c = 0; c < k; c++) {
    const tried = await rows(candidates);
    const potentials = await session.sum('seedTry', kernelCenters(tried.data, layout));
    const best = potentials.indexOf(Math.min(...potentials));
    indices[c] = candidates[best]!;
    centers.row(c).set(tried.row(best));
    const parts = await session.gather('seedAccept', { chosen: best, count: candidates.length });
    if (c + 1 < k)
      candidates = await draw(
        session,
        parts.map(([part]) => part!),
        trials,
        random,
      );
  }
  return { centers, indices };
}

/** `trials` rows, each with probability w × closest over the total; with nothing left to gain, any rows do. */
async function draw(
  session: Session<LloydSteps>,
  parts: readonly number[],
  trials: number,
  random: Random,
): Promise<number[]> {
  const total = parts.reduce((sum, part) => sum + part, 0);
  const targets: number[][] = parts.map(() => []);
  const order: number[] = [];
  for (let t = 0; t < trials; t++) {
    let target = random.uniform() * total;
    let shard = 0;
    while (shard < parts.length - 1 && target >= parts[shard]!) target -= parts[shard++]!;
    targets[shard]!.push(target);
    order.push(shard);
  }
  const picks = await session.gather('seedPick', targets);
  const next = picks.map(() => 0);
  return order.map((shard) => picks[shard]![next[shard]!++]!);
}

/** `count` different rows, each drawn with probability proportional to its weight among those left. */
export function weightedChoice(
  random: Random,
  n: number,
  weights: Float64Array | undefined,
  count: number,
): ArrayLike<number> {
  if (!weights) return random.choice(n, count);
  const left = weights.slice();
  return Array.from({ length: count }, () => {
    let total = 0;
    for (const weight of left) total += weight;
    let target = random.uniform() * total;
    let last = -1;
    for (let i = 0; i < n; i++) {
      if (left[i] === 0) continue;
      last = i;
      target -= left[i]!;
      if (target < 0) break;
    }
    if (last < 0)
      throw new RangeError('kmeans: fewer rows of positive weight than nClusters; use fewer clusters');
    left[last] = 0;
    return last;
  });
}
