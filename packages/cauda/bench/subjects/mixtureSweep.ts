import { gaussianMixture } from '../../src/index.ts';
import { studyActivations } from '../activations.ts';
import { type Subjects, timed } from '../subject.ts';

const MOST = 15;

/** The whole choice of K on both sides, each from its own K-means starts. */
export const mixtureSweepSubject: Subjects = {
  name: 'mixture-sweep',
  long: true,
  async make(data, exchange) {
    const X = await studyActivations(data);
    const path = exchange.putMatrix(X);
    return [
      {
        title: `gaussianMixture ${X.rows}×${X.cols} K=1…${MOST} full, K-means starts included, ${X.dtype}`,
        peerTitle: 'scikit-learn GaussianMixture',
        peerPackage: 'sklearn',
        tolerance: 0.02, // of the best bound: the starts differ
        async ours() {
          const [seconds, check] = await timed(async () => {
            let best = -Infinity;
            for (let nComponents = 1; nComponents <= MOST; nComponents++)
              best = Math.max(best, (await gaussianMixture(X, { nComponents })).lowerBound);
            return best;
          });
          return { seconds, check };
        },
        async theirs(peer) {
          const answer = await peer.ask<{ seconds: number; lowerBound: number }>('mixture_sweep', {
            X: path,
            most: MOST,
          });
          return { seconds: answer.seconds, check: answer.lowerBound };
        },
      },
    ];
  },
};
