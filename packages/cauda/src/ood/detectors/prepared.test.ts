import { expect, test } from 'vitest';
import { PcaModel, pca, pcaStep } from '../../decompose/pca.ts';
import { Matrix } from '../../matrix.ts';
import { standardScaler, standardScalerStep } from '../../preprocess/standardScaler.ts';
import { Random } from '../../random.ts';
import type { Detector } from './base/detector.ts';
import { knn } from './knn.ts';
import { energy } from './logits.ts';
import { prepared } from './prepared.ts';

const random = new Random(3);
const cloud = (n: number): Matrix =>
  new Matrix(
    Float64Array.from({ length: n * 4 }, (_, at) => random.normal() * 10 ** (at % 4)),
    n,
    4,
  );
const features = cloud(80);
const probe = cloud(20);

test('by hand: columns of another scale count as much, once they are scaled', async () => {
  const rows = [
    [0, 0],
    [2, 2000],
  ]; // scaled: (−1, −1) and (1, 1)
  const detector = await prepared({ features: rows }, { features: [standardScalerStep()] }, (training) =>
    knn(training),
  );
  expect(detector.name).toBe('prepared');
  // (1, 1000) becomes (0, 0), (2, 0) becomes (1, −1)
  expect(detector.score({ features: [[1, 1000]] })[0]).toBeCloseTo(Math.SQRT2, 14);
  expect(detector.score({ features: [[2, 0]] })[0]).toBeCloseTo(2, 14);
});

test('is the detector of what the steps make of the rows', async () => {
  const scaler = await standardScaler(features);
  const axes = await pca(scaler.transform(features), { nComponents: 2 });
  const made = (X: Matrix): Matrix => axes.transform(scaler.transform(X));
  const plain = await knn({ features: made(features) }, { k: 3 });
  const steps = [standardScalerStep(), pcaStep({ nComponents: 2 })];
  const detector = await prepared({ features }, { features: steps }, (training) => knn(training, { k: 3 }));
  expect(detector.score({ features: probe })).toEqual(plain.score({ features: made(probe) }));
  expect(await detector.scoreAsync({ features: probe })).toEqual(detector.score({ features: probe }));
});

test('each view has its own steps, and what is no view reaches the factory as it is', async () => {
  const logits = cloud(80);
  const labels = Int32Array.from({ length: 80 }, (_, i) => i % 2);
  const scaled = (await standardScaler(logits)).transform(logits);
  const training = { layers: [features, features], logits, labels };
  const detector = await prepared(
    training,
    { layers: [undefined, [pcaStep({ nComponents: 1 })]], logits: [standardScalerStep()] },
    (given) => {
      expect(given.layers.map(({ cols }) => cols)).toEqual([4, 1]);
      expect(given.layers[0]).toBe(features);
      expect(given.logits).toEqual(scaled);
      expect(given.labels).toBe(labels);
      return energy();
    },
  );
  expect(training.layers).toEqual([features, features]);
  expect(detector.score({ logits })).toEqual(energy().score({ logits: scaled }));
});

test('feature maps become the mean over their positions, whatever their layout', async () => {
  // 2 inputs of 3 channels on a grid of 1 × 2
  const data = Float64Array.of(1, 3, 10, 30, 5, 5, 2, 4, 20, 40, 6, 6);
  const nchw = { data, dims: [2, 3, 1, 2], layout: 'nchw' } as const;
  const detector = await prepared({ features: nchw }, {}, (training) => {
    expect(training.features.toArray()).toEqual([
      [2, 20, 5],
      [3, 30, 6],
    ]);
    return knn(training);
  });
  const nhwc = {
    data: [1, 10, 5, 3, 30, 5],
    dims: [1, 1, 2, 3],
    layout: 'nhwc',
  } as const;
  expect([...detector.score({ features: nhwc })]).toEqual([0]);
  expect([...detector.score({ features: [[2, 20, 5]] })]).toEqual([0]); // pooled elsewhere
  expect(await detector.scoreAsync({ features: nchw })).toEqual(detector.score({ features: nchw }));
  const plain = await knn({ features: [[2, 20, 5]] });
  expect(() => plain.score({ features: nchw })).toThrow(
    'knn.score: features are a feature map of 4 dimensions, and this detector takes a row an input; pool them, with prepared or autoGuard',
  );
});

test('tokens that the mask leaves out do not count', async () => {
  const tokens = {
    data: Float32Array.of(1, 2, 3, 4, 900, 900, 5, 6, 900, 900, 900, 900),
    dims: [2, 3, 2],
    mask: BigInt64Array.of(1n, 1n, 0n, 1n, 0n, 0n),
  } as const;
  const made: Matrix[] = [];
  await prepared({ features: tokens }, {}, ({ features }) => {
    made.push(features);
    return energy();
  });
  expect(made[0]!.toArray()).toEqual([
    [2, 3],
    [5, 6],
  ]);
  expect(made[0]!.dtype).toBe('float32');
});

test('heeds a signal', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  const fit = prepared({ features }, { features: [pcaStep()] }, (training) => knn(training), { signal });
  await expect(fit).rejects.toThrow('enough');
});

