import { describe, expect, test } from 'vitest';
import type { ProgressEvent } from '../parallel/session.ts';
import { saveArray } from '../serialize.ts';
import { MlpClassifier, type MlpClassifierOptions, mlpClassifier } from './index.ts';

const X = Array.from({ length: 10 }, (_, i) => [i / 10, 1 - i / 10, 0]);
const labels = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
const quick: MlpClassifierOptions = { hiddenLayers: [4], epochs: 2, batchSize: 4 };

describe('options', () => {
  test.each([
    [
      { epoch: 3 },
      'mlpClassifier: unknown option "epoch"; known are seed, workers, signal, onProgress, hiddenLayers',
    ],
    [{ hiddenLayers: 128 }, 'mlpClassifier: hiddenLayers must be an array of positive integers; got 128'],
    [
      { hiddenLayers: [8, 0] },
      'mlpClassifier: hiddenLayers must be an array of positive integers; got an array of 2',
    ],
    [{ epochs: 0 }, 'mlpClassifier: epochs must be an integer in [1, ∞); got 0'],
    [{ batchSize: 1.5 }, 'mlpClassifier: batchSize must be an integer in [1, ∞); got 1.5'],
    [{ schedule: 'step' }, 'mlpClassifier: schedule must be "constant" or "cosine"; got "step"'],
    [{ optimizer: 'adam' }, 'mlpClassifier: optimizer must be { name: "sgd" or "adam", … }; got "adam"'],
    [
      { optimizer: { name: 'rmsprop' } },
      'mlpClassifier: optimizer must be { name: "sgd" or "adam", … }; got an object',
    ],
    [
      { optimizer: { name: 'adam', momentum: 0.9 } },
      'mlpClassifier: optimizer: unknown option "momentum"; known are name, learningRate, beta1, beta2, epsilon',
    ],
    [
      { optimizer: { name: 'sgd', momentum: 1 } },
      'mlpClassifier: optimizer: momentum must be a number in [0, 1); got 1',
    ],
    [
      { optimizer: { name: 'sgd', learningRate: 0 } },
      'mlpClassifier: optimizer: learningRate must be a finite number in (0, ∞); got 0',
    ],
    [{ augment: 1 }, 'mlpClassifier: augment must be { shape: [height, width], … }; got 1'],
    [
      { augment: { shift: 1 } },
      'mlpClassifier: augment: shape is required: [height, width] or [height, width, channels], positive integers',
    ],
    [
      { augment: { shape: 3 } },
      'mlpClassifier: augment: shape must be [height, width] or [height, width, channels], positive integers; got 3',
    ],
    [
      { augment: { shape: [3] } },
      'mlpClassifier: augment: shape must be [height, width] or [height, width, channels], positive integers; got an array of 1',
    ],
    [
      { augment: { shape: [3, 0.5] } },
      'mlpClassifier: augment: shape must be [height, width] or [height, width, channels], positive integers; got an array of 2',
    ],
    [
      { augment: { shape: [28, 28], shift: 0 } },
      'mlpClassifier: augment: shift must be an integer in [1, ∞); got 0',
    ],
    [
      { augment: { shape: [2, 3], shift: 2 } },
      'mlpClassifier: augment: shift must be less than the height and the width, 2 × 3; got 2',
    ],
    [
      { augment: { shape: [1, 3] } },
      'mlpClassifier: augment: shift must be less than the height and the width, 1 × 3; got 1',
    ],
    [
      { augment: { shape: [28, 28], rotate: 3 } },
      'mlpClassifier: augment: unknown option "rotate"; known are shape, shift',
    ],
    [
      { augment: { shape: [2, 2] } },
      'mlpClassifier: augment: 2 × 2 images have 4 values but X has 3 columns',
    ],
    [
      { augment: { shape: [2, 2, 3] } },
      'mlpClassifier: augment: 2 × 2 × 3 images have 12 values but X has 3 columns',
    ],
    [{ seed: -1 }, 'mlpClassifier: seed must be an integer in [0, 9007199254740991]; got -1'],
  ])('%j is refused', async (options, message) => {
    await expect(mlpClassifier(X, labels, options as MlpClassifierOptions)).rejects.toThrow(message);
  });
});

