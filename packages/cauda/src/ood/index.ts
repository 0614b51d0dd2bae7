export type { GuardCandidate, GuardChoice, GuardTraining } from './autoGuard.ts';
export { AutoGuard, autoGuard } from './autoGuard.ts';
export type { BootstrapOptions, Interval } from './bootstrap.ts';
export { bootstrap } from './bootstrap.ts';
export type { CalibrateOptions, FalseAlarmInterval, SavedCalibration } from './calibrateScores.ts';
export { Calibration, calibrateScores, calibrationRowsNeeded } from './calibrateScores.ts';
export { type CombineOptions, combine, type Member } from './combine.ts';
export type { ConditionalMethod, ConditionalOptions } from './conditional.ts';
export { conditionalPValues } from './conditional.ts';
export type { ConformalOptions, LabelConditionalOptions } from './conformal.ts';
export { conformalPValues, labelConditionalPValues } from './conformal.ts';
export {
  Detector,
  type DetectorInput,
  type Examination,
  type ExaminedPart,
  type SavedDetector,
} from './detector.ts';
export { detectorFromJSON } from './detectorFromJSON.ts';
export { fdbd, type LabelledHeadTraining, type NciOptions, nci, she } from './directions.ts';
export {
  type EvaluateOptions,
  type Evaluation,
  type EvaluationData,
  type EvaluationRow,
  evaluate,
  type Scorer,
} from './evaluate.ts';
export {
  type ClassGaussiansOptions,
  type CovarianceOptions,
  classGaussians,
  type FeatureTraining,
  type LabelledFeatures,
  type MixtureDetectorOptions,
  mahalanobis,
  mixtureDetector,
  relativeMahalanobis,
} from './gaussians.ts';
export type { GuardInput, GuardOptions, GuardRow, NetworkViews, Provenance, Verdict } from './guard.ts';
export { calibrate, Guard, loadGuard, viewsOf } from './guard.ts';
export type { SavedGuard } from './guardFile.ts';
export type { Head } from './head.ts';
export { type KnnOptions, knn } from './knn.ts';
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
} from './logits.ts';
export type { AuprOptions, Figures, FprAtTprOptions, Positive, RocCurve } from './metrics.ts';
export { aupr, auroc, detectionError, fprAtTpr, rocCurve } from './metrics.ts';
export type { MonitorOptions, MonitorState, MonitorStep, SavedMonitor } from './monitor.ts';
export { Monitor, monitor } from './monitor.ts';
export {
  type AshOptions,
  ash,
  dice,
  type HeadTraining,
  type PercentileOptions,
  react,
  scale,
} from './reshape.ts';
export type { CountedScores, Scores } from './scores.ts';
export type { SelectOutliersOptions } from './selectOutliers.ts';
export { selectOutliers } from './selectOutliers.ts';
export {
  type PcaResidualOptions,
  pcaResidual,
  residual,
  type SubspaceOptions,
  vim,
} from './subspace.ts';
export { fitTemperature, type LabelledLogits } from './temperature.ts';
