import { checkOptions, integerIn, oneOf, type Rule } from '../../check.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import { calinskiHarabasz, daviesBouldin } from '../../metrics/dispersion.ts';
import { type Groups, groupsIfAny } from '../../metrics/groups.ts';
import { mean, silhouettes } from '../../metrics/silhouette.ts';
import { Random } from '../../random.ts';
import { kmeans } from '../kmeans.ts';
import type { KMeansModel } from '../model.ts';
import {
  type Candidates,
  candidatesOf,
  candidatesRule,
  type SweepOptions,
  sweepRules,
} from './candidates.ts';
import { chosenGap, type Gap, gapsOf } from './gap.ts';

export type SelectKMeansCriterion = 'silhouette' | 'calinskiHarabasz' | 'daviesBouldin' | 'gap';

export interface SelectKMeansOptions extends SweepOptions {
  /** The K to compare, each in [2, nSamples − 1]: a list, or `{ from, to }` for all of a range. */
  nClusters: Candidates;
  /** What decides; defaults to `'silhouette'`. The first three are reckoned in any case. */
  criterion?: SelectKMeansCriterion;
  /** Rows to draw for the silhouette, the same ones for every K; defaults to 2,000, or all if they are fewer. */
  sampleSize?: number;
  /** Data sets without clusters that `'gap'` compares with; defaults to 10. */
  nReferences?: number;
}

/** One K of the table. */
export interface KMeansCandidate {
  readonly nClusters: number;
  readonly inertia: number;
  /** Mean silhouette of the sample; NaN where that has fewer than two clusters or one for each row. */
  readonly silhouette: number;
  /** NaN where fewer than two clusters have rows. */
  readonly calinskiHarabasz: number;
  /** NaN where fewer than two clusters have rows. */
  readonly daviesBouldin: number;
  /** With the criterion `'gap'`. */
  readonly gap?: Gap;
  readonly converged: boolean;
}

export interface KMeansSelection {
  /** The model of the chosen K. */
  readonly best: KMeansModel;
  /** Every K, increasing. */
  readonly candidates: readonly KMeansCandidate[];
  /** Why this K, in a sentence. */
  readonly reason: string;
}

const SAMPLE = 2000;

/**
 * Fits K-means for each of several K and chooses one by a criterion. Rows are drawn once, and their distances taken
 * once, for the silhouettes of all K.
 * @param X nSamples × nFeatures
 * @throws TypeError or RangeError for options or data that make no sense; the signal's reason when aborted
 */
export async function selectKMeans(X: MatrixLike, options: SelectKMeansOptions): Promise<KMeansSelection> {
  const who = 'selectKMeans';
  const matrix = Matrix.from(X, { who: `${who}: X` });
  const rules: Record<keyof SelectKMeansOptions, Rule> = {
    ...sweepRules,
    nClusters: candidatesRule,
    criterion: oneOf('silhouette', 'calinskiHarabasz', 'daviesBouldin', 'gap'),
    sampleSize: integerIn(3, matrix.rows, 'the rows of X'),
    nReferences: integerIn(1, Infinity),
  };
  const defaults = { criterion: 'silhouette' as SelectKMeansCriterion, nReferences: 10, seed: 0 };
  const checked = checkOptions(who, options, rules, defaults);
  const { nClusters, criterion, sampleSize, nReferences, ...fit } = checked;
  const ks = candidatesOf(who, nClusters, 2, matrix.rows);
  const models: KMeansModel[] = [];
  for (const k of ks) models.push(await kmeans(matrix, { ...fit, nClusters: k, allowFewer: true }));
  const gaps =
    criterion === 'gap'
      ? await gapsOf(
          who,
          matrix,
          ks,
          models.map(({ inertia }) => inertia),
          nReferences,
          fit,
        )
      : undefined;
  const sampled = await sampledSilhouettes(matrix, models, sampleSize ?? Math.min(matrix.rows, SAMPLE), fit);
  const candidates = models.map(({ labels, inertia, converged }, i): KMeansCandidate => {
    const groups = groupsIfAny(labels);
    return {
      nClusters: ks[i]!,
      inertia,
      silhouette: sampled[i]!,
      calinskiHarabasz: groups ? calinskiHarabasz(matrix, groups) : NaN,
      daviesBouldin: groups ? daviesBouldin(matrix, groups) : NaN,
      ...(gaps ? { gap: gaps[i]! } : {}),
      converged,
    };
  });
  const { at, reason } = gaps ? byGap(gaps) : byScore(candidates, criterion as Score);
  return { best: models[at]!, candidates, reason };
}

type Score = Exclude<SelectKMeansCriterion, 'gap'>;

const words: Record<Score, { name: string; sign: 1 | -1 }> = {
  silhouette: { name: 'mean silhouette', sign: 1 },
  calinskiHarabasz: { name: 'Caliński–Harabasz score', sign: 1 },
  daviesBouldin: { name: 'Davies–Bouldin score', sign: -1 },
};

/** The candidate with the best score, the smallest K winning a tie. */
function byScore(candidates: readonly KMeansCandidate[], score: Score): { at: number; reason: string } {
  const { name, sign } = words[score];
  let at = -1;
  candidates.forEach((candidate, i) => {
    const value = sign * candidate[score];
    if (!Number.isNaN(value) && (at < 0 || value > sign * candidates[at]![score])) at = i;
  });
  if (at < 0)
    throw new RangeError(
      `selectKMeans: no K gave clusters whose ${name} could be reckoned; are the rows of X all alike?`,
    );
  const { nClusters } = candidates[at]!;
  const value = candidates[at]![score].toPrecision(4);
  const which = sign > 0 ? 'largest' : 'smallest';
  return {
    at,
    reason: `K = ${nClusters} has the ${which} ${name}, ${value}, of the ${candidates.length} tried.`,
  };
}

function byGap(gaps: readonly Gap[]): { at: number; reason: string } {
  const at = chosenGap(gaps);
  const { nClusters, gap } = gaps[at]!;
  const next = gaps[at + 1];
  const reason = next
    ? `K = ${nClusters} is the smallest whose gap, ${gap.toPrecision(4)}, is at least that of K = ${next.nClusters} less its deviation, ${(next.gap - next.deviation).toPrecision(4)}.`
    : `K = ${nClusters} is the largest tried, and no smaller one has a gap that the next does not exceed; try more clusters.`;
  return { at, reason };
}

/** The mean silhouette of the same drawn rows under each model; NaN where they do not form clusters. */
async function sampledSilhouettes(
  X: Matrix,
  models: readonly KMeansModel[],
  sampleSize: number,
  { seed, workers, signal }: SweepOptions & { seed: number },
): Promise<number[]> {
  const rows =
    sampleSize === X.rows
      ? Uint32Array.from({ length: X.rows }, (_, i) => i)
      : new Random(seed).choice(X.rows, sampleSize);
  const groups = models.map(({ labels }) => groupsIfAny(Array.from(rows, (i) => labels[i]!)));
  const values = await silhouettes(
    X.take(rows),
    groups.filter((some): some is Groups => some !== undefined),
    { metric: 'euclidean', workers, signal },
  );
  return groups.map((some) => (some ? mean(values.shift()!) : NaN));
}
