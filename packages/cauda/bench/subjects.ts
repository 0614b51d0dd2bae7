import {
  type GaussianMixtureModel,
  gaussianMixture,
  kmeans,
  kmeansPlusPlus,
  type Matrix,
} from '../src/index.ts';
import { mlpClassifier } from '../src/nn/index.ts';
import type { BenchData, Exchange } from './data.ts';
import type { Peer } from './peer.ts';

/** What one side took, and what its result must agree on before a time is believed. */
interface Measured {
  readonly seconds: number;
  readonly check: number;
}

/** One row of the table. */
export interface Subject {
  readonly name: string;
  /** What is timed, and against what. */
  readonly title: string;
  readonly peerTitle: string;
  /** Largest relative difference of the two checks. */
  readonly tolerance: number;
  ours(): Promise<Measured>;
  theirs(peer: Peer): Promise<Measured>;
}

const timed = async <T>(body: () => Promise<T>): Promise<[seconds: number, result: T]> => {
  const start = performance.now();
  const result = await body();
  return [(performance.now() - start) / 1000, result];
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** K-means from the class means to convergence, preparation included. */
export function lloydSubject({ standardised: X, classMeans }: BenchData, exchange: Exchange): Subject {
  const arrays = { X: exchange.putMatrix(X), init: exchange.putMatrix(classMeans) };
  return {
    name: 'lloyd',
    title: `kmeans ${X.rows}×${X.cols} K=10, class-mean start to convergence, float32`,
    peerTitle: 'scikit-learn KMeans(algorithm="lloyd")',
    tolerance: 1e-5,
    async ours() {
      const [seconds, model] = await timed(() => kmeans(X, { nClusters: 10, init: classMeans }));
      return { seconds, check: model.inertia };
    },
    async theirs(peer) {
      const { seconds, inertia } = await peer.ask<{ seconds: number; inertia: number }>('lloyd', arrays);
      return { seconds, check: inertia };
    },
  };
}

/** One k-means++ seeding. */
export function seedingSubject({ standardised: X }: BenchData, exchange: Exchange): Subject {
  const path = exchange.putMatrix(X);
  let seed = 0;
  return {
    name: 'seeding',
    title: `kmeansPlusPlus ${X.rows}×${X.cols} K=10, float32`,
    peerTitle: 'scikit-learn kmeans_plusplus',
    tolerance: 0,
    async ours() {
      const [seconds] = await timed(() => kmeansPlusPlus(X, { nClusters: 10, seed: seed++ }));
      return { seconds, check: 0 };
    },
    async theirs(peer) {
      const { seconds } = await peer.ask<{ seconds: number }>('seeding', { X: path, k: 10, runs: 1 });
      return { seconds, check: 0 };
    },
  };
}

const EM_ITERATIONS = 10;

/** Seconds per EM iteration from the same start, on the activations of the study's network. */
export async function emSubjects({ pixels, labels }: BenchData, exchange: Exchange): Promise<Subject[]> {
  const net = await mlpClassifier(pixels, labels, { epochs: 10 });
  const X = net.activations(pixels).before[1]!;
  const { labels: clusters } = await kmeans(X, { nClusters: 11 });
  const start = await gaussianMixture(X, { nComponents: 11, init: { labels: clusters }, maxIter: 0 });
  const precisions = inverses(start);
  const arrays = {
    weights: exchange.put(start.weights, [11]),
    means: exchange.putMatrix(start.means),
    precisions: exchange.put(precisions.data, precisions.shape),
    iterations: EM_ITERATIONS,
  };
  const subject = (values: Matrix, tolerance: number): Subject => {
    const path = exchange.putMatrix(values);
    return {
      name: `em-${values.dtype}`,
      title: `gaussianMixture ${X.rows}×${X.cols} K=11 full, one EM iteration, ${values.dtype}`,
      peerTitle: 'scikit-learn GaussianMixture',
      tolerance,
      async ours() {
        const times: number[] = [performance.now()];
        const model = await gaussianMixture(values, {
          nComponents: 11,
          init: { weights: start.weights, means: start.means, precisions },
          maxIter: 1 + EM_ITERATIONS,
          tol: 0,
          onProgress: () => times.push(performance.now()),
        });
        const iterations = times.slice(2).map((time, i) => (time - times[i + 1]!) / 1000);
        return { seconds: median(iterations), check: model.lowerBound };
      },
      async theirs(peer) {
        const answer = await peer.ask<{ seconds: number; lowerBound: number }>('em', { X: path, ...arrays });
        return { seconds: answer.seconds, check: answer.lowerBound };
      },
    };
  };
  const wide = X.dtype === 'float32' ? Float64Array.from(X.data) : X.data;
  const X64 = new (X.constructor as typeof Matrix)(wide, X.rows, X.cols);
  return [subject(X, 1e-5), subject(X64, 1e-9)];
}

/** Σ⁻¹ of each component, by Gauss and Jordan; the start is well conditioned. */
function inverses({ covariances: { data, shape } }: GaussianMixtureModel): {
  data: Float64Array;
  shape: readonly number[];
} {
  const [k = 0, d = 0] = shape;
  const out = new Float64Array(data.length);
  for (let c = 0; c < k; c++) {
    const a = Array.from({ length: d }, (_, i) => [
      ...data.subarray((c * d + i) * d, (c * d + i + 1) * d),
      ...Array.from({ length: d }, (_, j) => +(i === j)),
    ]);
    for (let p = 0; p < d; p++) {
      const pivot = a[p]![p]!;
      a[p] = a[p]!.map((value) => value / pivot);
      for (let i = 0; i < d; i++) {
        const factor = a[i]![p]!;
        if (i !== p && factor !== 0) a[i] = a[i]!.map((value, j) => value - factor * a[p]![j]!);
      }
    }
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++) out[(c * d + i) * d + j] = (a[i]![d + j]! + a[j]![d + i]!) / 2;
  }
  return { data: out, shape };
}

/** One epoch of the study's network. */
export function mlpSubject({ pixels, labels }: BenchData, exchange: Exchange): Subject {
  const arrays = { X: exchange.putMatrix(pixels), labels: exchange.put(labels, [labels.length]), epochs: 2 };
  return {
    name: 'mlp',
    title: `mlpClassifier ${pixels.rows}×784-128-64-10 batch 32, one epoch, float32`,
    peerTitle: 'PyTorch, plain tensors',
    tolerance: 0.15, // two seeds of the same network after two epochs
    async ours() {
      const times: number[] = [];
      const net = await mlpClassifier(pixels, labels, {
        epochs: 3,
        onProgress: () => times.push(performance.now()),
      });
      return { seconds: (times[2]! - times[0]!) / 2000, check: net.lossCurve[1]! };
    },
    async theirs(peer) {
      const { seconds, losses } = await peer.ask<{ seconds: number; losses: number[] }>('mlp', arrays);
      return { seconds, check: losses[1]! };
    },
  };
}
