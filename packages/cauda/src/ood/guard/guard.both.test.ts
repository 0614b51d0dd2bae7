import { beforeAll, describe, expect, test } from 'vitest';
import { Matrix } from '../../matrix.ts';
import { MlpClassifier, mlpClassifier } from '../../nn/index.ts';
import type { ProgressEvent } from '../../parallel/session.ts';
import { Random } from '../../random.ts';
import type { Network } from '../../views.ts';
import { combine } from '../detectors/combine.ts';
import { classGaussians } from '../detectors/gaussians.ts';
import { knn } from '../detectors/knn.ts';
import { energy } from '../detectors/logits.ts';
import { prepared } from '../detectors/prepared.ts';
import { autoGuard } from './auto/autoGuard.ts';
import { calibrate } from './calibrate.ts';
import type { Guard } from './guard.ts';
import { loadGuard } from './loadGuard.ts';
import type { Verdict } from './verdict.ts';

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

describe('a guard', () => {
  test('rates one row, with reasons', async () => {
    const [familiar] = (await guard.checkInputs(probe.take([0]))) as [Verdict];
    const [far] = (await guard.checkInputs([strange.row(1)])) as [Verdict];
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

  test('gives the same bits for one row, many, in blocks, from inputs and from activations', async () => {
    const { X } = points(700, 3);
    const views = network.views(X);
    const all = guard.checkAll(views);
    expect(await guard.checkAllAsync(views)).toEqual(all);
    expect(await guard.checkInputs(X)).toEqual(all);
    const scores = guard.score(views);
    expect(await guard.scoreAsync(views, { workers: 2 })).toEqual(scores);
    for (let i = 0; i < X.rows; i += 10) {
      expect(await guard.checkInputs([Array.from(X.row(i))])).toEqual([all[i]]);
      expect(all[i]!.score).toBe(scores[i]);
      const layers = views.layers.map((layer) => layer.row(i));
      expect(guard.check({ layers, logits: views.logits.row(i), digest: network.digest })).toEqual(all[i]);
    }
  });

  test('reports how many rows are checked, and stops when aborted', async () => {
    const { X } = points(700, 3);
    const seen: string[] = [];
    const onProgress = ({ task, iteration, maxIterations }: ProgressEvent): number =>
      seen.push(`${task} ${iteration}/${maxIterations}`);
    await guard.checkInputs(X, { onProgress });
    expect(seen).toEqual([
      'Guard.checkInputs 256/700',
      'Guard.checkInputs 512/700',
      'Guard.checkInputs 700/700',
    ]);
    await guard.checkAllAsync(network.views(X), { onProgress });
    expect(seen.at(-1)).toBe('Guard.checkAllAsync 700/700');
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(guard.checkInputs(X, { signal })).rejects.toThrow('enough');
    await expect(guard.checkAllAsync(network.views(X), { signal })).rejects.toThrow('enough');
    await expect(calibrate(guard.detector, { inputs: X }, { alpha: 0.05, network, signal })).rejects.toThrow(
      'enough',
    );
  });

  test('refuses views of another network, also when it holds none', async () => {
    const { X, labels } = points(100, 1);
    const other = await mlpClassifier(X, labels, { hiddenLayers: [8, 6], epochs: 1 });
    const digests = `the network ${other.digest.slice(0, 12)}…, but this guard is for the network ${network.digest.slice(0, 12)}…; use that one, or fit a guard for the other`;
    const views = other.views(probe);
    const alone = await calibrate(guard.detector, network.views(heldOut), { alpha: 0.05 });
    expect(alone.network).toBeUndefined();
    expect(alone.networkDigest).toBe(network.digest);
    for (const one of [guard, alone]) {
      expect(() => one.checkAll(views)).toThrow(`Guard.checkAll: these views come from ${digests}`);
      expect(() => one.score(views)).toThrow(`Guard.score: these views come from ${digests}`);
      await expect(one.scoreAsync(views)).rejects.toThrow('Guard.scoreAsync: these views come');
      await expect(one.checkAllAsync(views)).rejects.toThrow('Guard.checkAllAsync: these views come');
      const row = { layers: views.layers.map((layer) => layer.row(0)), logits: views.logits.row(0) };
      expect(() => one.check({ ...row, digest: other.digest })).toThrow('Guard.check: these views come');
      expect(one.check(row).score).toBeTypeOf('number'); // nobody says where they come from
    }
    await expect(calibrate(guard.detector, views, { alpha: 0.05, network })).rejects.toThrow(
      `calibrate: the held-out views come from ${digests}`,
    );
    await expect(alone.recalibrate(views)).rejects.toThrow('Guard.recalibrate: the held-out views come');
  });

  test('stands before any network: one that answers later, and takes inputs of its own kind', async () => {
    const letters: Network = {
      digest: 'letters 1',
      views: async (inputs) => ({ logits: (inputs as string[]).map((text) => [text.length, 0]) }),
    };
    const words = Array.from({ length: 60 }, (_, i) => 'x'.repeat(i + 1));
    const one = await calibrate(energy(), { inputs: words }, { alpha: 0.1, network: letters });
    const verdicts = await one.checkInputs(['xxx', 'x'.repeat(30)]);
    expect(verdicts).toEqual(one.checkAll({ logits: [[3, 0], [30, 0]] })); // biome-ignore format: two rows
    expect(one.toJSON().content).toMatchObject({ network: null, networkDigest: 'letters 1' });
    const logits = words.map((text) => [text.length, 0]);
    const same = await calibrate(energy(), { logits, digest: 'letters 1' }, { alpha: 0.1 });
    expect(same.provenance.calibrationDigest).toBe(one.provenance.calibrationDigest);
    expect(same.networkDigest).toBe('letters 1');
  });

  test('makes another promise from the same calibration scores, if they suffice', () => {
    const strict = guard.withAlpha(0.01, { confidence: 0.9 });
    expect(strict.calibration.alpha).toBe(0.01);
    expect(strict.calibration.confidence).toBe(0.9);
    expect(strict.calibration.scores).toEqual(guard.calibration.scores);
    expect(strict.calibration.threshold).toBeGreaterThan(guard.calibration.threshold);
    expect(guard.withAlpha(0.1).calibration.confidence).toBe(0.95);
    expect(guard.withAlpha(0.05).toJSON()).toEqual(guard.toJSON());
    expect(() => guard.withAlpha(0.001)).toThrow(
      'Guard.withAlpha: alpha 0.001 with confidence 0.95 needs at least 2995 calibration scores; got 400; take more rows, a larger alpha or a lower confidence',
    );
    expect(() => guard.withAlpha(0.01, 0.9 as never)).toThrow(
      'Guard.withAlpha: options must be an object; got 0.9',
    );
    expect(() => guard.withAlpha(2)).toThrow('Guard.withAlpha: alpha must be a number in [1e-9, 1); got 2');
  });

  test('is calibrated anew on other rows without a new fit', async () => {
    const later = points(500, 8, 1).X; // everything has moved up
    const again = await guard.recalibrate({ inputs: later });
    expect(again.detector).toBe(guard.detector);
    expect(again.calibration.alpha).toBe(0.05);
    expect(again.calibration.scores).toEqual(guard.score(network.views(later)).sort());
    expect(again.calibration.threshold).toBeGreaterThan(guard.calibration.threshold);
    expect(again.labelNames).toEqual(['left', 'right']);
    expect(again.provenance).toMatchObject({ calibrationRows: 500, notes: guard.provenance.notes });
    const other = await guard.recalibrate(network.views(later), { alpha: 0.2, notes: { day: 2 } });
    expect(other.calibration.alpha).toBe(0.2);
    expect(other.provenance.notes).toEqual({ day: 2 });
    await expect(guard.recalibrate({ inputs: later.take([0]) })).rejects.toThrow(
      'Guard.recalibrate: alpha 0.05 with confidence 0.95 needs at least 59 calibration scores; got 1',
    );
  });

  test('keeps its promise on rows like the calibration rows', () => {
    const flagged = guard
      .checkAll(network.views(points(4000, 5).X))
      .filter((verdict) => !verdict.inDistribution);
    expect(flagged.length / 4000).toBeLessThan(0.05 + 0.01);
    expect(flagged.length).toBeGreaterThan(40);
  });

  test('comes back from its JSON with the same bits', async () => {
    const text = JSON.stringify(guard);
    for (const source of [text, new TextEncoder().encode(text), JSON.parse(text)]) {
      const again = loadGuard(source, { networks: [MlpClassifier] });
      expect(again.network).toBeInstanceOf(MlpClassifier);
      expect(await again.checkInputs(strange)).toEqual(guard.checkAll(network.views(strange)));
      expect(await again.checkInputs(probe)).toEqual(guard.checkAll(network.views(probe)));
      expect(again.provenance).toEqual(guard.provenance);
      expect(again.labelNames).toEqual(['left', 'right']);
      expect(JSON.stringify(again)).toBe(text);
      expect(Object.isFrozen(again) && Object.isFrozen(again.provenance)).toBe(true);
    }
  });

  test('has the same bits in Node and in a browser', async () => {
    expect(guard.toJSON().checksum).toMatchSnapshot();
    expect(guard.checkAll(network.views(strange.take([0, 1])))).toMatchSnapshot();
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
        () => plain.check({ inputs: [1] } as never),
        'Guard.check: unknown view "inputs"; known are features, layers and logits; for inputs of the network use checkInputs',
      ],
      [
        () => plain.checkInputs([[1]]),
        'Guard.checkInputs: this guard holds no network for inputs; give one to loadGuard as the option network, or check what your network makes of them with checkAll({ layers, logits })',
      ],
      [
        () => plain.recalibrate({ inputs: [[1]] }),
        'Guard.recalibrate: this guard holds no network for inputs; give one to loadGuard as the option network, or ',
      ],
      [
        () => calibrate(energy(), many, { alpha: 0.05, network: {} as never }),
        'calibrate: network must be a network, { digest, views(inputs) }, such as an MlpClassifier; got an object (Object)',
      ],
      [
        () => plain.check([1, 2] as never),
        'Guard.check: expected one row as { layers, logits } or { features }; got an array of 2; for inputs of the network use checkInputs',
      ],
      [() => plain.check({ logits: [NaN, 1] }), 'Guard.check: logits: row 0, column 0 is NaN'],
      [
        () => plain.check({ layers: 3 as never }),
        'Guard.check: layers must be an array of one row a layer; got 3',
      ],
      [
        () => plain.check({ features: [1] }),
        'Guard.check: energy.score: logits are missing; got { features }',
      ],
      [
        () => guard.checkInputs([[1, 2, 3]]),
        'MlpClassifier.views: X has 3 features; this model was fitted on 2',
      ],
      [
        () => calibrate(energy(), { logits: [[1, 2]] }, { alpha: 0.05 }),
        'needs at least 59 calibration scores; got 1',
      ],
      [
        () => plain.recalibrate(many, { network } as never),
        'Guard.recalibrate: unknown option "network"; the guard keeps its own, or gets one by the option network of loadGuard',
      ],
      [
        () => calibrate(energy(), many.logits as never, { alpha: 0.05 }),
        'calibrate: expected held-out rows as { layers, logits } or { features }; got an array of 60; give { logits } for logits',
      ],
      [
        () => plain.checkAll(many.logits as never),
        'Guard.checkAll: expected views, { layers, logits } or { features }; got an array of 60; give { logits } for logits',
      ],
      [
        () => calibrate(knn({ features: many.logits }) as never, many, { alpha: 0.05 }),
        'calibrate: expected a detector, { … } and options; got a promise of one: await it',
      ],
      [
        () => calibrate(energy as never, many, { alpha: 0.05 }),
        'calibrate: expected a detector, { … } and options; got a function: call it, as in energy()',
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

describe("a network of one's own", () => {
  const many = Array.from({ length: 60 }, (_, i) => [i, i % 7]);
  /** One that notes what it is given, and answers `cut` rows too few. */
  const noting = (seen: unknown[], count: (inputs: never) => number, cut = 0): Network => ({
    digest: 'noting',
    views(inputs) {
      seen.push(inputs);
      return { logits: Array.from({ length: count(inputs as never) - cut }, (_, i) => [i % 5, 1]) };
    },
  });
  const length = (inputs: unknown[]): number => inputs.length;

  test('gets its inputs as they are, at once', async () => {
    const seen: unknown[] = [];
    const network = noting(seen, (inputs: { length?: number; dims?: number[] }) => {
      return inputs.dims?.[0] ?? inputs.length ?? 3;
    });
    const rows = Array.from({ length: 600 }, (_, i) => [i]);
    const tokens = { type: 'int32', data: new Int32Array(8).fill(2 ** 25 + 1), dims: [4, 2] };
    const guard = await calibrate(energy(), { inputs: rows }, { alpha: 0.05, network });
    for (const inputs of [rows, tokens, ['a', 'b'], { ids: [1], mask: [1] }, 'text'])
      await guard.checkInputs(inputs);
    expect(seen).toHaveLength(6);
    expect(seen[0]).toBe(rows);
    expect(seen[1]).toBe(rows);
    expect(seen[2]).toBe(tokens);
    expect(seen.slice(3)).toEqual([['a', 'b'], { ids: [1], mask: [1] }, 'text']);
  });

  test('gets matrices of at most 256 rows if it takes rows', async () => {
    const seen: Matrix[] = [];
    const network: Network = { ...noting(seen, ({ rows }: Matrix) => rows), takesRows: true };
    const rows = Array.from({ length: 600 }, (_, i) => [i]);
    const guard = await calibrate(energy(), { inputs: rows }, { alpha: 0.05, network });
    expect(seen.map((block) => [block instanceof Matrix, block.rows])).toEqual([
      [true, 256],
      [true, 256],
      [true, 88],
    ]);
    await expect(guard.checkInputs(['a'])).rejects.toThrow(
      'Guard.checkInputs: inputs: expected an array of rows; got an array of "a"; if it is one row, say [row]; if it is one column, say column.map((value) => [value])',
    );
  });

  test('is not believed where it answers with other rows than its inputs', async () => {
    const few = noting([], length, 1);
    await expect(calibrate(energy(), { inputs: many }, { alpha: 0.05, network: few })).rejects.toThrow(
      'calibrate: the network made 59 rows of 60 inputs; its views must have one row an input',
    );
    const guard = await calibrate(energy(), { logits: many }, { alpha: 0.05, network: few });
    await expect(guard.checkInputs(many)).rejects.toThrow(
      'Guard.checkInputs: the network made 59 rows of 60 inputs; its views must have one row an input',
    );
    const tensor = { data: new Float32Array(6), dims: [3, 2] };
    const one = { ...few, views: () => ({ logits: [[1, 2]] }) };
    const other = await calibrate(energy(), { logits: many }, { alpha: 0.05, network: one });
    await expect(other.checkInputs(tensor)).rejects.toThrow(
      'Guard.checkInputs: the network made 1 row of 3 inputs; its views must have one row an input',
    );
    const uneven = { ...few, views: () => ({ features: [[1], [2]], logits: [[1, 2]] }) };
    const third = await calibrate(energy(), { logits: many }, { alpha: 0.05, network: uneven });
    await expect(third.checkInputs('?')).rejects.toThrow(
      'Guard.checkInputs: features has 2 rows, logits 1; give the same rows in every view',
    );
    const none = { ...few, views: () => 3 as never };
    const fourth = await calibrate(energy(), { logits: many }, { alpha: 0.05, network: none });
    await expect(fourth.checkInputs('?')).rejects.toThrow(
      'Guard.checkInputs: expected views, { layers, logits } or { features }; got 3; give { logits } for logits',
    );
  });
});

describe('views of another sort than those of the calibration', () => {
  const views = (n: number) => network.views(points(n, 6).X);

  test('are refused by name: widths, numbers of layers, rows', async () => {
    const { layers, logits, features } = views(5);
    const narrow = logits.toArray().map(([first]) => [first!]);
    const refused = (given: object, message: string): void =>
      expect(() => guard.checkAll(given as never), message).toThrow(message);
    expect(guard.widths).toEqual({ features: 6, layers: [8, 6], logits: 2 });
    refused(
      { layers, logits: narrow },
      'Guard.checkAll: logits has 1 column; this guard was calibrated on 2',
    );
    refused(
      { layers: [...layers, features], logits },
      'Guard.checkAll: layers has 3 entries; this guard was calibrated on 2',
    );
    refused(
      { layers: [layers[0]], logits },
      'Guard.checkAll: layers has 1 entry; this guard was calibrated on 2',
    );
    refused(
      { layers: [layers[1], layers[0]], logits },
      'Guard.checkAll: layers[0] has 6 columns; this guard was calibrated on 8',
    );
    refused(
      { layers, logits, features: narrow },
      'Guard.checkAll: features has 1 column; this guard was calibrated on 6',
    );
    refused(
      { layers, logits: [[1, 2]] },
      'Guard.checkAll: layers[0] has 5 rows, logits 1; give the same rows in every view',
    );
    refused({ layers: 3, logits }, 'Guard.checkAll: layers must be an array of layers; got 3');
    expect(guard.checkAll({ layers, logits })).toHaveLength(5);
    expect(() => guard.score({ layers, logits: narrow })).toThrow(
      'Guard.score: logits has 1 column; this guard was calibrated on 2',
    );
    await expect(guard.scoreAsync({ layers, logits: narrow })).rejects.toThrow(
      'Guard.scoreAsync: logits has 1 column; this guard was calibrated on 2',
    );
    await expect(guard.checkAllAsync({ layers, logits: narrow })).rejects.toThrow(
      'Guard.checkAllAsync: logits has 1 column; this guard was calibrated on 2',
    );
    const again = loadGuard(JSON.stringify(guard));
    expect(again.widths).toEqual(guard.widths);
    expect(() => again.check({ layers: [[1], [1]], logits: [1, 2] })).toThrow(
      'Guard.check: layers[0] has 1 column; this guard was calibrated on 8',
    );
  });

  test('count channels where they are maps', async () => {
    const map = (n: number, channels: number) =>
      ({ data: new Float32Array(n * channels * 4), dims: [n, channels, 2, 2], layout: 'nchw' }) as const;
    const logits = Array.from({ length: 60 }, (_, i) => [i, 1]);
    const one = await calibrate(energy(), { layers: [map(60, 3)], logits }, { alpha: 0.05 });
    expect(() => one.checkAll({ layers: [map(1, 4)], logits: [[1, 2]] })).toThrow(
      'Guard.checkAll: layers[0] has 4 channels; this guard was calibrated on 3',
    );
  });

  test('are named where the detector refuses them, with the row', async () => {
    const given = views(300);
    const wrong = new Float64Array(Float64Array.from(given.layers[1]!.data));
    wrong[299 * 6 + 2] = NaN;
    const bad = { layers: [given.layers[0]!, new Matrix(wrong, 300, 6)], logits: given.logits };
    const message = 'layers[1]: row 299, column 2 is NaN; expected finite values';
    expect(() => guard.checkAll(bad)).toThrow(`Guard.checkAll: ${message}`);
    await expect(guard.checkAllAsync(bad)).rejects.toThrow(`Guard.checkAllAsync: ${message}`);
    await expect(guard.recalibrate(bad)).rejects.toThrow(`Guard.recalibrate: ${message}`);
    expect(() => guard.score({ logits: given.logits })).toThrow(
      'Guard.score: autoGuard.score: layers[0] is missing: the features of classGaussians',
    );
  });
});

test('every label that a guard may tell has a name', async () => {
  const logits = Array.from({ length: 60 }, (_, i) => [i, 0, 1]);
  const options = { alpha: 0.05, labelNames: ['a', 'b'] };
  await expect(calibrate(energy(), { logits }, options)).rejects.toThrow(
    'calibrate: labelNames[label] must name every label: there are 2 names, but logits have columns for the labels 0, 1, 2; give more names, or number the classes from 0',
  );
  const features = logits.map(([x, , z]) => [x! % 7, z! + (x! % 3)]);
  const labels = logits.map((_, i) => 1 + (i % 2));
  const gaussians = await classGaussians({ features, labels }, { regCovar: 0.1 });
  await expect(calibrate(gaussians, { features }, options)).rejects.toThrow(
    'calibrate: labelNames[label] must name every label: there are 2 names, but classGaussians knows the labels 1, 2; give more names, or number the classes from 0',
  );
  const { labelNames } = await calibrate(gaussians, { features }, { ...options, labelNames: ['', 'a', 'b'] });
  expect(labelNames).toEqual(['', 'a', 'b']);
  for (const one of [
    await combine([gaussians], { features }),
    await prepared({ features }, {}, () => gaussians),
  ])
    await expect(calibrate(one, { features }, options)).rejects.toThrow('knows the labels 1, 2; give');
});
