import { checkOptions, integerIn, oneOf, type Rule } from '../../check.ts';
import { admit } from '../../door.ts';
import type { Matrix, MatrixLike } from '../../matrix.ts';
import { calinskiHarabasz, daviesBouldin } from '../../metrics/dispersion.ts';
import { type Groups, groupsIfAny } from '../../metrics/groups.ts';
import { mean, silhouettes } from '../../metrics/silhouette.ts';
import { Random } from '../../random.ts';
import { type Counts, countsOf, countsRule, type Selection } from '../../selection.ts';
import { unitRows } from '../../unitRows.ts';
import { weightRule } from '../../weights.ts';
import { fitKMeans } from '../kmeansSteps.ts';
import type { KMeansModel } from '../model.ts';
import type { KMeansOptions } from '../options.ts';
import { checkClusterWeights } from '../weights.ts';
import { chosenGap, type Gap, gapsOf } from './gap.ts';
import { missingRule, type SweepOptions, SweepProgress, sweepRules } from './sweep.ts';

export type SelectKMeansCriterion = 'silhouette' | 'calinskiHarabasz' | 'daviesBouldin' | 'gap';

export interface SelectKMeansOptions extends SweepOptions {
  /** The K to compare, each in [2, nSamples − 1]: a list, or `{ from, to }` for all of a range. */
  nClusters: Counts;
  /** What decides; defaults to `'silhouette'`. The first three are computed in any case, where they are defined. */
  criterion?: SelectKMeansCriterion;
  /** Rows to draw for the silhouette, the same ones for every K; defaults to 2,000, or all if they are fewer. */
  sampleSize?: number;
  /** Data sets without clusters that `'gap'` compares with; defaults to 10. */
  nReferences?: number;
  /**
   * A weight for each row, ≥ 0 and not all zero; 3 counts as three copies. For the Caliński–Harabasz and the
   * Davies–Bouldin score: a silhouette leaves a row out of its own cluster as a whole, not in part, and the references
   * of the gap have no weights of their own.
   */
  sampleWeight?: KMeansOptions['sampleWeight'];
  /**
   * How to treat NaN. For the gap, whose references then miss the same entries: the other criteria compare distances
   * between rows, which are not comparable where rows have observed different coordinates.
   */
  missing?: KMeansOptions['missing'];
  /**
   * How distances are measured; defaults to `'euclidean'`. `'cosine'` is for the silhouette, which then takes 1 − cos:
   * the dispersion scores are made of squared Euclidean distances to means, and uniform columns are no uniform directions.
   */
  metric?: KMeansOptions['metric'];
}

/** One K of the table. A criterion that is not defined for the options is NaN. */
export interface KMeansCandidate {
  readonly nClusters: number;
  readonly inertia: number;
  /** Mean silhouette of the sample; NaN also where that has fewer than two clusters or one for each row. */
  readonly silhouette: number;
  /** NaN also where fewer than two clusters have rows. */
  readonly calinskiHarabasz: number;
  /** NaN also where fewer than two clusters have rows. */
  readonly daviesBouldin: number;
  /** With the criterion `'gap'`. */
  readonly gap?: Gap;
  readonly converged: boolean;
}

/** What `selectKMeans` found: the candidates are in the order of their K. */
export type KMeansSelection = Selection<KMeansModel, KMeansCandidate, SelectKMeansCriterion>;

const who = 'selectKMeans';
const defaults = { criterion: 'silhouette' as SelectKMeansCriterion, nReferences: 10, seed: 0 };
const SAMPLE = 2000;

function rulesFor(n: number): Record<keyof SelectKMeansOptions, Rule> {
  return {
    ...sweepRules,
    nClusters: countsRule('clusters'),
    criterion: oneOf('silhouette', 'calinskiHarabasz', 'daviesBouldin', 'gap'),
    sampleSize: integerIn(3, n, 'the rows of X'),
    nReferences: integerIn(1, Infinity),
    sampleWeight: weightRule,
    missing: missingRule,
    metric: oneOf('euclidean', 'cosine'),
  };
}

/**
 * Fits K-means for each of several K and chooses one by a criterion. Rows are drawn once, and their distances taken
 * once, for the silhouettes of all K.
 * @param X nSamples × nFeatures
 * @throws TypeError or RangeError for options or data that make no sense, and for a criterion that is not defined for the
 * other options; the signal's reason when aborted
 */
