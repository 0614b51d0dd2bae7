import { type KMeansOptions, kmeans, Matrix, Random } from '../../src/index.ts';
import type { BenchData, Exchange } from '../data.ts';
import { type Subject, timed } from '../subject.ts';

/** A fit that both sides do, by each of scikit-learn's two algorithms. */
interface Fit {
  readonly name: string;
  /** What is fitted, without the sizes. */
  readonly what: string;
  readonly X: () => Matrix;
  readonly nClusters: number;
  readonly init: (X: Matrix) => 'k-means++' | 'random' | Matrix;
  readonly nInit?: number;
  readonly maxIter?: number;
  /** Largest relative difference of the inertias: rounding from the same start, or chance from random ones. */
  readonly tolerance: number;
}

/** K-means from given data to the fitted model, preparation included, against Lloyd and Elkan. */
export function kmeansSubjects(
  { standardized, classMeans }: BenchData,
  exchange: Exchange,
  wants: (name: string) => boolean,
): Subject[] {
  const mnist = { X: () => standardized, nClusters: 10 };
  const fits: Fit[] = [
    { name: 'means', what: 'MNIST from class means', ...mnist, init: () => classMeans, tolerance: 1e-5 },
    {
      name: 'noise',
      what: 'MNIST with noise, no zeros, from class means',
      ...mnist,
      X: () => noisy(standardized),
      init: () => classMeans,
      tolerance: 1e-3,
    },
    {
      name: 'plusplus10',
      what: 'MNIST, k-means++ ten times',
      ...mnist,
      init: () => 'k-means++',
      nInit: 10,
      tolerance: 0.01,
    },
    {
      name: 'random10',
      what: 'MNIST, random rows ten times',
      ...mnist,
      init: () => 'random',
      nInit: 10,
      tolerance: 0.01,
    },
    {
      name: 'tall',
      what: 'blobs',
      X: () => blobs(1_000_000, 16, 100),
      nClusters: 100,
      init: spread(100),
      tolerance: 1e-3,
    },
    {
      name: 'wide',
      what: 'blobs',
      X: () => blobs(200_000, 64, 256),
      nClusters: 256,
      init: spread(256),
      tolerance: 1e-3,
    },
    {
      name: 'small',
      what: 'blobs',
      X: () => blobs(10_000, 3, 8),
      nClusters: 8,
      init: spread(8),
      tolerance: 1e-3,
    },
  ];
  return fits.filter(({ name }) => wants(name)).flatMap((fit) => bothAlgorithms(fit, exchange));
}

function bothAlgorithms(fit: Fit, exchange: Exchange): Subject[] {
  const { name, what, nClusters, nInit = 1, tolerance } = fit;
  const X = fit.X();
  const init = fit.init(X);
  const options: KMeansOptions = { nClusters, init, nInit };
  const arrays = {
    X: exchange.putMatrix(X),
    k: nClusters,
    init: typeof init === 'string' ? init : null,
    centers: typeof init === 'string' ? null : exchange.putMatrix(init),
    n_init: nInit,
  };
  let seed = 0;
  return ['lloyd', 'elkan'].map((algorithm) => ({
    name: `kmeans-${name}`,
    title: `kmeans ${X.rows}×${X.cols} K=${nClusters}, ${what}, float32`,
    peerTitle: `scikit-learn KMeans(algorithm="${algorithm}")`,
    tolerance,
    async ours() {
      const [seconds, model] = await timed(() => kmeans(X, { ...options, seed: seed++ }));
      return { seconds, check: model.inertia };
    },
    async theirs(peer) {
      const request = { ...arrays, algorithm, seed };
      const { seconds, inertia } = await peer.ask<{ seconds: number; inertia: number }>('kmeans', request);
      return { seconds, check: inertia };
    },
  }));
}

/** Each entry plus a tenth of one from somewhere else in the matrix: no value repeats, so nothing is sparse. */
function noisy({ data, rows, cols }: Matrix): Matrix {
  const order = new Random(0).permutation(data.length);
  return new Matrix(
    data.map((value, i) => value + 0.1 * data[order[i]!]!),
    rows,
    cols,
  );
}

/** n rows around k centers, normal with deviation 1 around normal centers of deviation 3. */
function blobs(n: number, d: number, k: number): Matrix {
  const random = new Random(0);
  const centers = Float64Array.from({ length: k * d }, () => 3 * random.normal());
  const data = new Float32Array(n * d);
  for (let i = 0; i < n; i++) {
    const center = random.integer(k) * d;
    for (let j = 0; j < d; j++) data[i * d + j] = centers[center + j]! + random.normal();
  }
  return new Matrix(data, n, d);
}

/** k rows of X as the start: the same for both sides. */
const spread = (k: number) => (X: Matrix) => X.take(new Random(1).choice(X.rows, k));
