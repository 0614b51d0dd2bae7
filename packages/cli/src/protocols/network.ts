import type { FitControl, Matrix } from 'cauda';
import { type MlpClassifier, type MlpClassifierOptions, type MlpViews, mlpClassifier } from 'cauda/nn';
import type { Split } from '../data/datasets.ts';
import { pixels, SIDE } from '../data/images.ts';

/** How every network is trained. */
export const networkOptions: MlpClassifierOptions = {
  hiddenLayers: [128, 64],
  optimizer: { name: 'adam', learningRate: 0.002 },
  schedule: 'cosine',
  batchSize: 128,
  epochs: 20,
  augment: { shape: [SIDE, SIDE], shift: 1 },
};

/** A network's views of some images. Each detector takes those that it needs. */
export interface ImageViews extends MlpViews {
  /** Gray values divided by 255. */
  readonly pixels: Matrix;
}

/** What detectors are fitted to. */
export interface Training extends ImageViews {
  readonly network: MlpClassifier;
  /** For each row, the place of its digit among the network's classes. */
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
