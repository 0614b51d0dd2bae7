export { type BisectingKMeansOptions, bisectingKMeans } from './bisectingKMeans.ts';
export { BisectingKMeansModel, type Splits } from './bisectingModel.ts';
export { type KMeansPlusPlusOptions, kmeansPlusPlus } from './init.ts';
export { kmeans } from './kmeans.ts';
export { type MiniBatchKMeansOptions, miniBatchKMeans } from './miniBatchKMeans.ts';
export { MiniBatchKMeansModel, type PartialFitOptions } from './miniBatchModel.ts';
export { KMeansModel } from './model.ts';
export type { KMeansOptions, Metric, Missing } from './options.ts';
