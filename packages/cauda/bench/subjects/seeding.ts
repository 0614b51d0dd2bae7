import { kmeansPlusPlus } from '../../src/index.ts';
import { type Subjects, timed } from '../subject.ts';

/** One k-means++ seeding. */
export const seedingSubject: Subjects = {
  name: 'seeding',
  async make({ standardized: X }, exchange) {
    const path = exchange.putMatrix(X);
    let seed = 0;
    return [
      {
        title: `kmeansPlusPlus ${X.rows}×${X.cols} K=10, float32`,
        peerTitle: 'scikit-learn kmeans_plusplus',
        peerPackage: 'sklearn',
        tolerance: 0,
        async ours() {
          const [seconds] = await timed(() => kmeansPlusPlus(X, { nClusters: 10, seed: seed++ }));
          return { seconds, check: 0 };
        },
        async theirs(peer) {
          const { seconds } = await peer.ask<{ seconds: number }>('seeding', { X: path, k: 10, runs: 1 });
          return { seconds, check: 0 };
        },
      },
    ];
  },
};
