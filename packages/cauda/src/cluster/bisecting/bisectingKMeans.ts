import {
  checkOptions,
  controlRules,
  flag,
  integerIn,
  numberIn,
  oneOf,
  type Rule,
  required,
} from '../../check.ts';
import { admit } from '../../door.ts';
import { like, Matrix, type MatrixLike } from '../../matrix.ts';
import type { FitControl } from '../../parallel/session.ts';
import { Random } from '../../random.ts';
import { weightRule } from '../../weights.ts';
import { countDistinctRows } from '../distinctRows.ts';
import { layoutOf } from '../lloyd/layout.ts';
import { planFor } from '../lloyd/plan.ts';
import { bestOfRestarts } from '../lloyd/restarts.ts';
import { checkClusterWeights } from '../weights.ts';
import { BisectingKMeansModel } from './bisectingModel.ts';
import type { Splits } from './leaves.ts';

const who = 'bisectingKMeans';

export interface BisectingKMeansOptions extends FitControl {
  /** Number of clusters, an integer in [1, nSamples]. */
  nClusters: number;
  /** Which cluster is split next: the one with the largest inertia (the default), or the one with the most rows. */
  bisectingStrategy?: 'biggestInertia' | 'largestCluster';
  /** Where the two centers of a split start; defaults to `'random'`, as in scikit-learn. */
  init?: 'k-means++' | 'random';
  /** How many starts each split has, of which the lowest inertia wins. Defaults to 1. */
  nInit?: number;
  /** Most iterations of a split; defaults to 300. */
  maxIter?: number;
  /** A split stops when its centers' squared movement is at most tol × the mean variance of the features; defaults to 1e-4. */
  tol?: number;
  /** A weight for each row, ≥ 0 and not all zero; 3 counts as three copies. Defaults to 1 for all. */
  sampleWeight?: ArrayLike<number>;
  /**
   * Whether to end with fewer clusters where X has fewer distinct rows than nClusters. Otherwise that is an error. Defaults
   * to false.
   */
  allowFewer?: boolean;
}

const defaults = {
  bisectingStrategy: 'biggestInertia' as NonNullable<BisectingKMeansOptions['bisectingStrategy']>,
  init: 'random' as NonNullable<BisectingKMeansOptions['init']>,
  nInit: 1,
  maxIter: 300,
  tol: 1e-4,
  seed: 0,
  allowFewer: false,
};

type Checked = Readonly<
  Omit<BisectingKMeansOptions, 'sampleWeight'> & typeof defaults & { sampleWeight: Float64Array | undefined }
>;

function rules(n: number): Record<keyof BisectingKMeansOptions, Rule> {
  return {
    ...controlRules,
    nClusters: required(integerIn(1, n, 'the rows of X')),
    bisectingStrategy: oneOf('biggestInertia', 'largestCluster'),
    init: oneOf('k-means++', 'random'),
    nInit: integerIn(1, Infinity),
    maxIter: integerIn(1, Infinity),
    tol: numberIn(0, Infinity),
    sampleWeight: weightRule,
    allowFewer: flag,
  };
}

/** A cluster, and once it has been split its two parts. */
interface Node {
  readonly rows: Uint32Array;
  readonly center: Float64Array;
  readonly size: number;
  readonly inertia: number;
  readonly radius: number;
  parts?: readonly Node[];
  /** Whether it cannot be split. */
  atomic?: boolean;
}

/**
 * Bisecting K-means: all rows are one cluster, and K-means with two centers splits one cluster after another until
 * there are `nClusters`. Steinbach, Karypis and Kumar, *A comparison of document clustering techniques*, KDD workshop
 * on text mining, 2000. It is scikit-learn's `BisectingKMeans`, except that `tol` is relative to the variance of the
 * cluster being split, as in `kmeans`, and that a cluster of equal rows is never split.
 * @param X nSamples × nFeatures
 * @throws TypeError or RangeError for options or data that make no sense, and when nothing can be split any more
 * without `allowFewer`; the signal's reason when aborted
 */
