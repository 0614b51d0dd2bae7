export { type KMeansPlusPlusOptions, kmeansPlusPlus } from './init.ts';
export { KMeansModel, kmeans } from './kmeans.ts';
export type { KMeansOptions, Missing } from './options.ts';
