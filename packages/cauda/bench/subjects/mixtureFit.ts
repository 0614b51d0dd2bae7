import { type CovarianceType, gaussianMixture, kmeans, Matrix, Random } from '../../src/index.ts';
import { studyActivations } from '../activations.ts';
import type { BenchData } from '../data.ts';
import type { Exchange } from '../exchange.ts';
import { type Subject, type Subjects, timed } from '../subject.ts';

/** EM from one start on both sides: seconds an iteration, checked by the lower bound and the number of iterations. */
interface Fit {
  readonly name: string;
  /** What is fitted and for how long, without the sizes. */
  readonly what: string;
  readonly X: (data: BenchData) => Matrix | Promise<Matrix>;
  readonly nComponents: number;
  readonly covarianceType: CovarianceType;
  /** Iterations of the K-means whose labels are the start: few are nearer to a start than to an end. */
  readonly startIter: number;
  /** Iterations if `tol` is 0, else at most. */
  readonly maxIter: number;
  readonly tol: number;
}

const dtypes = ['float32', 'float64'] as const;
const activationsIn = (dtype: (typeof dtypes)[number]) => async (data: BenchData) => {
  const X = await studyActivations(data);
  return dtype === 'float32' ? X : new Matrix(Float64Array.from(X.data), X.rows, X.cols);
};
const fits: readonly Fit[] = [
  ...dtypes.map((dtype) => ({
    name: `em-${dtype}`,
    what: 'activations, 20 iterations from a converged K-means',
    X: activationsIn(dtype),
    nComponents: 11,
    covarianceType: 'full' as const,
    startIter: 300,
    maxIter: 21,
    tol: 0,
  })),
  ...(['full', 'tied', 'diag', 'spherical'] as const).flatMap((covarianceType) =>
    dtypes.map((dtype) => ({
      name: `mixture-${covarianceType}-${dtype}`,
      what: 'activations, to convergence',
      X: activationsIn(dtype),
      nComponents: 11,
      covarianceType,
      startIter: 5,
      maxIter: 100,
      tol: 1e-3,
    })),
  ),
  ...(
    [
      [200_000, 8, 20],
      [20_000, 256, 8],
      [5_000, 784, 3],
    ] as const
  ).map(([n, d, k]) => ({
    name: `mixture-${n}x${d}`,
    what: 'overlapping clouds, 8 iterations',
    X: () => clouds(n, d, k),
    nComponents: k,
    covarianceType: 'full' as const,
    startIter: 5,
    maxIter: 8,
    tol: 0,
  })),
];

/** Mixtures on the activations of the study's network and on clouds of other shapes, beside scikit-learn. */
export const mixtureFitSubjects: readonly Subjects[] = fits.map((fit) => ({
  name: fit.name,
  make: async (data, exchange) => [await fitSubject(fit, await fit.X(data), exchange)],
}));

async function fitSubject(fit: Fit, X: Matrix, exchange: Exchange): Promise<Subject> {
  const { nComponents, covarianceType, startIter, maxIter, tol } = fit;
  const { labels } = await kmeans(X, { nClusters: nComponents, maxIter: startIter });
  const options = { nComponents, covarianceType, init: { labels }, tol };
  const start = await gaussianMixture(X, { ...options, maxIter: 0 });
  const arrays = {
    X: exchange.putMatrix(X),
    weights: exchange.put(start.weights, [nComponents]),
    means: exchange.putMatrix(start.means),
    covariances: exchange.put(start.covariances.data, start.covariances.shape),
    covariance_type: covarianceType,
    max_iter: maxIter,
    tol,
  };
  let iterations = 0;
  return {
    title: `gaussianMixture ${X.rows}×${X.cols} K=${nComponents} ${covarianceType}, one iteration (${fit.what}), ${X.dtype}`,
    peerTitle: 'scikit-learn GaussianMixture',
    peerPackage: 'sklearn',
    tolerance: X.dtype === 'float32' ? 1e-5 : 1e-9,
    async ours() {
      const [one] = await timed(() => gaussianMixture(X, { ...options, maxIter: 1 }));
      const [many, model] = await timed(() => gaussianMixture(X, { ...options, maxIter }));
      iterations = model.nIter;
      return { seconds: (many - one) / (model.nIter - 1), check: model.lowerBound };
    },
    async theirs(peer) {
      const answer = await peer.ask<{ seconds: number; lowerBound: number; iterations: number }>(
        'mixture',
        arrays,
      );
      if (answer.iterations !== iterations)
        throw new Error(`bench: ${fit.name}: ${iterations} iterations here, ${answer.iterations} there`);
      return { seconds: answer.seconds, check: answer.lowerBound };
    },
  };
}

/** n rows around k centers, close enough to share rows, in float32. */
function clouds(n: number, d: number, k: number): Matrix {
  const random = new Random(d);
  const spread = 5 / Math.sqrt(d);
  const centers = Float64Array.from({ length: k * d }, () => spread * random.normal());
  const data = Float32Array.from({ length: n * d }, (_, at) => {
    const c = Math.floor(at / d) % k;
    return centers[c * d + (at % d)]! + random.normal();
  });
  return new Matrix(data, n, d);
}