export async function bisectingKMeans(
  X: MatrixLike,
  options: BisectingKMeansOptions,
): Promise<BisectingKMeansModel> {
  const matrix = admit(who, X);
  const given = checkOptions(who, options, rules(matrix.rows), defaults);
  const checked: Checked = {
    ...given,
    sampleWeight: checkClusterWeights(who, given.sampleWeight, matrix.rows),
  };
  const { nClusters, bisectingStrategy, allowFewer, onProgress } = checked;
  const random = new Random(checked.seed);
  const score = (node: Node): number => (bisectingStrategy === 'biggestInertia' ? node.inertia : node.size);

  const all = Uint32Array.from({ length: matrix.rows }, (_, i) => i);
  const whole = await divide(matrix, all, 1, checked, random.stream(0));
  const root = whole.parts[0]!;
  let { converged } = whole;
  for (let k = 1; k < nClusters; ) {
    const node = leaves(root)
      .filter(({ atomic }) => !atomic)
      .reduce<Node | undefined>(
        (best, leaf) => (best && score(leaf) <= score(best) ? best : leaf),
        undefined,
      );
    if (!node) {
      if (allowFewer) break;
      throw new RangeError(
        `${who}: X has rows for only ${k} different cluster${k === 1 ? '' : 's'}, but nClusters = ${nClusters}; use fewer clusters, or allowFewer: true`,
      );
    }
    const { parts, converged: rested } = await divide(matrix, node.rows, 2, checked, random.stream(k));
    if (parts.length < 2) {
      node.atomic = true;
      continue;
    }
    node.parts = parts;
    converged &&= rested;
    k++;
    onProgress?.({
      task: who,
      iteration: k - 1,
      maxIterations: nClusters - 1,
      run: 0,
      runs: 1,
      objective: leaves(root).reduce((sum, leaf) => sum + leaf.inertia, 0),
    });
  }
  return asModel(matrix, root, converged);
}

/**
 * K-means with k centers over some of the rows.
 * @returns the parts; none if fewer than k of the rows are different
 */
async function divide(
  X: Matrix,
  rows: Uint32Array,
  k: number,
  { sampleWeight, bisectingStrategy: _, onProgress: __, ...options }: Checked,
  random: Random,
): Promise<{ parts: Node[]; converged: boolean }> {
  const own = rows.length === X.rows ? X : X.take(rows);
  const weights = sampleWeight && Float64Array.from(rows, (row) => sampleWeight[row]!);
  if ((await countDistinctRows(own, weights, k)) < k) return { parts: [], converged: true };
  const layout = layoutOf(own, false);
  const fit = await bestOfRestarts(own, layout, planFor(own, layout, k, weights), {
    ...options,
    who,
    nClusters: k,
    seed: random.uint32(),
    metric: 'euclidean',
    sampleWeight: weights,
    allowFewer: true,
  });
  const parts = Array.from(fit.sizes, (size, side) => ({
    rows: rows.filter((_, i) => fit.labels[i] === side),
    center: fit.centers.subarray(side * X.cols, (side + 1) * X.cols),
    size,
    inertia: fit.inertias[side]!,
    radius: fit.radii[side]!,
  }));
  return { parts, converged: fit.converged };
}

/** The clusters, from left to right. */
function leaves(node: Node): Node[] {
  return node.parts ? node.parts.flatMap(leaves) : [node];
}

function asModel(X: Matrix, root: Node, converged: boolean): BisectingKMeansModel {
  const clusters = leaves(root);
  const labels = new Int32Array(X.rows);
  clusters.forEach((cluster, label) => {
    for (const row of cluster.rows) labels[row] = label;
  });
  const inertias = Float64Array.from(clusters, ({ inertia }) => inertia);
  return new BisectingKMeansModel({
    centers: centersOf(clusters, X),
    labels,
    inertia: inertias.reduce((sum, inertia) => sum + inertia, 0),
    converged,
    sizes: Int32Array.from(clusters, ({ size }) => size),
    inertias,
    radii: Float64Array.from(clusters, ({ radius }) => radius),
    splits: clusters.length > 1 ? splitsOf(root, X) : undefined,
  });
}

function splitsOf(root: Node, X: Matrix): Splits {
  const split = (node: Node): Node[] => (node.parts ? [node, ...node.parts.flatMap(split)] : []);
  const splits = split(root);
  const clusters = leaves(root);
  const parts = splits.flatMap(({ parts }) => parts!);
  return {
    centers: centersOf(parts, X),
    next: Int32Array.from(parts, (part) => (part.parts ? splits.indexOf(part) : -1 - clusters.indexOf(part))),
  };
}

function centersOf(nodes: readonly Node[], { data, cols }: Matrix): Matrix {
  const centers = like(data, nodes.length * cols);
  nodes.forEach(({ center }, i) => {
    centers.set(center, i * cols);
  });
  return new Matrix(centers, nodes.length, cols);
}
