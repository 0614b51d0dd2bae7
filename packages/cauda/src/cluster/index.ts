export { type BisectingKMeansOptions, bisectingKMeans } from './bisecting/bisectingKMeans.ts';
export { BisectingKMeansModel } from './bisecting/bisectingModel.ts';
export type { Splits } from './bisecting/leaves.ts';
export { kmeans, kmeansStep } from './kmeans.ts';
export { type KMeansStep, kmeansSteps } from './kmeansSteps.ts';
export { miniBatchKMeans, miniBatchKMeansStep } from './miniBatch/miniBatchKMeans.ts';
export { MiniBatchKMeansModel, type PartialFitOptions } from './miniBatch/miniBatchModel.ts';
export { type MiniBatchStep, miniBatchSteps } from './miniBatch/miniBatchSteps.ts';
export type { MiniBatchKMeansOptions } from './miniBatch/options.ts';
export { KMeansModel } from './model.ts';
export type { KMeansOptions, Metric, Missing } from './options.ts';
export { type KMeansPlusPlusOptions, kmeansPlusPlus } from './seeding/kmeansPlusPlus.ts';
export { type Gap, type GapStatisticOptions, gapStatistic } from './select/gap.ts';
export {
  type KMeansCandidate,
  type KMeansSelection,
  type SelectKMeansCriterion,
  type SelectKMeansOptions,
  selectKMeans,
} from './select/selectKMeans.ts';
export type { SweepOptions } from './select/sweep.ts';
