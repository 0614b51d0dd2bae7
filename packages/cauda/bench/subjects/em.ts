import { type GaussianMixtureModel, gaussianMixture, kmeans, type Matrix } from '../../src/index.ts';
import { mlpClassifier } from '../../src/nn/index.ts';
import type { BenchData, Exchange } from '../data.ts';
import { median, type Subject } from '../subject.ts';

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
