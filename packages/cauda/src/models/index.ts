import { BisectingKMeansModel } from '../cluster/bisecting/bisectingModel.ts';
import { MiniBatchKMeansModel } from '../cluster/miniBatch/miniBatchModel.ts';
import { KMeansModel } from '../cluster/model.ts';
import { PcaModel } from '../decompose/pca.ts';
import { BayesianGaussianMixtureModel } from '../mixture/bayesian/model.ts';
import { GaussianMixtureModel } from '../mixture/model.ts';
import { MlpClassifier } from '../nn/model.ts';
import type { Detector } from '../ood/detectors/base/detector.ts';
import { Calibration } from '../ood/guarantees/calibrateScores.ts';
import { Monitor } from '../ood/guarantees/monitor.ts';
import { detectorFromJSON, detectorReader } from '../ood/guard/detectorFromJSON.ts';
import type { Guard } from '../ood/guard/guard.ts';
import { guardReader, loadGuard } from '../ood/guard/loadGuard.ts';
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

/** Detectors, behind whatever steps of Cauda prepare their views. */
const detectors: Reader<Detector> = {
  format: detectorReader.format,
  fromJSON: (value) => detectorFromJSON(value, { steps }),
};

/** Guards, with the network that their file carries. */
const guards: Reader<Guard> = {
  format: guardReader.format,
  fromJSON: (value) => loadGuard(value as object, { networks: [MlpClassifier], steps }),
};

/** Whatever `allReaders` reads. */
export type AnyModel = Step | FittedPipeline | MlpClassifier | Detector | Guard | Calibration | Monitor;

/**
 * A reader for every model of Cauda, for `loadModel` of `cauda/io`. Whoever knows what may come hands over those classes
 * alone, and a bundler leaves the others out.
 */
export const allReaders: readonly Reader<AnyModel>[] = Object.freeze([
  ...steps,
  pipelineReader(steps),
  MlpClassifier,
  detectors,
  guards,
  Calibration,
  Monitor,
]);
