import { Breather } from '../../breather.ts';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import { Random } from '../../random.ts';
import type { Source } from '../../source.ts';
import { kmeansPlusPlus } from '../seeding/kmeansPlusPlus.ts';
import { weightedChoice } from '../seeding/weightedChoice.ts';
import { countedRows } from '../weights.ts';
import { labeled } from './labeled.ts';
import type { CheckedMiniBatchKMeansOptions } from './options.ts';
import type { MiniBatchState } from './update.ts';

/** The state before the first batch, with the centers of the best of `nInit` starts. A sample of rows judges them. */
export async function startingState(
  X: Matrix | Source,
  sampleWeight: Float64Array | undefined,
  sampleSize: number,
  { who, nClusters, init, nInit, seed, signal }: CheckedMiniBatchKMeansOptions,
): Promise<MiniBatchState> {
  const random = new Random(seed).stream(0);
  const begin = (centers: Matrix): MiniBatchState => ({
    centers,
    counts: new Float64Array(nClusters),
    nSteps: 0,
    sinceReassignment: 0,
  });
  if (init !== 'k-means++' && init !== 'random') {
    const centers = Matrix.from(init as MatrixLike, { who: `${who}: init` });
    if (centers.rows !== nClusters || centers.cols !== X.cols)
      throw new RangeError(
        `${who}: init must be nClusters × nFeatures = ${nClusters} × ${X.cols}; got ${centers.rows} × ${centers.cols}`,
      );
    return begin(
      X.dtype === 'float64' ? toPrecision(centers, Float64Array) : toPrecision(centers, Float32Array),
    );
  }
  const counted = countedRows(sampleWeight);
  const n = counted?.length ?? X.rows;
  if (n < nClusters)
    throw new RangeError(
      `${who}: only ${n} rows of X have a positive weight, fewer than nClusters = ${nClusters}; use fewer clusters`,
    );
  const sample = async (): Promise<{ rows: Matrix; weights: Float64Array | undefined }> => {
    const drawn = random.choice(n, Math.min(sampleSize, n));
    const indices = counted ? drawn.map((i) => counted[i]!) : drawn;
    return {
      rows: await X.take(indices),
      weights: sampleWeight && Float64Array.from(indices, (i) => sampleWeight[i]!),
    };
  };
  const judges = await sample();
  const breather = new Breather(signal);
  let best: Matrix | undefined;
  let least = Infinity;
  for (let r = 0; r < nInit; r++) {
    const { rows, weights } = await sample();
    const start = { nClusters, seed: random.uint32(), sampleWeight: weights, workers: 0, signal };
    const centers =
      init === 'random'
        ? rows.take(weightedChoice(random, rows.rows, weights, nClusters, who))
        : (await kmeansPlusPlus(rows, start)).centers;
    const inertia = nInit > 1 ? (await labeled(centers, judges.rows, judges.weights, breather)).inertia : 0;
    if (best && inertia >= least) continue;
    best = centers;
    least = inertia;
  }
  return begin(best!);
}

function toPrecision({ data, rows, cols }: Matrix, Type: typeof Float64Array | typeof Float32Array): Matrix {
  return new Matrix(Type.from(data), rows, cols);
}
