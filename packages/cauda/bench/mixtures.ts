import {
  type CovarianceType,
  type GaussianMixtureModel,
  gaussianMixture,
  kmeans,
  Matrix,
  Random,
} from '../src/index.ts';
import { mlpClassifier } from '../src/nn/index.ts';
import type { BenchData, Exchange } from './data.ts';
import type { Peer } from './peer.ts';
import type { Subject } from './subject.ts';

/** EM from one start on both sides: seconds an iteration, checked by the lower bound and the number of iterations. */
interface Fit {
  readonly name: string;
  readonly of: string;
  readonly X: Matrix;
  readonly nComponents: number;
  readonly covarianceType: CovarianceType;
  /** Iterations if `tol` is 0, else at most. */
  readonly maxIter: number;
  readonly tol: number;
}

/** Mixtures on the activations of the study's network and on clouds of other shapes, beside scikit-learn. */
export async function mixtureSubjects(data: BenchData, exchange: Exchange): Promise<Subject[]> {
  const activations = await studyActivations(data);
  const fits: Fit[] = [];
  for (const covarianceType of ['full', 'tied', 'diag', 'spherical'] as const)
    for (const X of [activations, inFloat64(activations)])
      fits.push({
        name: `mixture-${covarianceType}-${X.dtype}`,
        of: 'activations, to convergence',
        X,
        nComponents: 11,
        covarianceType,
        maxIter: 100,
        tol: 1e-3,
      });
  for (const [n, d, k] of [
    [200_000, 8, 20],
    [20_000, 256, 8],
    [5_000, 784, 3],
  ] as const)
    fits.push({
      name: `mixture-${n}x${d}`,
      of: 'overlapping clouds, 8 iterations',
      X: clouds(n, d, k),
      nComponents: k,
      covarianceType: 'full',
      maxIter: 8,
      tol: 0,
    });
  return [
    ...(await Promise.all(fits.map((fit) => fitSubject(fit, exchange)))),
    await rowSubject(activations, exchange),
  ];
}

/** The whole choice of K on both sides, each from its own K-means starts. Minutes for scikit-learn. */
export async function sweepSubject(data: BenchData, exchange: Exchange): Promise<Subject> {
  const X = await studyActivations(data);
  const path = exchange.putMatrix(X);
  const most = 15;
  return {
    name: 'mixture-sweep',
    title: `gaussianMixture ${X.rows}×${X.cols} K=1…${most} full, K-means starts included, ${X.dtype}`,
    peerTitle: 'scikit-learn GaussianMixture',
    tolerance: 0.02, // of the best bound: the starts differ
    async ours() {
      const start = performance.now();
      let best = -Infinity;
      for (let nComponents = 1; nComponents <= most; nComponents++)
        best = Math.max(best, (await gaussianMixture(X, { nComponents })).lowerBound);
      return { seconds: (performance.now() - start) / 1000, check: best };
    },
    async theirs(peer) {
      const { seconds, lowerBound } = await peer.ask<Answer>('mixture_sweep', { X: path, most });
      return { seconds, check: lowerBound };
    },
  };
}

interface Answer {
  readonly seconds: number;
  readonly lowerBound: number;
  readonly iterations: number;
}

async function fitSubject(fit: Fit, exchange: Exchange): Promise<Subject> {
  const { X, nComponents, covarianceType, maxIter, tol } = fit;
  // a short K-means: nearer to a start than to an end
  const { labels } = await kmeans(X, { nClusters: nComponents, maxIter: 5 });
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
    name: fit.name,
    title: `gaussianMixture ${X.rows}×${X.cols} K=${nComponents} ${covarianceType}, one iteration (${fit.of}), ${X.dtype}`,
    peerTitle: 'scikit-learn GaussianMixture',
    tolerance: X.dtype === 'float32' ? 1e-5 : 1e-9,
    async ours() {
      const timed = async (most: number): Promise<[number, GaussianMixtureModel]> => {
        const begin = performance.now();
        const model = await gaussianMixture(X, { ...options, maxIter: most });
        return [(performance.now() - begin) / 1000, model];
      };
      const [one] = await timed(1);
      const [many, model] = await timed(maxIter);
      iterations = model.nIter;
      return { seconds: (many - one) / (model.nIter - 1), check: model.lowerBound };
    },
    async theirs(peer) {
      const answer = await peer.ask<Answer>('mixture', arrays);
      if (answer.iterations !== iterations)
        throw new Error(`bench: ${fit.name}: ${iterations} iterations here, ${answer.iterations} there`);
      return { seconds: answer.seconds, check: answer.lowerBound };
    },
  };
}

/** A thousand calls with one row each. */
async function rowSubject(X: Matrix, exchange: Exchange): Promise<Subject> {
  const model = await gaussianMixture(X, { nComponents: 11, maxIter: 3 });
  const rows = Array.from({ length: 1000 }, (_, i) => new Matrix(X.row(i).slice(), 1, X.cols));
  const paths = {
    X: exchange.putMatrix(X),
    weights: exchange.put(model.weights, [11]),
    means: exchange.putMatrix(model.means),
    covariances: exchange.put(model.covariances.data, model.covariances.shape),
    covariance_type: 'full',
  };
  return {
    name: 'mixture-row',
    title: `scoreSamples of one row, K=11, d=${X.cols}, ${X.dtype}`,
    peerTitle: 'scikit-learn score_samples',
    tolerance: 1e-5,
    async ours() {
      let sum = 0;
      for (const row of rows) sum += model.scoreSamples(row)[0]!; // a warm-up of its own
      const start = performance.now();
      sum = 0;
      for (const row of rows) sum += model.scoreSamples(row)[0]!;
      return { seconds: (performance.now() - start) / 1000 / rows.length, check: sum };
    },
    async theirs(peer: Peer) {
      const { seconds, lowerBound } = await peer.ask<Answer>('mixture_rows', paths);
      return { seconds, check: lowerBound };
    },
  };
}

let activations: Promise<Matrix> | undefined;

/** What the second hidden layer of the study's network says of the training set, before ReLU. */
function studyActivations({ pixels, labels }: BenchData): Promise<Matrix> {
  activations ??= mlpClassifier(pixels, labels, { epochs: 10 }).then(
    (net) => net.activations(pixels).before[1]!,
  );
  return activations;
}

function inFloat64({ data, rows, cols }: Matrix): Matrix {
  return new Matrix(Float64Array.from(data), rows, cols);
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
