import { mlpClassifier } from '../../src/nn/index.ts';
import type { Subjects } from '../subject.ts';

/** One epoch of the study's network. */
export const mlpSubject: Subjects = {
  name: 'mlp',
  async make({ pixels, labels }, exchange) {
    const arrays = {
      X: exchange.putMatrix(pixels),
      labels: exchange.put(labels, [labels.length]),
      epochs: 2,
    };
    return [
      {
        title: `mlpClassifier ${pixels.rows}×784-128-64-10 batch 32, one epoch, float32`,
        peerTitle: 'PyTorch, plain tensors',
        peerPackage: 'torch',
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
      },
    ];
  },
};