test('mistakes are named', async () => {
  const steps = [standardScalerStep()];
  const refused = async (fit: Promise<Detector>, message: string): Promise<void> =>
    expect(fit, message).rejects.toThrow(message);
  const any = (): Detector => energy();
  await refused(prepared(3 as never, {}, any), 'prepared: expected views of the training rows; got 3');
  await refused(
    prepared({ features }, { features: steps }, 3 as never),
    'prepared: expected a function that makes the detector; got 3',
  );
  await refused(
    prepared({ features }, {}, (() => 3) as never),
    'prepared: the function must make a detector; got 3',
  );
  await refused(
    prepared({ features }, null as never, any),
    'prepared: expected the steps of each view, such as { features: [standardScalerStep()] }; got null',
  );
  await refused(
    prepared({ features }, { feature: steps } as never, any),
    'prepared: unknown view "feature"; known are features, layers, logits',
  );
  await refused(
    prepared({ features }, { logits: steps }, any),
    'prepared: the preparation has steps for logits, which the training rows lack',
  );
  await refused(
    prepared({ features }, { features: steps[0] } as never, any),
    'prepared: the preparation of features must be an array of steps; got an object (Object)',
  );
  await refused(
    prepared({ layers: [features] }, { layers: [steps, steps] }, any),
    'prepared: the preparation has steps for 2 layers; the training rows have 1',
  );
  await refused(
    prepared({ layers: [features] }, { layers: [steps[0]] } as never, any),
    'prepared: the preparation of layers[0] must be an array of steps; got an object (Object)',
  );
  const map = { data: new Float32Array(8), dims: [1, 2, 2, 2] };
  await refused(
    prepared({ features: map as never }, {}, any),
    'prepared: features: layout of a feature map of 4 dimensions must be "nchw" or "nhwc"; got undefined',
  );
  await refused(
    prepared({ features: { ...map, layout: 'nchw', data: new Float32Array(7) } as never }, {}, any),
    'prepared: features: dims [1, 2, 2, 2] needs 8 values; data has 7',
  );
  await refused(
    prepared({ features: { data: map.data, dims: [2, 2, 2], mask: [1, 1, 0] } }, {}, any),
    'prepared: features: mask must have a value for each token, 2 × 2; got an array of 3',
  );
  await refused(
    prepared({ features: { data: map.data, dims: [2, 2, 2], mask: [1, 1, 0, 0] } }, {}, any),
    'prepared: features: mask leaves row 1 without a token; keep at least one',
  );
  const detector = await prepared({ features }, { features: steps }, (training) => knn(training));
  expect(() => detector.score({ features: [[1]] })).toThrow(
    'prepared.score: features: X has 1 feature; this model was fitted on 4',
  );
  expect(() => detector.score({ features: { ...map, layout: 'nchw' } as never })).toThrow(
    'prepared.score: features is a feature map of 4 dimensions; the training rows were a matrix: give one of 4 columns',
  );
  expect(() => detector.score({})).toThrow('knn.score: features are missing');
  const pooling = await prepared({ features: { data: map.data, dims: [2, 2, 2] } }, {}, (training) =>
    knn(training),
  );
  expect(() => pooling.score({ features: { data: map.data, dims: [1, 2, 4] } })).toThrow(
    'prepared.score: features has 4 channels; the training rows had 2',
  );
});

test('a saved preparation that was damaged is refused', async () => {
  const { detectorFromJSON } = await import('../index.ts');
  const steps = [pcaStep({ nComponents: 2 })];
  const detector = await prepared({ features }, { features: steps }, (training) => knn(training));
  const saved = JSON.parse(JSON.stringify(detector));
  expect(detectorFromJSON(saved).score({ features: probe })).toEqual(detector.score({ features: probe }));
  const [view] = saved.preparation;
  const refused = (change: object, message: string): void =>
    expect(() => detectorFromJSON({ ...saved, preparation: [{ ...view, ...change }] })).toThrow(message);
  refused(
    { view: 'labels' },
    'detectorFromJSON: preparation[0]: view must be "features" or "logits" or "layers"',
  );
  refused({ pool: 'max' }, 'detectorFromJSON: preparation[0]: pool must be "mean" or "none"; got "max"');
  refused({ cols: 0 }, 'detectorFromJSON: preparation[0]: cols must be an integer in [1,');
  refused(
    { pipeline: { ...view.pipeline, steps: [{ format: 'x' }] } },
    'detectorFromJSON: a view is prepared by a step that was saved as "x"; give its reader to loadGuard or detectorFromJSON, { steps: [reader] }',
  );
  const other: unknown = { ...view.pipeline.steps[0], format: 'my.pca' };
  const reader = {
    format: 'my.pca',
    fromJSON: (value: unknown) => PcaModel.fromJSON({ ...(value as object), format: 'cauda.pca' }),
  };
  const foreign = { ...saved, preparation: [{ ...view, pipeline: { ...view.pipeline, steps: [other] } }] };
  expect(detectorFromJSON(foreign, { steps: [reader] }).score({ features: probe })).toEqual(
    detector.score({ features: probe }),
  );
});
