import { checkOptions, controlRules, integerIn, type Rule, required } from '../../check.ts';
import type { CsrLike } from '../../csr.ts';
import { admit, openRows } from '../../door.ts';
import { log } from '../../kernels/elementary.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import { type FitControl, type Session, withSession } from '../../parallel/session.ts';
import { Random } from '../../random.ts';
import { type Data, takeRows } from '../../rows.ts';
import type { MatrixSource } from '../../source.ts';
import { weightRule } from '../../weights.ts';
import { floats, kernelCenters, type Layout, layoutOf } from '../lloyd/layout.ts';
import { planOf } from '../lloyd/plan.ts';
import { lloydProgram } from '../lloyd/program.ts';
import { checkClusterWeights } from '../weights.ts';
import type { SeedingSteps } from './steps.ts';
import { weightedChoice } from './weightedChoice.ts';

/** `onProgress` is told of each center. The objective of such an event is the potential, the inertia at the centers so far. */
export interface KMeansPlusPlusOptions extends FitControl {
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
  const door = admit(who, X);
  const rules: Record<keyof KMeansPlusPlusOptions, Rule> = {
    ...controlRules,
    nClusters: required(integerIn(1, door.rows, 'the rows of X')),
    nLocalTrials: integerIn(1, Infinity),
    sampleWeight: weightRule,
  };
  const checked = checkOptions(who, options, rules, { seed: 0 });
  const sampleWeight = checkClusterWeights(who, checked.sampleWeight, door.rows);
  const { nClusters, workers, signal, onProgress } = checked;
  const trials = checked.nLocalTrials ?? localTrials(nClusters);
  const matrix: Data = await openRows(who, door, { signal });
  const layout = layoutOf(matrix, false);
  return withSession(
    lloydProgram,
    matrix,
    { nClusters, trials, layout, plan: await planOf(matrix, layout, nClusters, sampleWeight) },
    { workers, signal, columns: sampleWeight ? { sampleWeight } : {} },
    (session) =>
      seed(session, {
        nClusters,
        trials,
        layout,
        random: new Random(checked.seed),
        n: matrix.rows,
        sampleWeight,
        rowsAt: (indices) => takeRows(matrix, indices),
        onCenter: (count, potential) => {
          const progress = { iteration: count, maxIterations: nClusters, run: 0, runs: 1 };
          onProgress?.({ task: who, ...progress, objective: potential });
        },
      }),
  );
}

/** How many candidates scikit-learn tries. */
export function localTrials(nClusters: number): number {
  return 2 + Math.floor(log(nClusters));
}

/** What greedy k-means++ needs besides the session that holds its rows. */
export interface Seeding {
  readonly nClusters: number;
  /** Candidates tried for each center. */
  readonly trials: number;
  readonly layout: Layout;
  readonly random: Random;
  /** Rows of the session. */
  readonly n: number;
  readonly sampleWeight: Float64Array | undefined;
  /** The rows of X with these indices, as centers. */
  readonly rowsAt: (indices: ArrayLike<number>) => Promise<Matrix>;
  /** Told of each center: how many there are, and the potential that they leave. */
  readonly onCenter?: (count: number, potential: number) => void;
}

/**
 * Greedy k-means++ among the rows of a session.
 * @returns the centers, and the indices of the rows that they are
 */
export async function seed(
  session: Session<SeedingSteps>,
  { nClusters: k, trials, layout, random, n, sampleWeight, rowsAt, onCenter }: Seeding,
): Promise<{ centers: Matrix; indices: Int32Array }> {
  await session.gather('seedBegin', null);
  const indices = new Int32Array(k);
  const centers = new Matrix(floats(layout, k * layout.d), k, layout.d);
  let candidates: ArrayLike<number> = [weightedChoice(random, n, sampleWeight, 1, 'kmeansPlusPlus')[0]!];
  for (let c = 0; c < k; c++) {
    const tried = await rowsAt(candidates);
    const potentials = await session.sum('seedTry', kernelCenters(tried.data, layout));
    const best = potentials.indexOf(Math.min(...potentials));
    indices[c] = candidates[best]!;
    centers.row(c).set(tried.row(best));
    const parts = await session.gather('seedAccept', { chosen: best, count: candidates.length });
    const shares = parts.map(([part]) => part!);
    onCenter?.(
      c + 1,
      shares.reduce((sum, share) => sum + share, 0),
    );
    if (c + 1 === k) break;
    candidates = await draw(session, shares, trials, random, indices[0]!);
  }
  return { centers, indices };
}

/**
 * Draws `trials` rows, each with probability w × closest over the total.
 * @param shares what each shard adds to the total
 * @param otherwise the row that does where the total is 0, since all rows are at a center
 * @returns their indices among all rows
 */
async function draw(
  session: Session<SeedingSteps>,
  shares: readonly number[],
  trials: number,
  random: Random,
  otherwise: number,
): Promise<number[]> {
  const total = shares.reduce((sum, part) => sum + part, 0);
  if (total === 0) return new Array(trials).fill(otherwise);
  const last = shares.findLastIndex((share) => share > 0); // rounding must not lead beyond it
  const targets: number[][] = shares.map(() => []);
  const order: number[] = [];
  for (let t = 0; t < trials; t++) {
    let target = random.uniform() * total;
    let shard = 0;
    while (shard < last && target >= shares[shard]!) target -= shares[shard++]!;
    targets[shard]!.push(target);
    order.push(shard);
  }
  const picks = await session.gather('seedPick', targets);
  const next = picks.map(() => 0);
  return order.map((shard) => picks[shard]![next[shard]!++]!);
}
