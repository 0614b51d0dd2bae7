export { type BisectingKMeansOptions, bisectingKMeans } from './bisectingKMeans.ts';
export { BisectingKMeansModel, type Splits } from './bisectingModel.ts';
export type { Candidates, SweepOptions } from './candidates.ts';
export { type Gap, type GapStatisticOptions, gapStatistic } from './gap.ts';
export { type KMeansPlusPlusOptions, kmeansPlusPlus } from './init.ts';
export { kmeans } from './kmeans.ts';
export { type MiniBatchKMeansOptions, miniBatchKMeans } from './miniBatchKMeans.ts';
export { MiniBatchKMeansModel, type PartialFitOptions } from './miniBatchModel.ts';
export { KMeansModel } from './model.ts';
export type { KMeansOptions, Metric, Missing } from './options.ts';
export {
  type KMeansCandidate,
  type KMeansSelection,
  type SelectKMeansCriterion,
  type SelectKMeansOptions,
  selectKMeans,
} from './select.ts';
