import type { Datasets } from '../data/datasets.ts';
import type { Problem } from './problem.ts';

/**
 * Far outliers: garments, for a network that knows digits. Their pixels alone nearly tell them apart, so this problem
 * should never be reported alone.
 */
export function mnistVsFashion({ mnist, fashionMnist }: Datasets): Problem {
  return {
    protocol: 'Fashion-MNIST',
    train: mnist.train,
    id: mnist.test,
    ood: { 'Fashion-MNIST': fashionMnist.test },
  };
}
