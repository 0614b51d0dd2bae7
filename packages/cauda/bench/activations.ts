import type { Matrix } from '../src/index.ts';
import { mlpClassifier } from '../src/nn/index.ts';
import type { BenchData } from './data.ts';

let activations: Promise<Matrix> | undefined;

/** The second hidden layer of the study's network on the training set, before ReLU; trained once a run. */
export function studyActivations({ pixels, labels }: BenchData): Promise<Matrix> {
  activations ??= mlpClassifier(pixels, labels, { epochs: 10 }).then(
    (net) => net.activations(pixels).before[1]!,
  );
  return activations;
}
