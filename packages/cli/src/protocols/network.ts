import type { FitControl, Matrix } from 'cauda';
import { type MlpClassifier, type MlpClassifierOptions, type MlpViews, mlpClassifier } from 'cauda/nn';
import type { Split } from '../data/datasets.ts';
import { pixels } from '../study/study.ts';
import { SIDE } from './corruptions/corruption.ts';

/** The training of every network that is guarded. */
export const networkOptions: MlpClassifierOptions = {
  hiddenLayers: [128, 64],
  optimizer: { name: 'adam', learningRate: 0.002 },
  schedule: 'cosine',
  batchSize: 128,
  epochs: 20,
  augment: { shape: [SIDE, SIDE], shift: 1 },
};

/** What a network makes of images; detectors take what they need. */
export interface ImageViews extends MlpViews {
  /** Grey values divided by 255. */
  readonly pixels: Matrix;
}

/** What detectors are fitted on. */
export interface Training extends ImageViews {
  readonly network: MlpClassifier;
  /** The place of each row's digit among the network's classes. */
  readonly labels: Int32Array;
}

/** Trains a network on the digits of `train`. */
export function trainNetwork(train: Split, control: FitControl): Promise<MlpClassifier> {
  return mlpClassifier(pixels(train, 255), train.labels, { ...networkOptions, ...control });
}

export function imageViewsOf(network: MlpClassifier, split: Split): ImageViews {
  const images = pixels(split, 255);
  return { pixels: images, ...network.views(images) };
}

export function trainingOf(network: MlpClassifier, train: Split): Training {
  const labels = Int32Array.from(train.labels, (digit) => network.classes.indexOf(digit));
  return { ...imageViewsOf(network, train), network, labels };
}
