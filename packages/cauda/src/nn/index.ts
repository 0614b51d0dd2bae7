export type { DenseLayer } from './layers.ts';
export { mlpClassifier } from './mlpClassifier.ts';
export {
  type Activations,
  MlpClassifier,
  type MlpViews,
  type SavedDenseLayer,
  type SavedMlpClassifier,
} from './model.ts';
export type { AdamOptions, AugmentOptions, MlpClassifierOptions, SgdOptions } from './options.ts';
