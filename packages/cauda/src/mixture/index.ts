export { bayesianGaussianMixture } from './bayesianGaussianMixture.ts';
export { BayesianGaussianMixtureModel } from './bayesianModel.ts';
export type { BayesianGaussianMixtureOptions, WeightConcentrationPriorType } from './bayesianOptions.ts';
export { type ClassGaussianMixtureOptions, classGaussianMixture } from './classGaussianMixture.ts';
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
export type { CovarianceType } from './shape.ts';
