export { bayesianGaussianMixture } from './bayesian/bayesianGaussianMixture.ts';
export { BayesianGaussianMixtureModel } from './bayesian/model.ts';
export type { BayesianGaussianMixtureOptions, WeightConcentrationPriorType } from './bayesian/options.ts';
export { type ClassGaussianMixtureOptions, classGaussianMixture } from './classGaussianMixture.ts';
export type { CovarianceType } from './covariance/type.ts';
export { gaussianMixture } from './gaussianMixture.ts';
export { GaussianMixtureModel, type MixturePartialFitOptions } from './model.ts';
export type {
  GaussianMixtureInit,
  GaussianMixtureOptions,
  MissingEntries,
} from './options.ts';
export {
  type GaussianMixtureSelection,
  type SelectGaussianMixtureOptions,
  type SelectionCandidate,
  type SelectionCriterion,
  selectGaussianMixture,
} from './selectGaussianMixture.ts';
