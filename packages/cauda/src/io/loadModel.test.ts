import { expect, test } from 'vitest';
import { PcaModel, pca } from '../decompose/pca.ts';
import { StandardScalerModel, standardScaler } from '../preprocess/standardScaler.ts';
import { loadModel } from './loadModel.ts';

const readers = [StandardScalerModel, PcaModel];
const X = [
  [1, 2],
  [3, 5],
  [4, 4],
];

test('a model comes back from text, bytes or a parsed value, by its format', async () => {
  for (const model of [await standardScaler(X), await pca(X)]) {
    const text = JSON.stringify(model);
    const bytes = new TextEncoder().encode(text);
    for (const source of [text, bytes, bytes.buffer, JSON.parse(text)])
      expect(loadModel<StandardScalerModel | PcaModel>(source, readers)).toEqual(model);
  }
});

test('what is no model that a reader knows is refused in a sentence', async () => {
  const text = JSON.stringify(await pca(X));
  const refusals: [source: string | Uint8Array | object, message: string][] = [
    [
      text.slice(0, 40),
      'loadModel: expected the JSON of a saved model; the file is cut off or something else (',
    ],
    ['', 'loadModel: expected the JSON of a saved model; the file is cut off or something else ('],
    [
      '[1, 2]',
      'loadModel: expected a saved model, an object with the fields format and version; got an array of 2',
    ],
    ['null', 'loadModel: expected a saved model, an object with the fields format and version; got null'],
    [{ format: 7 }, 'got an object (Object)'],
    [
      { format: 'cauda.kmeans', version: 2 },
      'loadModel: no reader for format "cauda.kmeans"; the readers given know cauda.standardScaler, cauda.pca (allReaders of cauda/models has all)',
    ],
    [
      { format: 'cauda.pca', version: 1 },
      'PcaModel.fromJSON: this Cauda reads version 2 of "cauda.pca"; got version 1',
    ],
  ];
  for (const [source, message] of refusals)
    expect(() => loadModel<unknown>(source, readers), message).toThrow(message);
  expect(() => loadModel(text, [])).toThrow('the readers given know none');
  expect(() => loadModel(text, undefined as unknown as [])).toThrow(
    'loadModel: readers must be an array of readers, such as [KMeansModel], or allReaders of cauda/models; got undefined',
  );
  expect(() => PcaModel.fromJSON(text)).toThrow(
    'PcaModel.fromJSON: expected a saved "cauda.pca"; got text; JSON.parse it first',
  );
});
