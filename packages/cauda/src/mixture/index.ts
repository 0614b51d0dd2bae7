export { bayesianGaussianMixture } from './bayesian/bayesianGaussianMixture.ts';
export { BayesianGaussianMixtureModel, type SavedBayesianGaussianMixture } from './bayesian/model.ts';
export type { BayesianGaussianMixtureOptions, WeightConcentrationPriorType } from './bayesian/options.ts';
export { type ClassGaussianMixtureOptions, classGaussianMixture } from './classGaussianMixture.ts';
export type { CovarianceType } from './covariance/type.ts';
export { gaussianMixture, gaussianMixtureStep } from './gaussianMixture.ts';
export { type GaussianMixtureStep, gaussianMixtureSteps } from './gaussianMixtureSteps.ts';
export type { GaussianMixtureInit } from './init.ts';
export type { ScoreOptions } from './model/criteria.ts';
export type { MixturePartialFitOptions } from './model/partialFit.ts';
export type { SampleOptions } from './model/sample.ts';
export { GaussianMixtureModel, type SavedGaussianMixture } from './model.ts';
export type { GaussianMixtureOptions, MissingEntries } from './options.ts';
export type { GaussianMixtureCandidate } from './select/candidate.ts';
export type { SelectGaussianMixtureCriterion } from './select/reason.ts';
export {
  type GaussianMixtureSelection,
  type SelectGaussianMixtureOptions,
  selectGaussianMixture,
} from './select/selectGaussianMixture.ts';
