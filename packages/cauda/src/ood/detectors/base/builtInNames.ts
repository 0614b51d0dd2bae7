/** The names of Cauda's own kinds of detectors, which no other may take. `detectorFromJSON` has a reader for each. */
export const builtInNames = [
  'maxSoftmax',
  'maxLogit',
  'energy',
  'entropy',
  'generalizedEntropy',
  'klMatching',
  'mahalanobis',
  'relativeMahalanobis',
  'classGaussians',
  'mixtureDetector',
  'knn',
  'residual',
  'vim',
  'pcaResidual',
  'she',
  'nci',
  'fdbd',
  'react',
  'ash',
  'scale',
  'dice',
  'combine',
  'prepared',
  'autoGuard',
] as const;

/** One of them. */
export type BuiltInName = (typeof builtInNames)[number];