export async function selectKMeans(X: MatrixLike, options: SelectKMeansOptions): Promise<KMeansSelection> {
  const matrix = admit(who, X, { allowNaN: options?.missing !== undefined });
  const checked = checkOptions(who, options, rulesFor(matrix.rows), defaults);
  const { nClusters, criterion, sampleSize, nReferences, onProgress, ...fit } = checked;
  const defined = criteriaFor(checked);
  if (!defined.includes(criterion)) throw notDefined(checked, defined);
  const weights = checkClusterWeights(who, fit.sampleWeight, matrix.rows);
  const counts = countsOf(`${who}: nClusters`, nClusters, 2, matrix.rows - 1, 'nSamples − 1');
  const fits = criterion === 'gap' ? counts.length * (1 + nReferences) : counts.length;
  const progress = new SweepProgress(onProgress, fits);
  const models: KMeansModel[] = [];
  for (const k of counts) {
    const control = { ...fit, nClusters: k, allowFewer: true, onProgress: progress.next() };
    models.push(await fitKMeans(who, matrix, control));
  }
  const inertias = models.map(({ inertia }) => inertia);
  const gaps =
    criterion === 'gap' ? await gapsOf(who, matrix, counts, inertias, nReferences, fit, progress) : undefined;
  const sampled = defined.includes('silhouette')
    ? await sampledSilhouettes(matrix, models, sampleSize ?? Math.min(matrix.rows, SAMPLE), fit)
    : undefined;
  const dispersed = defined.includes('calinskiHarabasz') ? countedRows(matrix, weights) : undefined;
  const candidates = models.map(({ labels, inertia, converged }, i): KMeansCandidate => {
    const groups = dispersed?.groupsOf(labels);
    return Object.freeze({
      nClusters: counts[i]!,
      inertia,
      silhouette: sampled ? sampled[i]! : NaN,
      calinskiHarabasz: groups ? calinskiHarabasz(dispersed!.rows, groups, dispersed!.weights) : NaN,
      daviesBouldin: groups ? daviesBouldin(dispersed!.rows, groups, dispersed!.weights) : NaN,
      ...(gaps ? { gap: gaps[i]! } : {}),
      converged,
    });
  });
  const { at, reason } = gaps ? byGap(gaps) : byScore(candidates, criterion as Score);
  return Object.freeze({
    model: models[at]!,
    best: candidates[at]!,
    candidates: Object.freeze(candidates),
    criterion,
    reason,
  });
}

/** Options that some criteria are not defined with, and the criteria that they leave. */
const limits = {
  sampleWeight: {
    given: ({ sampleWeight }: SelectKMeansOptions) => sampleWeight !== undefined,
    leaves: ['calinskiHarabasz', 'daviesBouldin'],
  },
  missing: {
    given: ({ missing }: SelectKMeansOptions) => missing !== undefined,
    leaves: ['gap'],
  },
  'metric "cosine"': {
    given: ({ metric }: SelectKMeansOptions) => metric === 'cosine',
    leaves: ['silhouette'],
  },
} satisfies Record<
  string,
  { given: (options: SelectKMeansOptions) => boolean; leaves: readonly SelectKMeansCriterion[] }
>;

/** The criteria that are defined for the options. */
function criteriaFor(options: SelectKMeansOptions): SelectKMeansCriterion[] {
  const all: SelectKMeansCriterion[] = ['silhouette', 'calinskiHarabasz', 'daviesBouldin', 'gap'];
  const given = Object.values(limits).filter((limit) => limit.given(options));
  return all.filter((criterion) =>
    given.every(({ leaves }) => (leaves as readonly SelectKMeansCriterion[]).includes(criterion)),
  );
}

function notDefined(options: SelectKMeansOptions, defined: readonly SelectKMeansCriterion[]): RangeError {
  const given = Object.entries(limits).filter(([, limit]) => limit.given(options));
  const names = given.map(([name]) => name).join(' and ');
  const instead = defined.length
    ? `take ${defined.map((criterion) => `"${criterion}"`).join(' or ')}, or leave ${names} out`
    : 'no criterion is; leave one of them out';
  return new RangeError(`${who}: criterion "${options.criterion}" is not defined with ${names}; ${instead}`);
}

/** The rows of positive weight, and how labels of all rows group them. */
function countedRows(
  X: Matrix,
  weights: Float64Array | undefined,
): {
  rows: Matrix;
  weights: Float64Array | undefined;
  groupsOf: (labels: Int32Array) => Groups | undefined;
} {
  if (!weights) return { rows: X, weights, groupsOf: (labels) => groupsIfAny(labels, X.rows) };
  const counted = Uint32Array.from(weights.keys()).filter((i) => weights[i]! > 0);
  const own = Float64Array.from(counted, (i) => weights[i]!);
  const total = own.reduce((sum, weight) => sum + weight, 0);
  return {
    rows: X.take(counted),
    weights: own,
    groupsOf: (labels) =>
      groupsIfAny(
        Int32Array.from(counted, (i) => labels[i]!),
        total,
      ),
  };
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
      `${who}: no K gave clusters whose ${name} could be computed; are the rows of X all alike?`,
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
  { seed, workers, signal, metric }: Omit<SelectKMeansOptions, 'nClusters'> & { seed: number },
): Promise<number[]> {
  const rows =
    sampleSize === X.rows
      ? Uint32Array.from({ length: X.rows }, (_, i) => i)
      : new Random(seed).choice(X.rows, sampleSize);
  const groups = models.map(({ labels }) =>
    groupsIfAny(
      Array.from(rows, (i) => labels[i]!),
      sampleSize,
    ),
  );
  const taken = X.take(rows);
  const values = await silhouettes(
    metric === 'cosine' ? unitRows(taken, `${who}: X`) : taken,
    groups.filter((some): some is Groups => some !== undefined),
    { metric: metric ?? 'euclidean', workers, signal },
  );
  return groups.map((some) => (some ? mean(values.shift()!) : NaN));
}
