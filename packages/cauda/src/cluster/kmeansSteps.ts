import { type CsrLike, CsrMatrix } from '../csr.ts';
import { admit, openRows } from '../door.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import { blocksOf, type Data } from '../rows.ts';
import { type MatrixSource, Source } from '../source.ts';
import { unitRows } from '../unitRows.ts';
import { zeroFilled } from './centers/blocks.ts';
import { floats, type Layout, layoutOf } from './lloyd/layout.ts';
import { planOf } from './lloyd/plan.ts';
import { restarts } from './lloyd/restarts.ts';
import { KMeansModel } from './model.ts';
import { type CheckedKMeansOptions, checkKMeansOptions, type KMeansOptions } from './options.ts';

/** One iteration of K-means: every row has gone to its nearest center, and every center to the mean of its rows. */
export interface KMeansStep {
  /** The run, from 0, of `nInit` in all. */
  readonly run: number;
  /** Iterations done in this run, from 1. */
  readonly nIter: number;
  /** The centers after this iteration, nClusters × nFeatures, in the precision of the data. */
  readonly centers: Matrix;
  /** The cost of the rows at these centers, each in the cluster that it has gone to: what `onProgress` reports. */
  readonly inertia: number;
  /** Whether the run ends here because nothing moves any more, or too little. */
  readonly converged: boolean;
  /**
   * The cluster that each row has gone to; on the last step of a run, the cluster of its nearest center. It is a promise,
   * since labels stay where the rows are, in the workers. Ask for them before the next step.
   * @throws Error once the loop has gone on to another step
   */
  labels(): Promise<Int32Array>;
  /** On the last step of all, the model of the best run. */
  readonly model?: KMeansModel;
}

/**
 * The iterations of `kmeans`, one step each, with the same numbers: for an animation, a stopping rule of your own, or a
 * fit that others wait for. Nothing runs before the first step is asked for, nor between two steps. Leaving the loop
 * (`break`, `return`, an error) ends the fit and frees what the workers hold of it.
 *
 * ```ts
 * for await (const { nIter, inertia, centers, model } of kmeansSteps(X, { nClusters: 3 })) …
 * ```
 * @param X as for `kmeans`
 * @returns steps, the last of which carries the model that `kmeans` resolves to
 * @throws what `kmeans` rejects with, when the first step is asked for or, if aborted, at the next one
 */
export async function* kmeansSteps(
  X: MatrixLike | CsrLike | MatrixSource,
  options: KMeansOptions,
): AsyncGenerator<KMeansStep, void, void> {
  yield* stepsOf('kmeansSteps', X, options);
}

/** Fits K-means for a function that errors and progress name. */
export async function fitKMeans(
  who: string,
  X: MatrixLike | CsrLike | MatrixSource,
  options: KMeansOptions,
): Promise<KMeansModel> {
  let last: KMeansModel | undefined;
  for await (const { model } of stepsOf(who, X, options)) last = model;
  return last!;
}

/** The steps of the same fit. */
async function* stepsOf(
  who: string,
  X: MatrixLike | CsrLike | MatrixSource,
  options: KMeansOptions,
): AsyncGenerator<KMeansStep, void, void> {
  const allowNaN = options?.missing !== undefined;
  const door = admit('kmeans', X, { who, allowNaN });
  const checked = checkKMeansOptions(who, door, options);
  const { nClusters, metric, missing, signal } = checked;
  if (missing !== undefined && door instanceof CsrMatrix)
    throw new RangeError(`${who}: missing goes with a dense matrix; the entries that X leaves out are zeros`);
  const given: Data = await openRows(who, door, { allowNaN, signal });
  const { rows, expected } = await prepared(given, checked);
  const layout = layoutOf(rows, missing === 'observed');
  const plan = await planOf(rows, layout, nClusters, checked.sampleWeight);
  let current = 0;
  try {
    for await (const { fit, labels, centers, ...iteration } of restarts(
      rows,
      layout,
      plan,
      checked,
      expected,
    )) {
      const step = ++current;
      yield {
        ...iteration,
        centers: publishedCenters(centers, layout),
        labels: async () => {
          if (step === current) return labels();
          throw new Error(
            `${who}: the labels of iteration ${iteration.nIter} are gone; ask for them before the next step (those of the last one are model.labels)`,
          );
        },
        ...(fit && {
          model: new KMeansModel({ ...fit, centers: publishedCenters(fit.centers, layout), metric, missing }),
        }),
      };
    }
  } finally {
    current = Infinity;
  }
}

/** Centers in the precision of the data. */
function publishedCenters(centers: Float64Array, layout: Layout): Matrix {
  const values = floats(layout, centers.length);
  values.set(centers);
  return new Matrix(values, centers.length / layout.d, layout.d);
}

/**
 * The rows as Lloyd's algorithm takes them: directions of length 1 for the cosine; with a prior, missing entries count
 * as 0 (the derivation shows why), and their variance, `expected`, enters the cost.
 */
async function prepared(
  X: Data,
  { who, metric, missing }: CheckedKMeansOptions,
): Promise<{ rows: Data; expected?: Float64Array }> {
  if (metric === 'cosine')
    return {
      rows:
        X instanceof Source
          ? X.map((block, first) => unitRows(block, `${who}: source`, first))
          : unitRows(X, `${who}: X`),
    };
  if (typeof missing !== 'object' || X instanceof CsrMatrix) return { rows: X };
  const { variance } = missing;
  const fill = ({ data, rows, cols }: Matrix) =>
    new Matrix(zeroFilled(data, cols, variance).data, rows, cols);
  const expected = new Float64Array(X.rows);
  for await (const { block, first } of blocksOf(X))
    expected.set(zeroFilled(block.data, X.cols, variance).expected, first);
  return { rows: X instanceof Source ? X.map(fill) : fill(X), expected };
}
