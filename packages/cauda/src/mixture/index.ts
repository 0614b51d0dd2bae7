export { gaussianMixture } from './gaussianMixture.ts';
export { GaussianMixtureModel } from './model.ts';
export type { CovarianceType, GaussianMixtureInit, GaussianMixtureOptions } from './options.ts';
