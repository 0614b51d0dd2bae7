import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../test/sources.ts';
import { PcaModel, pca, pcaStep } from '../decompose/pca.ts';
import { Matrix } from '../matrix.ts';
import { StandardScalerModel, standardScaler, standardScalerStep } from '../preprocess/standardScaler.ts';
import { Random } from '../random.ts';
import { pipeline, pipelineReader } from './pipeline.ts';
import type { Step, StepModel } from './step.ts';

const random = new Random(4);
const X = new Matrix(
  Float64Array.from({ length: 60 }, (_, at) => (1 + (at % 3)) * random.normal()),
  20,
  3,
);

/** A last step that tells the sign of the first column. */
const signs: Step = {
  name: 'signs',
  fit: async () => ({
    predict: (rows) => Int32Array.from(Matrix.from(rows).toArray(), ([x]) => (x! < 0 ? 0 : 1)),
    toJSON: () => ({ format: 'test.signs', version: 1 }),
  }),
};

describe('a pipeline', () => {
  test('is its steps, one after another', async () => {
    const pipe = await pipeline([standardScalerStep(), pcaStep({ nComponents: 2 })]).fit(X);
    const scaler = await standardScaler(X);
    const axes = await pca(scaler.transform(X), { nComponents: 2 });
    expect(pipe.steps).toEqual([scaler, axes]);
    expect(pipe.model).toEqual(axes);
    expect(pipe.prepare(X)).toEqual(scaler.transform(X));
    expect(pipe.transform(X)).toEqual(axes.transform(scaler.transform(X)));
  });

  test('ends with whatever tells rows apart', async () => {
    const pipe = await pipeline([standardScalerStep(), signs]).fit(X);
    const Z = pipe.prepare(X);
    expect(pipe.predict(X)).toEqual(Int32Array.from({ length: 20 }, (_, i) => (Z.row(i)[0]! < 0 ? 0 : 1)));
    expect(() => pipe.transform(X)).toThrow(
      'FittedPipeline.transform: the last step does not transform rows',
    );
  });

  test('may stand in a pipeline, and comes back from JSON to the bit', async () => {
    const inner = pipeline([standardScalerStep(), pcaStep()]);
    const nested: Step = { name: 'inner', fit: (rows, control) => inner.fit(rows, control) };
    const pipe = await pipeline([nested, standardScalerStep({ withStd: false })]).fit(X);
    const read = pipelineReader([StandardScalerModel, PcaModel]).fromJSON(JSON.parse(JSON.stringify(pipe)));
    expect(read.transform(X)).toEqual(pipe.transform(X));
    expect(read.steps).toEqual(pipe.steps);
  });

  test('hands its control to every step', async () => {
    const tasks: string[] = [];
    const onProgress = ({ task }: { task: string }): unknown => tasks.push(task);
    await pipeline([standardScalerStep(), standardScalerStep()]).fit(X, { onProgress });
    expect(tasks).toEqual(['standardScaler', 'standardScaler', 'standardScaler', 'standardScaler']);
    const reason = new Error('enough');
    await expect(pipeline([standardScalerStep()]).fit(X, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });

  test('mistakes are named', async () => {
    expect(() => pipeline([] as unknown as [Step])).toThrow(
      'pipeline: expected an array of at least one step, such as [standardScalerStep(), pcaStep()]; got an array of 0',
    );
    expect(() => pipeline([pcaStep(), standardScalerStep as unknown as Step])).toThrow(
      'pipeline: step 1 must be a step, { name, fit }; got a function; call it: standardScalerStep()',
    );
    expect(() => pipeline([null as unknown as Step])).toThrow(
      'pipeline: step 0 must be a step, { name, fit }; got null',
    );
    await expect(pipeline([pcaStep()]).fit(sourceOf(X, 5) as unknown as Matrix)).rejects.toThrow(
      'pipeline: X is a source, and a pipeline takes dense rows in memory; fit the steps one by one, those that take it over it',
    );
    expect(() => standardScalerStep({ sampleWeight: [1] } as object)).toThrow(
      'standardScalerStep: sampleWeight goes with rows, and a step is made before there are any; fit standardScaler alone to weigh rows',
    );
    await expect(pipeline([signs, standardScalerStep()]).fit(X)).rejects.toThrow(
      'pipeline: step 0 (signs) does not transform rows; only the last step may do without',
    );
    await expect(pipeline([pcaStep()]).fit(X, { sed: 1 } as object)).rejects.toThrow(
      'pipeline: unknown option "sed"; known are seed, workers, signal, onProgress',
    );
    await expect(pipeline([pcaStep()]).fit([[1], [NaN]])).rejects.toThrow('pca: X: row 1, column 0 is NaN');
    const pipe = await pipeline([pcaStep()]).fit(X);
    expect(() => pipe.predict(X)).toThrow(
      'FittedPipeline.predict: the last step has no predict; end the pipeline with kmeansStep or gaussianMixtureStep',
    );
    expect(() => pipe.transform([[1]])).toThrow(
      'PcaModel.transform: X has 1 feature; this model was fitted on 3',
    );
  });

  test('a file with a step that no reader knows, or that cannot stand where it does, is refused', async () => {
    const saved = (await pipeline([pcaStep()]).fit(X)).toJSON();
    const last: StepModel = await signs.fit(X, {});
    const reader = pipelineReader([PcaModel, { format: 'test.signs', fromJSON: () => last }]);
    const refused = (change: object, message: string) =>
      expect(() => reader.fromJSON({ ...saved, ...change }), message).toThrow(message);
    refused({ version: 1 }, 'FittedPipeline.fromJSON: this Cauda reads version 2 of "cauda.pipeline"');
    refused({ steps: [] }, 'FittedPipeline.fromJSON: steps must be an array of at least one step');
    refused(
      { steps: [{ format: 'cauda.kmeans' }] },
      'FittedPipeline.fromJSON: steps[0] must have one of the formats cauda.pca, test.signs; got "cauda.kmeans"',
    );
    refused({ steps: [null] }, 'steps[0] must have one of the formats');
    refused(
      { steps: [last.toJSON(), ...saved.steps] },
      'FittedPipeline.fromJSON: steps[0] must transform rows; test.signs does not',
    );
  });
});
