import { checkOptions, numberIn, oneOf, type Rule } from '../check.ts';
import { exp, log } from '../kernels/elementary.ts';
import { type Contingency, contingency, type Labels } from './contingency.ts';

export interface AverageOptions {
  /** How the two entropies are averaged to normalize by; defaults to "arithmetic". */
  average?: 'arithmetic' | 'geometric' | 'min' | 'max';
}
export interface VMeasureOptions {
  /** Above 1, completeness counts more than homogeneity; below 1, less. Defaults to 1. */
  beta?: number;
}

const averageRules: Record<keyof AverageOptions, Rule> = {
  average: oneOf('arithmetic', 'geometric', 'min', 'max'),
};
const averageDefaults = { average: 'arithmetic' } as const;
const vMeasureRules: Record<keyof VMeasureOptions, Rule> = { beta: numberIn(0, Infinity) };

/**
 * Mutual information of two labelings, in nats: Σ n_ij/n · log(n n_ij / (n_i n_j)). At least 0, at most the smaller
 * entropy. Symmetric.
 * @throws RangeError if the labelings are empty, of different lengths or not integers
 */
export function mutualInfoScore(labelsTrue: Labels, labelsPred: Labels): number {
  return mutualInformation(contingency('mutualInfoScore', labelsTrue, labelsPred));
}

/**
 * Mutual information divided by an average of the two entropies, in [0, 1]; 1 if both labelings have one cluster.
 * Symmetric. With the arithmetic average it is the V-measure.
 * @throws RangeError if the labelings are empty, of different lengths or not integers
 */
export function normalizedMutualInfoScore(
  labelsTrue: Labels,
  labelsPred: Labels,
  options: AverageOptions = {},
): number {
  const who = 'normalizedMutualInfoScore';
  const { average } = checkOptions(who, options, averageRules, averageDefaults);
  const table = contingency(who, labelsTrue, labelsPred);
  if (table.rowSums.length === 1 && table.colSums.length === 1) return 1;
  const information = mutualInformation(table);
  return information === 0 ? 0 : Math.min(1, information / averageEntropy(table, average));
}

/**
 * Mutual information corrected for chance, (MI − E MI) / (average entropy − E MI): 1 for equal labelings, 0 expected
 * for random ones and where the cluster sizes leave nothing to chance, below 0 possible. Symmetric. Takes time in proportion to nSamples × the number of clusters. Vinh,
 * Epps and Bailey: *Information Theoretic Measures for Clusterings Comparison*, JMLR 11, 2010.
 * @throws RangeError if the labelings are empty, of different lengths or not integers
 */
export function adjustedMutualInfoScore(
  labelsTrue: Labels,
  labelsPred: Labels,
  options: AverageOptions = {},
): number {
  const who = 'adjustedMutualInfoScore';
  const { average } = checkOptions(who, options, averageRules, averageDefaults);
  const table = contingency(who, labelsTrue, labelsPred);
  const { rowSums, colSums, cells } = table;
  // Equal but for names: 1, also where rounding would make it 0 / 0.
  if (cells.length === rowSums.length && cells.length === colSums.length) return 1;
  if (fixedBySizes(table)) return 0;
  const expected = expectedMutualInformation(table);
  const room = averageEntropy(table, average) - expected;
  const atLeast = room < 0 ? Math.min(room, -Number.EPSILON) : Math.max(room, Number.EPSILON);
  return (mutualInformation(table) - expected) / atLeast;
}

/**
 * Whether every arrangement of labels with these cluster sizes has the same mutual information: one of the labelings
 * has one cluster (MI = 0) or one sample a cluster (MI = the entropy of the other). Then MI = E MI, and the averages
 * `min` and `geometric` may equal E MI as well.
 */
function fixedBySizes({ n, rowSums, colSums }: Contingency): boolean {
  return [rowSums.length, colSums.length].some((clusters) => clusters === 1 || clusters === n);
}

/**
 * Whether each cluster holds one class only: MI / H(true), in [0, 1]; 1 if there is one class. Swapping the arguments
 * gives the completeness.
 * @throws RangeError if the labelings are empty, of different lengths or not integers
 */
export function homogeneityScore(labelsTrue: Labels, labelsPred: Labels): number {
  return vMeasure(contingency('homogeneityScore', labelsTrue, labelsPred), 1).homogeneity;
}

