export { type KMeansOptions, KMeansModel, type KMeansPlusPlusOptions, kmeans, kmeansPlusPlus, type Missing } from './cluster/index.ts';
export type { FloatArray, MatrixLike, NumericArray } from './matrix.ts';
export { Matrix } from './matrix.ts';
export type { Labels } from './metrics/contingency.ts';
export { confusionMatrix, contingencyMatrix, purityScore } from './metrics/contingency.ts';
export type { AverageOptions, VMeasureOptions } from './metrics/information.ts';
export {
  adjustedMutualInfoScore,
  completenessScore,
  homogeneityScore,
  mutualInfoScore,
  normalizedMutualInfoScore,
  vMeasureScore,
} from './metrics/information.ts';
export { adjustedRandScore, fowlkesMallowsScore, pairConfusionMatrix, randScore } from './metrics/pairs.ts';
export type { FitControl, ProgressEvent } from './parallel/session.ts';
export type { SavedStandardScaler, StandardScalerOptions } from './preprocess/standardScaler.ts';
export { StandardScalerModel, standardScaler } from './preprocess/standardScaler.ts';
export { Random } from './random.ts';