describe('data', () => {
  test.each([
    [X, labels.slice(1), 'mlpClassifier: labels has 9 entries but X has 10 rows'],
    [X, undefined, 'mlpClassifier: labels must be an array of integers, one a row; got undefined'],
    [X, labels.with(3, 0.5), 'mlpClassifier: labels[3] must be a 32-bit integer; got 0.5'],
    [X, labels.map(() => 7), 'mlpClassifier: labels must have at least two classes; all are 7'],
    [X.with(2, [0, NaN, 1]), labels, 'mlpClassifier: X: row 2, column 1 is NaN; expected finite values'],
    [
      X.with(4, [0, 1, 1e300]),
      labels,
      'mlpClassifier: X: row 4, column 2 is Infinity; expected finite values',
    ],
    [[], [], 'mlpClassifier: X: expected at least one row and one column; got 0 × 0'],
  ])('%#: bad rows or labels are named', async (X, labels, message) => {
    await expect(mlpClassifier(X, labels as number[], quick)).rejects.toThrow(message);
  });

  test('a fit that diverges says so instead of returning NaN', async () => {
    const huge = X.map((row) => row.map((value) => value * 1e18));
    const optimizer = { name: 'sgd', learningRate: 1e6 } as const;
    await expect(mlpClassifier(huge, labels, { ...quick, optimizer })).rejects.toThrow(
      /^mlpClassifier: the loss overflowed in epoch [12]; try a smaller learningRate or scaled data$/,
    );
  });

  test('the last batch of an epoch may be smaller, and a batch larger than the data is all of it', async () => {
    for (const batchSize of [1, 3, 10, 1000]) {
      const model = await mlpClassifier(X, labels, { ...quick, batchSize });
      expect(model.lossCurve.every((loss) => loss > 0.3 && loss < 1.2)).toBe(true);
    }
    const whole = await mlpClassifier(X, labels, { ...quick, batchSize: 10 });
    const larger = await mlpClassifier(X, labels, { ...quick, batchSize: 1000 });
    expect(larger.lossCurve).toEqual(whole.lossCurve);
  });

  test('the caller’s arrays are left as they were', async () => {
    const data = Float32Array.from(X.flat());
    const given = Int32Array.from(labels);
    await mlpClassifier({ data, shape: [10, 3] }, given, { ...quick, workers: 1 });
    expect(data).toEqual(Float32Array.from(X.flat()));
    expect(Array.from(given)).toEqual(labels);
  });
});

describe('control', () => {
  test.each([0, 1])('progress comes after every epoch, with its loss (workers: %d)', async (workers) => {
    const events: ProgressEvent[] = [];
    const model = await mlpClassifier(X, labels, {
      ...quick,
      epochs: 3,
      workers,
      onProgress: (event) => events.push(event),
    });
    expect(events).toEqual(
      [1, 2, 3].map((iteration) => ({
        task: 'mlpClassifier',
        iteration,
        maxIterations: 3,
        run: 0,
        runs: 1,
        objective: model.lossCurve[iteration - 1],
      })),
    );
  });

  test.each([0, 1])('a signal stops a long fit at once, with its reason (workers: %d)', async (workers) => {
    const stop = new AbortController();
    let stopped = 0;
    const timer = setTimeout(() => {
      stopped = performance.now();
      stop.abort(new Error('enough'));
    }, 100);
    const fit = mlpClassifier(X, labels, { ...quick, epochs: 1e7, workers, signal: stop.signal });
    await expect(fit).rejects.toThrow('enough');
    clearTimeout(timer);
    expect(performance.now() - stopped).toBeLessThan(1000); // some 10 ms on an idle machine
    const next = await mlpClassifier(X, labels, { ...quick, workers });
    expect(next.lossCurve.length).toBe(2);
  });

  test('a signal that is already aborted stops before the start', async () => {
    const signal = AbortSignal.abort(new Error('no'));
    await expect(mlpClassifier(X, labels, { ...quick, signal })).rejects.toThrow('no');
  });
});

