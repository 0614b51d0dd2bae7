export type { FloatArray, MatrixLike, NumericArray } from './matrix.ts';
export { Matrix } from './matrix.ts';
export type { FitControl, ProgressEvent } from './parallel/session.ts';
export { Random } from './random.ts';
