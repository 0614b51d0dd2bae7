import type { Matrix, MatrixLike } from '../matrix.ts';
import type { FitControl } from '../parallel/session.ts';

/** What a step of a pipeline becomes: any fitted model that changes rows, tells clusters apart, or both. */
export interface StepModel {
  /** The rows as the next step takes them (nSamples × anything). */
  transform?(X: MatrixLike): Matrix;
  /** The cluster or class of each row; length nSamples. */
  predict?(X: MatrixLike): Int32Array;
  /** The model as plain data with a `format`, which a reader of that format reads back. */
  toJSON(): unknown;
}

/** A step that is not fitted yet: an estimator with its options. */
export interface Step<Model extends StepModel = StepModel> {
  /** For errors and progress. */
  readonly name: string;
  /** Fits it to the rows as the steps before it made them. */
  fit(X: Matrix, control: FitControl): Promise<Model>;
}

/**
 * An estimator with its options as a step.
 * @throws TypeError for `sampleWeight`: a step is made before there are rows to weigh
 */
export function stepOf<Options extends object, Model extends StepModel>(
  name: string,
  options: Options,
  fit: (X: Matrix, options: Options & FitControl) => Promise<Model>,
): Step<Model> {
  if (typeof options === 'object' && options !== null && Object.hasOwn(options, 'sampleWeight'))
    throw new TypeError(
      `${name}Step: sampleWeight goes with rows, and a step is made before there are any; fit ${name} alone to weigh rows`,
    );
  return { name, fit: (X, control) => fit(X, { ...options, ...control }) };
}
