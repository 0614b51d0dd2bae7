import { gaussianMixture, Matrix } from '../../src/index.ts';
import { studyActivations } from '../activations.ts';
import type { Subjects } from '../subject.ts';

/** A thousand calls with one row each. */
export const mixtureRowSubject: Subjects = {
  name: 'mixture-row',
  async make(data, exchange) {
    const X = await studyActivations(data);
    const model = await gaussianMixture(X, { nComponents: 11, maxIter: 3 });
    const rows = Array.from({ length: 1000 }, (_, i) => new Matrix(X.row(i).slice(), 1, X.cols));
    const arrays = {
      X: exchange.putMatrix(X),
      weights: exchange.put(model.weights, [11]),
      means: exchange.putMatrix(model.means),
      covariances: exchange.put(model.covariances.data, model.covariances.shape),
      covariance_type: 'full',
    };
    return [
      {
        title: `scoreSamples of one row, K=11, d=${X.cols}, ${X.dtype}`,
        peerTitle: 'scikit-learn score_samples',
        peerPackage: 'sklearn',
        tolerance: 1e-5,
        async ours() {
          let sum = 0;
          for (const row of rows) sum += model.scoreSamples(row)[0]!; // a warm-up of its own
          const start = performance.now();
          sum = 0;
          for (const row of rows) sum += model.scoreSamples(row)[0]!;
          return { seconds: (performance.now() - start) / 1000 / rows.length, check: sum };
        },
        async theirs(peer) {
          const answer = await peer.ask<{ seconds: number; sum: number }>('mixture_rows', arrays);
          return { seconds: answer.seconds, check: answer.sum };
        },
      },
    ];
  },
};
