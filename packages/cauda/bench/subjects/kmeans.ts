import { type KMeansOptions, kmeans, Matrix, Random } from '../../src/index.ts';
import type { BenchData } from '../data.ts';
import type { Exchange } from '../exchange.ts';
import { type Subject, type Subjects, timed } from '../subject.ts';

/** K-means from given data to the fitted model, preparation included, against Lloyd and Elkan. */
interface Fit {
  readonly name: string;
  /** What is fitted, without the sizes. */
  readonly what: string;
  readonly X: (data: BenchData) => Matrix;
  readonly nClusters: number;
  readonly init: (X: Matrix, data: BenchData) => 'k-means++' | 'random' | Matrix;
  readonly nInit?: number;
  /** Largest relative difference of the inertias: rounding from the same start, or chance from random ones. */
  readonly tolerance: number;
}

const mnist = { X: (data: BenchData) => data.standardized, nClusters: 10 };
const fits: readonly Fit[] = [
  {
    name: 'means',
    what: 'MNIST from class means',
    ...mnist,
    init: (_, { classMeans }) => classMeans,
    tolerance: 1e-5,
  },
  {
    name: 'noise',
    what: 'MNIST with noise, no zeros, from class means',
    ...mnist,
    X: ({ standardized }) => noisy(standardized),
    init: (_, { classMeans }) => classMeans,
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
  { name: 'tall', ...blobs(1_000_000, 16, 100) },
  { name: 'wide', ...blobs(200_000, 64, 256) },
  { name: 'small', ...blobs(10_000, 3, 8) },
];

export const kmeansSubjects: readonly Subjects[] = fits.map((fit) => ({
  name: `kmeans-${fit.name}`,
  make: async (data, exchange) => bothAlgorithms(fit, data, exchange),
}));

/** The fit by each of scikit-learn's two algorithms. */
function bothAlgorithms(fit: Fit, data: BenchData, exchange: Exchange): Subject[] {
  const { what, nClusters, nInit = 1, tolerance } = fit;
  const X = fit.X(data);
  const init = fit.init(X, data);
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
    title: `kmeans ${X.rows}×${X.cols} K=${nClusters}, ${what}, float32`,
    peerTitle: `scikit-learn KMeans(algorithm="${algorithm}")`,
    peerPackage: 'sklearn' as const,
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

/** n rows around k centers, normal with deviation 1 around normal centers of deviation 3, from k of the rows. */
function blobs(n: number, d: number, k: number): Omit<Fit, 'name'> {
  const X = (): Matrix => {
    const random = new Random(0);
    const centers = Float64Array.from({ length: k * d }, () => 3 * random.normal());
    const data = new Float32Array(n * d);
    for (let i = 0; i < n; i++) {
      const center = random.integer(k) * d;
      for (let j = 0; j < d; j++) data[i * d + j] = centers[center + j]! + random.normal();
    }
    return new Matrix(data, n, d);
  };
  const init = (rows: Matrix): Matrix => rows.take(new Random(1).choice(rows.rows, k));
  return { what: 'blobs', X, nClusters: k, init, tolerance: 1e-3 };
}
