import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { PcaModel, pca } from './decompose/pca.ts';
import { loadModel } from './io/loadModel.ts';
import { readNpy, writeNpy } from './io/npy.ts';
import { bytesIn, isNumbers, numbersOf, typedKind } from './numbers.ts';

test('typedKind knows typed arrays of every context, and nothing else', () => {
  expect(typedKind(new Float32Array(1))).toBe('Float32Array');
  expect(typedKind(Buffer.from([1]))).toBe('Uint8Array');
  expect(typedKind(runInNewContext('new BigInt64Array(1)'))).toBe('BigInt64Array');
  for (const value of [
    new DataView(new ArrayBuffer(1)),
    [1],
    null,
    'a',
    { [Symbol.toStringTag]: 'Int8Array' },
  ])
    expect(typedKind(value)).toBeUndefined();
  expect(isNumbers(runInNewContext('[1]'))).toBe(true);
  expect(isNumbers(new DataView(new ArrayBuffer(1)))).toBe(false);
});

test('numbersOf takes nothing for a number that is none', () => {
  const place = (i: number): string => `f: x[${i}]`;
  expect(numbersOf([1, NaN], place)).toEqual(Float64Array.of(1, NaN));
  for (const [values, message] of [
    [[1, null], 'f: x[1]: expected a number; got null'],
    [[1, '1'], 'f: x[1]: expected a number; got "1"'],
    [[true], 'f: x[0]: expected a number; got true'],
    [[1, 2n], 'f: x[1]: expected a number; got 2n, a bigint'],
    [new Array(1), 'f: x[0]: expected a number; got a hole'],
    [[undefined], 'f: x[0]: expected a number; got undefined'],
  ] as const)
    expect(() => numbersOf(values, place)).toThrow(new TypeError(message));
});

test('files are read from bytes of another context, and arrays of one are written', async () => {
  const foreign = (bytes: Uint8Array): Uint8Array => runInNewContext('Uint8Array.from(bytes)', { bytes });
  const file = writeNpy(runInNewContext('Int16Array.of(1, -2)'), [2]);
  expect(file).toEqual(writeNpy(Int16Array.of(1, -2), [2]));
  const bytes = foreign(file);
  expect(bytes instanceof Uint8Array).toBe(false);
  expect(readNpy(bytes).data).toEqual(Int16Array.of(1, -2));
  expect(readNpy(bytes.buffer as ArrayBuffer).data).toEqual(Int16Array.of(1, -2));
  const model = await pca([
    [1, 2],
    [3, 5],
  ]);
  const saved = foreign(new TextEncoder().encode(JSON.stringify(model)));
  expect(loadModel(saved, [PcaModel]).toJSON()).toEqual(model.toJSON());
  expect(bytesIn([1, 2])).toBeUndefined();
});