/**
 * Whether each class lies in one cluster only: MI / H(pred), in [0, 1]; 1 if there is one cluster. Swapping the
 * arguments gives the homogeneity.
 * @throws RangeError if the labelings are empty, of different lengths or not integers
 */
export function completenessScore(labelsTrue: Labels, labelsPred: Labels): number {
  return vMeasure(contingency('completenessScore', labelsTrue, labelsPred), 1).completeness;
}

/**
 * The weighted harmonic mean of homogeneity h and completeness c, (1 + β) h c / (β h + c), in [0, 1]. Rosenberg and
 * Hirschberg: *V-Measure*, EMNLP 2007.
 * @throws RangeError if the labelings are empty, of different lengths or not integers
 */
export function vMeasureScore(labelsTrue: Labels, labelsPred: Labels, options: VMeasureOptions = {}): number {
  const { beta } = checkOptions('vMeasureScore', options, vMeasureRules, { beta: 1 });
  return vMeasure(contingency('vMeasureScore', labelsTrue, labelsPred), beta).vMeasure;
}

function vMeasure(
  table: Contingency,
  beta: number,
): Record<'homogeneity' | 'completeness' | 'vMeasure', number> {
  const information = mutualInformation(table);
  const trueEntropy = entropy(table.rowSums, table.n);
  const predEntropy = entropy(table.colSums, table.n);
  const homogeneity = trueEntropy ? Math.min(1, information / trueEntropy) : 1;
  const completeness = predEntropy ? Math.min(1, information / predEntropy) : 1;
  const product = homogeneity * completeness;
  return {
    homogeneity,
    completeness,
    vMeasure: product ? Math.min(1, ((1 + beta) * product) / (beta * homogeneity + completeness)) : 0,
  };
}

function mutualInformation({ n, rowSums, colSums, cells }: Contingency): number {
  if (rowSums.length === 1 || colSums.length === 1) return 0;
  let sum = 0;
  for (const { row, col, count } of cells) {
    const term = (count / n) * (log(count) - log(n) - log(rowSums[row]! * colSums[col]!) + log(n) + log(n));
    if (Math.abs(term) >= Number.EPSILON) sum += term; // an independent cell is 0, not what rounding leaves of it
  }
  return Math.max(0, sum);
}

/** −Σ p log p of the cluster sizes, in nats. */
function entropy(sizes: Float64Array, n: number): number {
  if (sizes.length === 1) return 0;
  return -sizes.reduce((sum, size) => sum + (size / n) * (log(size) - log(n)), 0);
}

function averageEntropy({ n, rowSums, colSums }: Contingency, average: AverageOptions['average']): number {
  const u = entropy(rowSums, n);
  const v = entropy(colSums, n);
  if (average === 'min') return Math.min(u, v);
  if (average === 'max') return Math.max(u, v);
  return average === 'geometric' ? Math.sqrt(u * v) : (u + v) / 2;
}

/**
 * The mean of the mutual information over all labelings with these cluster sizes: each cell is hypergeometric,
 *   Σ_ij Σ_m m/n · log(n m / (a_i b_j)) · P(n_ij = m)   (Vinh et al., equation 24a)
 */
function expectedMutualInformation({ n, rowSums, colSums }: Contingency): number {
  const logFactorial = logFactorials(n);
  let sum = 0;
  for (const a of rowSums)
    for (const b of colSums) {
      const fixed =
        logFactorial[a]! + logFactorial[b]! + logFactorial[n - a]! + logFactorial[n - b]! - logFactorial[n]!;
      const logOuter = log(n) - log(a * b);
      for (let m = Math.max(1, a + b - n); m <= Math.min(a, b); m++) {
        const logChance =
          fixed -
          logFactorial[m]! -
          logFactorial[a - m]! -
          logFactorial[b - m]! -
          logFactorial[n - a - b + m]!;
        sum += (m / n) * (log(m) + logOuter) * exp(logChance);
      }
    }
  return sum;
}

/** log 0! … log n!, with compensated sums (Kahan) so that each is right to the last bits. */
function logFactorials(n: number): Float64Array {
  const table = new Float64Array(n + 1);
  let lost = 0;
  for (let i = 2; i <= n; i++) {
    const term = log(i) - lost;
    const sum = table[i - 1]! + term;
    lost = sum - table[i - 1]! - term;
    table[i] = sum;
  }
  return table;
}
