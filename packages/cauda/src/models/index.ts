import { BisectingKMeansModel } from '../cluster/bisecting/bisectingModel.ts';
import { MiniBatchKMeansModel } from '../cluster/miniBatch/miniBatchModel.ts';
import { KMeansModel } from '../cluster/model.ts';
import { PcaModel } from '../decompose/pca.ts';
import { BayesianGaussianMixtureModel } from '../mixture/bayesian/model.ts';
import { GaussianMixtureModel } from '../mixture/model.ts';
import { type FittedPipeline, pipelineReader } from '../pipeline/pipeline.ts';
import { StandardScalerModel } from '../preprocess/standardScaler.ts';
import type { Reader } from '../serialize.ts';

/** Whatever can be a step of a pipeline. */
type Step =
  | StandardScalerModel
  | PcaModel
  | KMeansModel
  | MiniBatchKMeansModel
  | BisectingKMeansModel
  | GaussianMixtureModel
  | BayesianGaussianMixtureModel;

const steps: readonly Reader<Step>[] = [
  StandardScalerModel,
  PcaModel,
  KMeansModel,
  MiniBatchKMeansModel,
  BisectingKMeansModel,
  GaussianMixtureModel,
  BayesianGaussianMixtureModel,
];

/** Whatever `allReaders` reads. */
export type AnyModel = Step | FittedPipeline;

/**
 * A reader for every model of Cauda, for `loadModel` of `cauda/io`. Whoever knows what may come hands over those classes
 * alone, and a bundler leaves the others out.
 */
export const allReaders: readonly Reader<AnyModel>[] = Object.freeze([...steps, pipelineReader(steps)]);
