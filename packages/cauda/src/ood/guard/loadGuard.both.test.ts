import { beforeAll, describe, expect, test } from 'vitest';
import { KMeansModel } from '../../cluster/model.ts';
import { kmeansStep } from '../../index.ts';
import { loadModel } from '../../io/loadModel.ts';
import { Matrix } from '../../matrix.ts';
import { allReaders } from '../../models/index.ts';
import { MlpClassifier, mlpClassifier } from '../../nn/index.ts';
import { Random } from '../../random.ts';
import type { Network } from '../../views.ts';
import { Detector, type DetectorKind } from '../detectors/base/detector.ts';
import { knn } from '../detectors/knn.ts';
import { prepared } from '../detectors/prepared.ts';
import { autoGuard } from './auto/autoGuard.ts';
import { calibrate } from './calibrate.ts';
import type { Guard } from './guard.ts';
import { guardReader, loadGuard } from './loadGuard.ts';

/** Two classes of points in the plane, `up` above them. */
function points(n: number, seed: number, up = 0): { X: Matrix; labels: Int32Array } {
  const random = new Random(seed);
  const data = Float32Array.from({ length: n * 2 }, (_, at) =>
    at % 2 === 0 ? 4 * (Math.floor(at / 2) % 2) + random.normal() : up + random.normal(),
  );
  return { X: new Matrix(data, n, 2), labels: Int32Array.from({ length: n }, (_, i) => i % 2) };
}

let network: MlpClassifier;
let guard: Guard;
const heldOut = points(400, 2).X;
const strange = points(40, 4, 12).X;

beforeAll(async () => {
  const { X, labels } = points(600, 1);
  network = await mlpClassifier(X, labels, { hiddenLayers: [8, 6], epochs: 4, optimizer: { name: 'adam' } });
  const detector = await autoGuard({ ...network.views(X), labels });
  guard = await calibrate(
    detector,
    { inputs: heldOut },
    {
      alpha: 0.05,
      network,
      labelNames: ['left', 'right'],
      notes: { data: 'two clouds', rows: 600, real: false },
    },
  );
});

