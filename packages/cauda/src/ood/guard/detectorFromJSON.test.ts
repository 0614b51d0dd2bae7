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
      /^detectorFromJSON: detector must be one of maxSoftmax, .*; got "example.distance"; for a detector of your own give its kind to loadGuard or detectorFromJSON, \{ kinds: \[kind\] \}$/,
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
    expect(() => Detector.of({ ...distanceKind, name: 'knn' }, { place: 1 })).toThrow(
      'Detector.of: the name "knn" belongs to a detector of Cauda; give your kind another, such as "my.knn"',
    );
    expect(() => Detector.of({ ...distanceKind, read: () => ({}) } as never, { detector: 1 })).toThrow(
      'Detector.of: a part of "example.distance" is called "detector", as a field of every saved detector; give it another name',
    );
  });
});

describe('a kind is checked when a detector is made of it', () => {
  const made = (kind: unknown, parts: unknown = { place: 1 }) => Detector.of(kind as never, parts as never);

  test('it has a name, score and read', () => {
    expect(() => made(undefined)).toThrow(
      'Detector.of: expected a kind of detector, { name, score, read }; its name must be text that is not empty; got undefined',
    );
    expect(() => made({ ...distanceKind, name: '' })).toThrow(
      'its name must be text that is not empty; got ""',
    );
    expect(() => made({ ...distanceKind, score: undefined })).toThrow(
      'Detector.of: score of the kind "example.distance" must be a function; got undefined',
    );
    expect(() => made({ ...distanceKind, read: 3 })).toThrow(
      'Detector.of: read of the kind "example.distance" must be a function; got 3',
    );
  });

  test('its parts are what a file keeps', () => {
    const kept =
      'must be something that a file keeps: a number, text, true, false, null, a Float64Array, an Int32Array, a Matrix, a model with toJSON, or a list or plain object of these; got';
    const part = 'Detector.of: the part x of "example.distance"';
    const lost: [unknown, string][] = [
      [() => 1, `${part} ${kept} a function`],
      [new Map([[1, 2]]), `${part} ${kept} an object (Map)`],
      [new Date(0), `${part} ${kept} an object (Date)`],
      [1n, `${part} ${kept} 1`],
      [Float32Array.of(1), `${part} ${kept} Float32Array(1); give a Float64Array, an Int32Array or a Matrix`],
      [[[1, 2]], `${part} ${kept} an array of 1; give rows as Matrix.from(rows)`],
      [undefined, `${part} ${kept} undefined; leave it out`],
      [{ a: [new Set()] }, `${part.replace(' x ', ' x.a[0] ')} ${kept} an object (Set)`],
      [NaN, `${part} must be finite; got NaN`],
      [Float64Array.of(1, Infinity), `${part} must be finite; got Infinity`],
      [new Matrix(Float32Array.of(NaN), 1, 1), `${part} must be finite; got NaN`],
    ];
    for (const [x, message] of lost) expect(() => made(distanceKind, { x }), message).toThrow(message);
    expect(() => made(distanceKind, null)).toThrow(
      'Detector.of: the parts of "example.distance" must be an object; got null',
    );
  });

  test('and all of these come back', async () => {
    interface Parts {
      readonly words: string[];
      readonly counts: Int32Array;
      readonly inner: Detector;
      readonly table: { readonly on: boolean; readonly none: null };
    }
    const kind: DetectorKind<Parts> = {
      name: 'example.parts',
      score: ({ counts }, { logits }) => new Float64Array(logits!.rows).fill(counts[1]!),
      read: (saved, inner) => ({
        words: saved.field('words') as string[],
        counts: saved.integers('counts', 2),
        inner: inner.detector(saved.field('inner')),
        table: saved.field('table') as Parts['table'],
      }),
    };
    const counts = Int32Array.of(3, -70_000);
    const one = Detector.of(kind, { words: ['a'], counts, inner: energy(), table: { on: true, none: null } });
    counts[1] = 0; // the detector has a copy
    const again = detectorFromJSON(saved(one), { kinds: [kind] });
    expect(saved(again)).toEqual(saved(one));
    expect([...again.score({ logits: features })]).toEqual([-70_000, -70_000]);
  });

  test('its scores are one a row, whatever sort of rows was given', async () => {
    const seen: unknown[] = [];
    const fixed = (scores: unknown) =>
      made({
        ...distanceKind,
        score: (_: unknown, views: { features: unknown }) => {
          seen.push(views.features);
          return scores;
        },
      });
    const given = { features };
    expect(() => fixed(new Float64Array(3)).score(given)).toThrow(
      'example.distance.score: the kind gave 3 scores for 2 rows; it must give one a row',
    );
    expect(() => fixed(new Float64Array(3)).examine(given)).toThrow(
      'example.distance.examine: the kind gave 3 scores for 2 rows; it must give one a row',
    );
    await expect(fixed(new Float64Array(3)).scoreAsync(given)).rejects.toThrow('gave 3 scores for 2 rows');
    expect(() => fixed([1, 2]).score(given)).toThrow(
      "example.distance.score: the kind's scores must be a Float64Array; got an array of 2",
    );
    expect(seen.every((view) => view instanceof Matrix)).toBe(true);
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
