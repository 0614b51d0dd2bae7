import { describe, expect, test } from 'vitest';
import { Matrix, type MatrixLike } from '../../matrix.ts';
import type { SavedReader } from '../../serialize.ts';
import { combine, Detector, type DetectorKind, energy, prepared } from '../index.ts';
import { detectorFromJSON, detectorReader } from './detectorFromJSON.ts';

/** Somebody else's detector: how far the sum of a row's features is from a place. */
interface Place {
  readonly place: number;
}
const distanceKind: DetectorKind<Place> = {
  name: 'example.distance',
  score: ({ place }, { features }) => {
    const rows = Matrix.from(features as MatrixLike).toArray();
    return Float64Array.from(rows, (row) => Math.abs(row.reduce((a, b) => a + b) - place));
  },
  read: (saved: SavedReader) => ({ place: saved.number('place') }),
};
const distance = (place: number): Detector => Detector.of(distanceKind, { place });
const features = [
  [1, 2],
  [5, 5],
];
const saved = (detector: Detector): object => JSON.parse(JSON.stringify(detector));

describe('a detector from outside', () => {
  test('is saved and read back by those who know its kind', () => {
    const file = saved(distance(4));
    expect(file).toEqual({ format: 'cauda.detector', version: 2, detector: 'example.distance', place: 4 });
    const again = detectorFromJSON(file, { kinds: [distanceKind] });
    expect(again).toBeInstanceOf(Detector);
    expect([...again.score({ features })]).toEqual([1, 6]);
    expect(() => detectorFromJSON(file)).toThrow(
      /^detectorFromJSON: detector must be one of maxSoftmax, .*; got "example.distance"; give detectors of your own as the option kinds$/,
    );
    expect(() => detectorFromJSON({ ...file, place: 'x' }, { kinds: [distanceKind] })).toThrow(
      'detectorFromJSON: place must be a finite number in [-Infinity, Infinity]; got "x"',
    );
  });

  test('stands in combinations and behind preparations', async () => {
    const logits = [
      [1, 0],
      [2, 0],
    ];
    const both = await combine([distance(0), energy()], { features, logits });
    const again = detectorFromJSON(saved(both), { kinds: [distanceKind] });
    expect(again.score({ features, logits })).toEqual(both.score({ features, logits }));
    const behind = await prepared({ features }, {}, () => distance(1));
    expect([...detectorFromJSON(saved(behind), { kinds: [distanceKind] }).score({ features })]).toEqual([
      2, 9,
    ]);
  });

  test('scores in blocks as every other', async () => {
    const many = { features: Array.from({ length: 500 }, (_, i) => [i, 1]) };
    expect(await distance(3).scoreAsync(many)).toEqual(distance(3).score(many));
  });

  test('cannot take the name of another, nor call its parts as every detector calls its fields', () => {
    const file = saved(distance(4));
    expect(() => detectorFromJSON(file, { kinds: [{ ...distanceKind, name: 'knn' }] })).toThrow(
      'detectorFromJSON: kinds: the name "knn" belongs to a detector of Cauda; give yours another',
    );
    expect(() => detectorFromJSON(file, { kinds: [distanceKind, distanceKind] })).toThrow(
      'detectorFromJSON: kinds: the name "example.distance" belongs to two of them; give yours another',
    );
    expect(() => Detector.of({ ...distanceKind, read: () => ({}) } as never, { detector: 1 })).toThrow(
      'Detector.of: a part of "example.distance" is called "detector", as a field of every saved detector; give it another name',
    );
  });
});

test('mistaken options are named', () => {
  const file = saved(energy());
  expect(() => detectorFromJSON(file, { kinds: {} } as never)).toThrow(
    'detectorFromJSON: kinds must be an array of kinds of detectors, { name, score, read }; got an object (Object)',
  );
  expect(() => detectorFromJSON(file, { steps: [3] } as never)).toThrow(
    'detectorFromJSON: steps must be an array of readers, { format, fromJSON }, such as [KMeansModel]; got an array of 1',
  );
  expect(() => detectorFromJSON(file, { kind: [] } as never)).toThrow(
    'detectorFromJSON: unknown option "kind"; known are kinds, steps',
  );
});

test('the reader of detectors is one for loadModel', () => {
  expect(detectorReader.format).toBe('cauda.detector');
  expect(detectorReader.fromJSON(saved(energy())).name).toBe('energy');
});
