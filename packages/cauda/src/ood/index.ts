export type { BootstrapOptions, Interval } from './bootstrap.ts';
export { bootstrap } from './bootstrap.ts';
export type { AuprOptions, FprAtTprOptions, Positive, RocCurve } from './metrics.ts';
export { aupr, auroc, detectionError, fprAtTpr, rocCurve } from './metrics.ts';
export type { CountedScores, Scores } from './scores.ts';