describe('loadGuard', () => {
  const text = () => JSON.stringify(guard);
  const edited = (edit: (content: Record<string, unknown>) => void): object => {
    const saved = JSON.parse(text());
    edit(saved.content);
    return saved;
  };

  test('refuses a file that is cut off anywhere', () => {
    const whole = text();
    for (let cut = 0; cut < whole.length; cut += 997)
      expect(() => loadGuard(whole.slice(0, cut))).toThrow(
        'loadGuard: expected the JSON of a saved guard; the file is cut off or something else',
      );
  });

  test('refuses what is no guard, or a newer one', () => {
    expect(() => loadGuard('{"format":"cauda.kmeans"}')).toThrow(
      'loadGuard: expected a saved "cauda.guard"; got "cauda.kmeans"',
    );
    for (const other of ['null', '7', '[]', '""'])
      expect(() => loadGuard(other)).toThrow('loadGuard: expected a saved "cauda.guard"; got');
    for (const version of [1, 3])
      expect(() => loadGuard({ ...JSON.parse(text()), version })).toThrow(
        `loadGuard: this Cauda reads version 2 of "cauda.guard"; got version ${version}`,
      );
  });

  test('refuses a file that was edited, however little', () => {
    const whole = text();
    expect(() => loadGuard(edited((content) => (content.labelNames = ['left', 'wrong'])))).toThrow(
      /^loadGuard: checksum must be sha256:[0-9a-f]{64}; got "sha256:.*: the file was edited or damaged, save the guard again$/,
    );
    const random = new Random(9);
    const start = whole.indexOf('"content"');
    for (let trial = 0; trial < 40; trial++) {
      const at = start + 12 + Math.floor(random.uniform() * (whole.length - start - 14));
      const other = whole[at] === '7' ? '8' : '7';
      expect(() => loadGuard(whole.slice(0, at) + other + whole.slice(at + 1)), `at ${at}`).toThrow();
    }
  });

  test('refuses hostile content even with a right checksum', async () => {
    const sealed = async (edit: (content: Record<string, never>) => void): Promise<unknown> => {
      const saved = edited(edit as never) as { content: unknown; checksum: string };
      const bytes = new TextEncoder().encode(JSON.stringify(saved.content));
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      saved.checksum = `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
      return saved;
    };
    // biome-ignore lint/suspicious/noExplicitAny: a file may hold anything
    type Content = Record<string, any>;
    const nan = btoa(String.fromCharCode(...new Uint8Array(new Float32Array(48).fill(NaN).buffer)));
    const cases: [(content: Content) => void, string | RegExp][] = [
      [
        (c) => (c.network.layers[1].weights.data = nan),
        'MlpClassifier.fromJSON: layers[1]: weights[0] must be a finite number; got NaN',
      ],
      [(c) => (c.network.layers[1].weights.shape = [2 ** 40, 2 ** 40]), 'weights'],
      [(c) => (c.network.layers[0].bias.data = 'AAAA'), 'bias.data must hold'],
      [
        (c) => (c.calibration.scores.data = '***'),
        'Calibration.fromJSON: scores.data must be base64 text; got "***"',
      ],
      [
        (c) => (c.calibration.scores.data = 7),
        'Calibration.fromJSON: scores.data must be base64 text; got 7',
      ],
      [(c) => (c.networkDigest = 7), 'loadGuard: networkDigest must be null or a string; got 7'],
      [
        (c) => (c.networkDigest = 'other'),
        /^loadGuard: the file's network comes from the network [0-9a-f]{12}…, but this guard is for the network other; /,
      ],
      [
        (c) => Object.defineProperty(c, '__proto__', { value: { network: 1 }, enumerable: true }),
        'loadGuard: content has a field "__proto__", which no guard has',
      ],
      [
        (c) => (c.provenance.notes.constructor = 'x'),
        'loadGuard: content.provenance.notes has a field "constructor", which no guard has',
      ],
      [
        (c) => {
          c.extra = 0;
          for (let i = 0; i < 100; i++) c.extra = [c.extra];
        },
        'is nested more than 64 deep',
      ],
      [(c) => (c.detector.detector = 'evil'), 'detectorFromJSON: detector must be one of'],
      [
        (c) => (c.labelNames = [1]),
        'loadGuard: labelNames must be null or an array of strings; got an array of 1',
      ],
      [(c) => delete c.provenance, 'loadGuard: provenance: expected an object; got undefined'],
      [(c) => delete c.widths, 'loadGuard: widths: expected an object; got undefined'],
      [(c) => (c.widths.logits = 0), 'loadGuard: widths: logits must be an integer ≥ 1, or left out; got 0'],
      [
        (c) => (c.widths.layers = [8, 'x']),
        'loadGuard: widths: layers must be an array of integers ≥ 1, or left out; got an array of 2',
      ],
      [(c) => (c.provenance.cauda = 1), 'loadGuard: provenance: cauda must be a string; got 1'],
      [
        (c) => (c.provenance.notes = { f: [] }),
        'loadGuard: provenance: notes must be an object of strings, numbers and booleans',
      ],
      [(c) => delete c.calibration, 'expected a saved "cauda.calibration"; got undefined'],
    ];
    for (const [edit, message] of cases) {
      const saved = await sealed(edit as never);
      expect(() => loadGuard(saved as object, { networks: [MlpClassifier] }), String(message)).toThrow(
        message,
      );
    }
    expect(({} as Content).network).toBeUndefined();
  });

  test('a network that the file carries takes a reader, and stays in the file without', async () => {
    const views = network.views(strange);
    const unread = loadGuard(text());
    expect(unread.network).toBeUndefined();
    expect(unread.networkDigest).toBe(network.digest);
    expect(unread.checkAll(views)).toEqual(guard.checkAll(views));
    expect(JSON.stringify(unread)).toBe(text());
    expect(JSON.stringify(unread.withAlpha(0.05))).toBe(text());
    await expect(unread.checkInputs(strange)).rejects.toThrow(
      'Guard.checkInputs: the guard\'s file carries a network saved as "cauda.mlpClassifier"; give loadGuard its reader as the option networks, such as { networks: [MlpClassifier] }',
    );
  });

  test('a network that the file does not carry is handed over, if it is the right one', async () => {
    const { digest } = network;
    const outside: Network = { digest, views: (inputs) => network.views(inputs) };
    const alone = await calibrate(
      guard.detector,
      { inputs: heldOut },
      { alpha: 0.05, network: outside, labelNames: ['left', 'right'] },
    );
    const file = JSON.stringify(alone);
    expect(JSON.parse(file).content).toMatchObject({ network: null, networkDigest: digest });
    const again = loadGuard(file, { network });
    expect(await again.checkInputs(strange)).toEqual(guard.checkAll(network.views(strange)));
    await expect(loadGuard(file).checkInputs(strange)).rejects.toThrow(
      'this guard holds no network for inputs',
    );
    expect(() => loadGuard(file, { network: { ...outside, digest: 'x' } })).toThrow(
      `loadGuard: the option network comes from the network x, but this guard is for the network ${digest.slice(0, 12)}…; use that one, or fit a guard for the other`,
    );
  });

  test('guards are read among other models too', () => {
    const read = loadModel<unknown>(text(), [guardReader]) as Guard;
    expect(read.checkAll(network.views(strange))).toEqual(guard.checkAll(network.views(strange)));
  });

  test('what its file holds of somebody else is asked for by the option that reads it', async () => {
    const features = heldOut.toArray();
    const place: DetectorKind<{ place: number }> = {
      name: 'example.place',
      score: ({ place }, { features }) =>
        Float64Array.from((features as Matrix).toArray(), ([x]) => Math.abs(x! - place)),
      read: (saved) => ({ place: saved.number('place') }),
    };
    const own = await calibrate(Detector.of(place, { place: 1 }), { features }, { alpha: 0.05 });
    const file = JSON.stringify(own);
    expect(loadGuard(file, { kinds: [place] }).score({ features })).toEqual(own.score({ features }));
    for (const read of [() => loadGuard(file), () => loadModel<unknown>(file, allReaders)])
      expect(read).toThrow(
        'got "example.place"; for a detector of your own give its kind to loadGuard or detectorFromJSON, { kinds: [kind] }',
      );

    const steps = { features: [kmeansStep({ nClusters: 3 })] };
    const behind = await prepared({ features }, steps, (made) => knn(made, { k: 3 }));
    const distances = JSON.stringify(await calibrate(behind, { features }, { alpha: 0.05 }));
    expect(() => loadGuard(distances)).toThrow(
      'detectorFromJSON: a view is prepared by a step that was saved as "cauda.kmeans"; give its reader to loadGuard or detectorFromJSON, { steps: [reader] }',
    );
    const scores = behind.score({ features });
    expect(loadGuard(distances, { steps: [KMeansModel] }).score({ features })).toEqual(scores);
    expect((loadModel<unknown>(distances, allReaders) as Guard).score({ features })).toEqual(scores);
  });

  test('mistaken options are named', () => {
    expect(() => loadGuard(text(), { networks: [MlpClassifier, {}] as never })).toThrow(
      'loadGuard: networks must be an array of readers, { format, fromJSON }, such as [MlpClassifier]; got an array of 2',
    );
    expect(() => loadGuard(text(), { networks: [{ digest: 'd', views: () => ({}) }] as never })).toThrow(
      'loadGuard: networks takes readers of networks, such as [MlpClassifier]; got a network: you mean the option network',
    );
    expect(() => loadGuard(text(), { network: {} as never })).toThrow(
      'loadGuard: network must be a network, { digest, views(inputs) }, such as an MlpClassifier; got an object (Object)',
    );
    expect(() => loadGuard(text(), { kinds: [{}] as never })).toThrow(
      'detectorFromJSON: kinds must be an array of kinds of detectors, { name, score, read }; got an array of 1',
    );
    expect(() => loadGuard(text(), 1 as never)).toThrow('loadGuard: options must be an object; got 1');
  });
});
