import { beforeAll, describe, expect, test } from 'vitest';
import { Matrix } from '../../matrix.ts';
import { type MlpClassifier, mlpClassifier } from '../../nn/index.ts';
import { Random } from '../../random.ts';
import { knn } from '../detectors/knn.ts';
import { energy } from '../detectors/logits.ts';
import { autoGuard } from './autoGuard.ts';
import { calibrate, type Guard, loadGuard, viewsOf } from './guard.ts';

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
const probe = points(40, 3).X;
const strange = points(40, 4, 12).X;

beforeAll(async () => {
  const { X, labels } = points(600, 1);
  network = await mlpClassifier(X, labels, { hiddenLayers: [8, 6], epochs: 4, optimizer: { name: 'adam' } });
  const detector = await autoGuard({ ...viewsOf(network, X), labels });
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

describe('a guard', () => {
  test('rates one row, with reasons', () => {
    const [familiar, far] = [guard.check({ inputs: probe.row(0) }), guard.check({ inputs: strange.row(1) })];
    expect(familiar.inDistribution).toBe(true);
    expect(familiar.nearestClass).toBe('left');
    expect(far.inDistribution).toBe(false);
    expect(far.pValue).toBe(1 / 401);
    expect(far.perLayer.map(({ detector, layer }) => [detector, layer])).toEqual([
      ['classGaussians', 0],
      ['classGaussians', 1],
      ['energy', undefined],
      ['entropy', undefined],
    ]);
    expect(far.perLayer.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(far.score, 12);
    expect(far.score).toBeGreaterThan(guard.calibration.threshold);
  });

  test('gives the same bits for one row, many, from inputs and from activations', () => {
    const all = guard.checkAll({ inputs: probe });
    const scores = guard.score({ inputs: probe });
    const views = viewsOf(network, probe);
    for (let i = 0; i < probe.rows; i++) {
      expect(guard.check({ inputs: Array.from(probe.row(i)) })).toEqual(all[i]);
      expect(all[i]!.score).toBe(scores[i]);
      const layers = views.layers.map((layer) => layer.row(i));
      expect(guard.check({ layers, logits: views.logits.row(i) })).toEqual(all[i]);
    }
  });

  test('keeps its promise on rows like the calibration rows', () => {
    const flagged = guard
      .checkAll({ inputs: points(4000, 5).X })
      .filter((verdict) => !verdict.inDistribution);
    expect(flagged.length / 4000).toBeLessThan(0.05 + 0.01);
    expect(flagged.length).toBeGreaterThan(40);
  });

  test('comes back from its JSON with the same bits', () => {
    const text = JSON.stringify(guard);
    for (const again of [text, new TextEncoder().encode(text), JSON.parse(text)].map(loadGuard)) {
      expect(again.checkAll({ inputs: strange })).toEqual(guard.checkAll({ inputs: strange }));
      expect(again.checkAll({ inputs: probe })).toEqual(guard.checkAll({ inputs: probe }));
      expect(again.provenance).toEqual(guard.provenance);
      expect(again.labelNames).toEqual(['left', 'right']);
      expect(JSON.stringify(again)).toBe(text);
      expect(Object.isFrozen(again) && Object.isFrozen(again.provenance)).toBe(true);
    }
  });

  test('has the same bits in Node and in a browser', async () => {
    expect(guard.toJSON().checksum).toMatchSnapshot();
    expect(guard.checkAll({ inputs: strange.take([0, 1]) })).toMatchSnapshot();
  });

  test('says where it comes from', () => {
    expect(guard.provenance).toEqual({
      cauda: '0.1.0',
      calibrationRows: 400,
      calibrationDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      notes: { data: 'two clouds', rows: 600, real: false },
    });
  });

  test('without Gaussians the nearest class is that of the largest logit; without logits there is none', async () => {
    const logits = [
      [3, 1],
      [0, 2],
    ];
    const many = Array.from({ length: 60 }, (_, i) => [i / 10, 0]);
    const byLogits = await calibrate(energy(), { logits: many }, { alpha: 0.1, labelNames: ['a', 'b'] });
    expect(byLogits.checkAll({ logits }).map(({ nearestClass }) => nearestClass)).toEqual(['a', 'b']);
    expect(byLogits.check({ logits: [0, 2] }).perLayer).toEqual([
      { detector: 'energy', layer: undefined, score: byLogits.check({ logits: [0, 2] }).score },
    ]);
    const bare = await calibrate(
      await knn({ features: [[0]] }),
      { features: many.map(([x]) => [x!]) },
      { alpha: 0.1 },
    );
    expect(bare.check({ features: [1] }).nearestClass).toBeUndefined();
  });

  test('mistakes are named', async () => {
    const many = { logits: Array.from({ length: 60 }, (_, i) => [i, 0]) };
    const plain = await calibrate(energy(), many, { alpha: 0.05 });
    const cases: [() => unknown, string][] = [
      [
        () => plain.check({ inputs: [1] }),
        'Guard.check: this guard holds no network for inputs; give what its detector reads, such as { layers, logits }',
      ],
      [
        () => plain.check([1, 2] as never),
        'Guard.check: expected one row as { layers, logits }, { features } or { inputs }; got an array of 2',
      ],
      [() => plain.check({ logits: [NaN, 1] }), 'Guard.check: logits: row 0, column 0 is NaN'],
      [
        () => plain.check({ layers: 3 as never }),
        'Guard.check: layers must be an array of one row a layer; got 3',
      ],
      [() => plain.check({ features: [1] }), 'energy.score: logits are missing; got { features }'],
      [() => guard.check({ inputs: [1, 2, 3] }), 'X has 3 features; this model was fitted on 2'],
      [
        () => calibrate(energy(), { logits: [[1, 2]] }, { alpha: 0.05 }),
        'needs at least 59 calibration scores; got 1',
      ],
      [
        () => calibrate([1, 2] as never, many, { alpha: 0.05 }),
        'calibrate: expected a detector, { … } and options; got an array of 2; for scores use calibrateScores',
      ],
      [
        () => calibrate(energy(), many, { alpha: 2 }),
        'calibrate: alpha must be a number in [1e-9, 1); got 2',
      ],
      [
        () => calibrate(energy(), many, { alpha: 0.05, beta: 1 } as never),
        'calibrate: unknown option "beta"',
      ],
      [
        () => calibrate(energy(), many, { alpha: 0.05, labelNames: [1] as never }),
        'calibrate: labelNames must be an array of strings; got an array of 1',
      ],
      [
        () => calibrate(energy(), many, { alpha: 0.05, notes: { a: {} } as never }),
        'calibrate: notes must be an object of strings, numbers and booleans; got an object (Object)',
      ],
      [
        () => calibrate(energy(), { inputs: [[1]] }, { alpha: 0.05 }),
        'calibrate: inputs need the option network, which makes activations of them',
      ],
    ];
    for (const [call, message] of cases)
      await expect((async () => call())(), message).rejects.toThrow(message);
  });
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
    expect(() => loadGuard({ ...JSON.parse(text()), version: 2 })).toThrow(
      'loadGuard: this Cauda reads version 1 of "cauda.guard"; got version 2',
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
        (c) => (c.network.layers[1].weights.data = { float32: nan }),
        'MlpClassifier.fromJSON: layers[1]: weights[0] must be a finite number; got NaN',
      ],
      [(c) => (c.network.layers[1].weights.shape = [2 ** 40, 2 ** 40]), 'weights must be a matrix of'],
      [
        (c) => (c.calibration.scores = { float64: 'AAAA' }),
        'loadGuard: content.calibration.scores.float64 must hold whole float64 values; got 3 bytes',
      ],
      [
        (c) => (c.calibration.scores = { float64: '***' }),
        'loadGuard: content.calibration.scores.float64 must be base64; got "***"',
      ],
      [
        (c) => (c.calibration.scores = { float32: 7 }),
        'loadGuard: content.calibration.scores.float32 must be base64; got 7',
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
      [(c) => (c.provenance.cauda = 1), 'loadGuard: provenance: cauda must be a string; got 1'],
      [
        (c) => (c.provenance.notes = { f: [] }),
        'loadGuard: provenance: notes must be an object of strings, numbers and booleans',
      ],
      [(c) => delete c.calibration, 'expected a saved "cauda.calibration"; got undefined'],
    ];
    for (const [edit, message] of cases) {
      const saved = await sealed(edit as never);
      expect(() => loadGuard(saved as object), String(message)).toThrow(message);
    }
    expect(({} as Content).network).toBeUndefined();
  });
});
