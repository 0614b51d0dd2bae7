export {
  BisectingKMeansModel,
  type BisectingKMeansOptions,
  bisectingKMeans,
  type Gap,
  type GapStatisticOptions,
  gapStatistic,
  type KMeansCandidate,
  KMeansModel,
  type KMeansOptions,
  type KMeansPlusPlusOptions,
  type KMeansSelection,
  type KMeansStep,
  kmeans,
  kmeansPlusPlus,
  kmeansStep,
  kmeansSteps,
  type Metric,
  MiniBatchKMeansModel,
  type MiniBatchKMeansOptions,
  type MiniBatchStep,
  type Missing,
  miniBatchKMeans,
  miniBatchKMeansStep,
  miniBatchSteps,
  type PartialFitOptions,
  type SelectKMeansCriterion,
  type SelectKMeansOptions,
  type Splits,
  type SweepOptions,
  selectKMeans,
} from './cluster/index.ts';
export { type CsrLike, CsrMatrix } from './csr.ts';
export type { PcaOptions, SavedPca } from './decompose/pca.ts';
export { PcaModel, pca, pcaStep } from './decompose/pca.ts';
export type { FloatArray, MatrixLike, NumericArray, TensorData } from './matrix.ts';
export { Matrix } from './matrix.ts';
export type { Labels } from './metrics/contingency.ts';
export { confusionMatrix, contingencyMatrix, purityScore } from './metrics/contingency.ts';
export { calinskiHarabaszScore, daviesBouldinScore } from './metrics/dispersion.ts';
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
export type { SilhouetteOptions, SilhouetteScoreOptions } from './metrics/silhouette.ts';
export { silhouetteSamples, silhouetteScore } from './metrics/silhouette.ts';
export {
  BayesianGaussianMixtureModel,
  type BayesianGaussianMixtureOptions,
  bayesianGaussianMixture,
  type ClassGaussianMixtureOptions,
  type CovarianceType,
  classGaussianMixture,
  type GaussianMixtureCandidate,
  type GaussianMixtureInit,
  GaussianMixtureModel,
  type GaussianMixtureOptions,
  type GaussianMixtureSelection,
  type GaussianMixtureStep,
  gaussianMixture,
  gaussianMixtureStep,
  gaussianMixtureSteps,
  type MissingEntries,
  type MixturePartialFitOptions,
  type SampleOptions,
  type SavedBayesianGaussianMixture,
  type SavedGaussianMixture,
  type ScoreOptions,
  type SelectGaussianMixtureCriterion,
  type SelectGaussianMixtureOptions,
  selectGaussianMixture,
  type WeightConcentrationPriorType,
} from './mixture/index.ts';
export type { BatchControl } from './parallel/batchControl.ts';
export type { FitControl, ProgressEvent } from './parallel/session.ts';
export { FittedPipeline, type Pipeline, pipeline, pipelineReader } from './pipeline/pipeline.ts';
export type { Step, StepModel } from './pipeline/step.ts';
export type { SavedStandardScaler, StandardScalerOptions } from './preprocess/standardScaler.ts';
export { StandardScalerModel, standardScaler, standardScalerStep } from './preprocess/standardScaler.ts';
export { Random } from './random.ts';
export type { Counts, Selection } from './selection.ts';
export type { MatrixSource } from './source.ts';
export { type Estimator, type Tags, tags } from './tags.ts';
export type { TensorFormat } from './tensor.ts';
export type { FeatureMap, Network, Views } from './views.ts';