describe('the model', () => {
  test('its methods name what is wrong with their arguments', async () => {
    const model = await mlpClassifier(X, labels, quick);
    expect(() => model.predict([[1, 2]])).toThrow(
      'MlpClassifier.predict: X has 2 features; this model was fitted on 3',
    );
    expect(() => model.logits([[1, 2, Infinity]])).toThrow(
      'MlpClassifier.logits: row 0, column 2 is Infinity',
    );
    expect(() => model.score(X, [1])).toThrow('MlpClassifier.score: labels has 1 entries but X has 10 rows');
  });

  test('its views are what detectors read, with a digest that changes with any weight', async () => {
    const model = await mlpClassifier(X, labels, quick);
    const { before, after } = model.activations(X);
    const { layers, features, logits, digest } = model.views(X);
    expect(layers).toEqual(before.slice(0, -1));
    expect(features).toEqual(after.at(-2));
    expect(logits).toEqual(model.logits(X));
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(MlpClassifier.fromJSON(JSON.parse(JSON.stringify(model))).digest).toBe(digest);
    const [first, second] = model.layers;
    const bias = second!.bias.slice();
    bias[0]! += 1e-3;
    const other = new MlpClassifier([first!, { ...second!, bias }], model.classes, model.lossCurve);
    expect(other.digest).not.toBe(digest);
    const renamed = new MlpClassifier(model.layers, Int32Array.of(7, 8), model.lossCurve);
    expect(renamed.digest).not.toBe(digest);
    expect(() => model.views([[1, 2]])).toThrow(
      'MlpClassifier.views: X has 2 features; this model was fitted on 3',
    );
  });

  test('without a hidden layer its features are the logits', async () => {
    const model = await mlpClassifier(X, labels, { ...quick, hiddenLayers: [] });
    const { layers, features, logits } = model.views(X);
    expect(layers).toEqual([]);
    expect(features).toBe(logits);
    expect(logits).toEqual(model.logits(X));
  });

  test('fromJSON refuses what toJSON did not write', async () => {
    const saved = JSON.parse(JSON.stringify(await mlpClassifier(X, labels, quick)));
    const load = (change: object) => () => MlpClassifier.fromJSON({ ...saved, ...change });
    const layer = (change: object) => load({ layers: [saved.layers[0], { ...saved.layers[1], ...change }] });
    const who = 'MlpClassifier.fromJSON';
    expect(load({})).not.toThrow();
    expect(() => MlpClassifier.fromJSON(null)).toThrow(`${who}: expected a saved "cauda.mlpClassifier"`);
    expect(load({ version: 9 })).toThrow(
      `${who}: this Cauda reads version 2 of "cauda.mlpClassifier"; got version 9`,
    );
    expect(load({ classes: saveArray(Int32Array.of(1, 0)) })).toThrow(
      `${who}: classes must be at least two ascending 32-bit integers`,
    );
    expect(load({ classes: saveArray(Float64Array.of(0, 0.5)) })).toThrow(
      `${who}: classes must be an array of integers; got an object (Object)`,
    );
    expect(load({ layers: [] })).toThrow(
      `${who}: layers must be an array of at least one layer; got an array of 0`,
    );
    expect(load({ layers: [null] })).toThrow(`${who}: layers[0]: expected a saved "cauda.denseLayer"`);
    expect(load({ layers: [saved.layers[0]] })).toThrow(
      `${who}: layers[0]: weights must be a matrix of n × 2`,
    );
    expect(layer({ weights: saved.layers[0].weights })).toThrow(
      `${who}: layers[1]: weights must be a matrix of 4 × 2`,
    );
    expect(layer({ bias: saveArray(Float32Array.of(1)) })).toThrow(
      `${who}: layers[1]: bias must be an array of 2 numbers; got an object (Object)`,
    );
    expect(layer({ bias: saveArray(Float32Array.of(1, NaN)) })).toThrow(
      `${who}: layers[1]: bias[1] must be a finite number; got NaN`,
    );
    expect(layer({ bias: saveArray(Float64Array.of(1, 1e300)) })).toThrow(
      `${who}: layers[1]: bias must be finite in float32`,
    );
    expect(load({ lossCurve: undefined })).toThrow(
      `${who}: lossCurve must be an array of numbers; got undefined`,
    );
  });
});
