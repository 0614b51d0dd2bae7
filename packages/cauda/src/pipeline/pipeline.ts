import { checkOptions, controlRules, describe } from '../check.ts';
import { isCsr } from '../csr.ts';
import { Matrix, type MatrixLike } from '../matrix.ts';
import type { FitControl } from '../parallel/session.ts';
import { type Reader, type Saved, SavedReader } from '../serialize.ts';
import { isSource } from '../source.ts';
import type { Step, StepModel } from './step.ts';

/** Steps that are fitted one after another. */
export interface Pipeline<Last extends StepModel> {
  /**
   * Fits each step to what those before it make of X.
   * @param X nSamples × nFeatures; NaN is let through to the first step
   * @throws what the steps throw; the signal's reason when aborted
   */
  fit(X: MatrixLike, control?: FitControl): Promise<FittedPipeline<Last>>;
}

/**
 * A preparation and what it prepares for, as one estimator: `pipeline([standardScalerStep(), kmeansStep({ nClusters })])`.
 * @param steps at least one; each but the last must become a model with `transform`
 * @throws TypeError for something that is no step
 */
export function pipeline<Last extends StepModel>(steps: readonly [...Step[], Step<Last>]): Pipeline<Last> {
  if (!Array.isArray(steps) || steps.length === 0)
    throw new TypeError(
      `pipeline: expected an array of at least one step, such as [standardScalerStep(), pcaStep()]; got ${describe(steps)}`,
    );
  const wrong = steps.findIndex((step) => !isStep(step));
  if (wrong >= 0)
    throw new TypeError(
      `pipeline: step ${wrong} must be a step, { name, fit }; got ${describe(steps[wrong])}${typeof steps[wrong] === 'function' ? `; call it: ${(steps[wrong] as { name: string }).name}()` : ''}`,
    );
  return {
    async fit(X, control = {}) {
      const checked = checkOptions('pipeline', control, controlRules, {});
      if (isSource(X) || isCsr(X))
        throw new TypeError(
          `pipeline: X is a ${isCsr(X) ? 'sparse matrix' : 'source'}, and a pipeline takes dense rows in memory; fit the steps one by one, those that take it over it`,
        );
      let rows = Matrix.from(X, { who: 'pipeline: X', allowNaN: true });
      const models: StepModel[] = [];
      for (const [at, step] of steps.entries()) {
        checked.signal?.throwIfAborted();
        const model = await step.fit(rows, checked);
        models.push(model);
        if (at === steps.length - 1) break;
        if (!model.transform)
          throw new TypeError(
            `pipeline: step ${at} (${step.name}) does not transform rows; only the last step may do without`,
          );
        rows = model.transform(rows);
      }
      return new FittedPipeline<Last>(models);
    },
  };
}

function isStep(step: unknown): boolean {
  const { name, fit } = (step ?? {}) as Partial<Step>;
  return typeof name === 'string' && typeof fit === 'function';
}

/** A fitted pipeline: frozen. It is itself a step's model, so a pipeline may stand in a pipeline. */
export class FittedPipeline<Last extends StepModel = StepModel> implements StepModel {
  static readonly format: string = 'cauda.pipeline';
  /** The fitted steps, in order. */
  readonly steps: readonly StepModel[];

  /** Takes fitted steps as they are; for `pipeline` and `pipelineReader`. */
  constructor(steps: readonly StepModel[]) {
    this.steps = Object.freeze([...steps]);
    Object.freeze(this);
  }

  /** The last step: the model that the others prepare for. */
  get model(): Last {
    return this.steps.at(-1) as Last;
  }

  /**
   * X after the steps before the last one: what `model` takes.
   * @throws RangeError if X does not have the fitted number of features
   */
  prepare(X: MatrixLike): Matrix {
    let rows = Matrix.from(X, { who: 'FittedPipeline: X', allowNaN: true });
    for (const step of this.steps.slice(0, -1)) rows = step.transform!(rows);
    return rows;
  }

  /**
   * X after all steps.
   * @throws TypeError if the last step does not transform rows
   */
  transform(X: MatrixLike): Matrix {
    const { model } = this;
    if (!model.transform)
      throw new TypeError('FittedPipeline.transform: the last step does not transform rows');
    return model.transform(this.prepare(X));
  }

  /**
   * The cluster or class of each row, by the last step.
   * @returns length nSamples
   * @throws TypeError if the last step does not tell clusters apart
   */
  predict(X: MatrixLike): Int32Array {
    const { model } = this;
    if (!model.predict)
      throw new TypeError(
        'FittedPipeline.predict: the last step has no predict; end the pipeline with kmeansStep or gaussianMixtureStep',
      );
    return model.predict(this.prepare(X));
  }

  /** The pipeline as plain data; a `pipelineReader` reads it back to the same bits. */
  toJSON(): Saved & { readonly steps: readonly unknown[] } {
    return {
      format: FittedPipeline.format,
      version: 2,
      steps: this.steps.map((step) => step.toJSON()),
    };
  }
}

/**
 * Reads pipelines whose steps these readers know.
 * @param readers one for each format that a step may have
 */
export function pipelineReader(readers: readonly Reader<StepModel>[]): Reader<FittedPipeline> {
  const reader: Reader<FittedPipeline> = {
    format: FittedPipeline.format,
    fromJSON(value) {
      const who = 'FittedPipeline.fromJSON';
      const saved = new SavedReader(who, value, FittedPipeline.format, 2);
      const steps = saved.field('steps');
      if (!Array.isArray(steps) || steps.length === 0) saved.fail('steps', 'an array of at least one step');
      return new FittedPipeline(
        (steps as unknown[]).map((step, at, { length }) => {
          const format = (step as Partial<Saved> | null)?.format;
          const known = [...readers, reader].find((one) => one.format === format);
          if (!known)
            throw new TypeError(
              `${who}: steps[${at}] must have one of the formats ${readers.map((one) => one.format).join(', ')}; got ${describe(format)}`,
            );
          const model = known.fromJSON(step);
          if (at < length - 1 && !model.transform)
            throw new TypeError(`${who}: steps[${at}] must transform rows; ${format} does not`);
          return model;
        }),
      );
    },
  };
  return reader;
}
