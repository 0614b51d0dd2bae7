export type { BatchControl } from '../parallel/batchControl.ts';
export type { FieldReader, Reader, SavedReader } from '../serialize.ts';
export type { FeatureMap, Network, Views } from '../views.ts';
export {
  Detector,
  type DetectorKind,
  type Examination,
  type ExaminedPart,
  type InnerReader,
  type SavedDetector,
} from './detectors/base/detector.ts';
export type { MatrixViews } from './detectors/base/matrixViews.ts';
export { type CombineOptions, combine, type Member } from './detectors/combine.ts';
export { fdbd, type NciOptions, nci, she } from './detectors/directions.ts';
export {
  type ClassGaussiansOptions,
  type CovarianceOptions,
  classGaussians,
  type MixtureDetectorOptions,
  mahalanobis,
  mixtureDetector,
  relativeMahalanobis,
} from './detectors/gaussians.ts';
export type { Head } from './detectors/head.ts';
export { type KnnOptions, knn } from './detectors/knn.ts';
export {
  energy,
  entropy,
  type GeneralizedEntropyOptions,
  generalizedEntropy,
  klMatching,
  maxLogit,
  maxSoftmax,
  type TemperatureOptions,
  temperatureScaling,
} from './detectors/logits.ts';
export type { Preparation } from './detectors/preparation.ts';
export { type Prepared, prepared } from './detectors/prepared.ts';
export {
  type AshOptions,
  ash,
  dice,
  type PercentileOptions,
  react,
  scale,
} from './detectors/reshape.ts';
export {
  type PcaResidualOptions,
  pcaResidual,
  residual,
  type SubspaceOptions,
  vim,
} from './detectors/subspace.ts';
export { fitTemperature } from './detectors/temperature.ts';
export type {
  FeatureTraining,
  HeadTraining,
  LabeledFeatures,
  LabeledHeadTraining,
  LabeledLogits,
} from './detectors/training.ts';
export type { BootstrapOptions, Interval } from './evaluation/bootstrap.ts';
export { bootstrap } from './evaluation/bootstrap.ts';
export {
  type EvaluateOptions,
  type Evaluation,
  type EvaluationData,
  type EvaluationRow,
  evaluate,
  type Scorer,
} from './evaluation/evaluate.ts';
export type { AuprOptions, Figures, FprAtTprOptions, Positive, RocCurve } from './evaluation/metrics.ts';
export { aupr, auroc, detectionError, fprAtTpr, rocCurve } from './evaluation/metrics.ts';
export type { CountedScores, Scores } from './evaluation/scores.ts';
export type { CalibrateOptions, FalseAlarmInterval, SavedCalibration } from './guarantees/calibrateScores.ts';
export { Calibration, calibrateScores, calibrationRowsNeeded } from './guarantees/calibrateScores.ts';
export type { ConditionalMethod, ConditionalOptions } from './guarantees/conditional.ts';
export { conditionalPValues } from './guarantees/conditional.ts';
export type { ConformalOptions, LabelConditionalOptions } from './guarantees/conformal.ts';
export { conformalPValues, labelConditionalPValues } from './guarantees/conformal.ts';
export type { MonitorOptions, MonitorState, MonitorStep, SavedMonitor } from './guarantees/monitor.ts';
export { Monitor, monitor } from './guarantees/monitor.ts';
export type { SelectOutliersOptions } from './guarantees/selectOutliers.ts';
export { selectOutliers } from './guarantees/selectOutliers.ts';
export { AutoGuard, type AutoGuardOptions, autoGuard } from './guard/auto/autoGuard.ts';
export type { GuardChoice } from './guard/auto/evidence.ts';
export type { GuardCandidate } from './guard/auto/ladder.ts';
export type { GuardTraining, LayerSteps } from './guard/auto/training.ts';
export { calibrate } from './guard/calibrate.ts';
export type { GuardInput, GuardOptions, Provenance, RecalibrateOptions } from './guard/calibrated.ts';
export {
  type AnyDetectorKind,
  type DetectorFromJSONOptions,
  detectorFromJSON,
  detectorReader,
} from './guard/detectorFromJSON.ts';
export type { ViewWidths } from './guard/givenViews.ts';
export { Guard, type GuardParts } from './guard/guard.ts';
export type { SavedGuard } from './guard/guardFile.ts';
export { guardReader, type LoadGuardOptions, loadGuard } from './guard/loadGuard.ts';
export type { GuardRow, Verdict } from './guard/verdict.ts';
