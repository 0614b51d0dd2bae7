import type { Datasets } from '../data/datasets.ts';
import type { Problem } from './problem.ts';

/** Far: garments given to a network that knows digits. Pixels alone nearly solve it, so it never stands alone. */
export function mnistVsFashion({ mnist, fashionMnist }: Datasets): Problem {
  return {
    protocol: 'Fashion-MNIST',
    train: mnist.train,
    id: mnist.test,
    ood: { 'Fashion-MNIST': fashionMnist.test },
  };
}
