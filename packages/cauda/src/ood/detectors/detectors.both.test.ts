import { describe, expect, test } from 'vitest';
import { pcaStep } from '../../decompose/pca.ts';
import { Matrix } from '../../matrix.ts';
import { standardScalerStep } from '../../preprocess/standardScaler.ts';
import { Random } from '../../random.ts';
import { type SavedArray, saveArray } from '../../serialize.ts';
import type { Detector, Head } from '../index.ts';
import * as ood from '../index.ts';

/** What holds for all detectors, in Node and in Chromium: the same bits, saved or not, one row or many. */
const d = 13;
const nClasses = 4;
const random = new Random(11);
const head: Head = {
  weights: new Matrix(
    Float32Array.from({ length: d * nClasses }, () => random.normal()),
    d,
    nClasses,
  ),
  bias: Float32Array.from({ length: nClasses }, () => random.normal()),
};

interface Rows {
  readonly features: Matrix;
  readonly logits: Matrix;
  readonly labels: Int32Array;
}

/** Clouds after a ReLU, each class around its own mean. */
function rows(n: number, seed: number): Rows {
  const random = new Random(seed);
  const labels = Int32Array.from({ length: n }, (_, i) => i % nClasses);
  const features = Float32Array.from({ length: n * d }, (_, at) => {
    const mean = at % nClasses === labels[Math.floor(at / d)] ? 2 : 0.5;
    return Math.max(0, mean + random.normal());
  });
  const logits = Float32Array.from({ length: n * nClasses }, (_, at) => {
    const mean = at % nClasses === labels[Math.floor(at / nClasses)] ? 4 : 0;
    return mean + 2 * random.normal();
  });
  return { features: new Matrix(features, n, d), logits: new Matrix(logits, n, nClasses), labels };
}

const input = ({ features, logits }: Rows) => ({ features, logits, layers: [features] });

const fits: Record<string, (training: Rows, workers?: number) => Detector | Promise<Detector>> = {
  maxSoftmax: () => ood.maxSoftmax({ temperature: 2 }),
  temperatureScaling: ({ logits, labels }) => ood.temperatureScaling({ logits, labels }),
  maxLogit: () => ood.maxLogit(),
  energy: () => ood.energy({ temperature: 0.5 }),
  entropy: () => ood.entropy(),
  generalizedEntropy: () => ood.generalizedEntropy({ top: 3 }),
  klMatching: ({ logits }) => ood.klMatching({ logits }),
  mahalanobis: ({ features, labels }) => ood.mahalanobis({ features, labels }),
  relativeMahalanobis: ({ features, labels }) => ood.relativeMahalanobis({ features, labels }),
  classGaussians: ({ features, labels }, workers) =>
    ood.classGaussians({ features, labels }, { perClass: 2, workers }),
  mixtureDetector: ({ features }, workers) =>
    ood.mixtureDetector({ features }, { nComponents: [2, 4], covarianceType: 'diag', workers }),
  knn: ({ features }) => ood.knn({ features }, { k: 3 }),
  'knn, normalized': ({ features }) => ood.knn({ features }, { k: 2, normalize: true }),
  residual: ({ features }) => ood.residual({ features, head }),
  vim: ({ features }) => ood.vim({ features, head }, { dim: 3 }),
  pcaResidual: ({ features }) => ood.pcaResidual({ features }, { nComponents: 5, relative: true }),
  she: ({ features, labels }) => ood.she({ features, head, labels }),
  nci: ({ features }) => ood.nci({ features, head }),
  fdbd: ({ features }) => ood.fdbd({ features, head }),
  react: ({ features }) => ood.react({ features, head }),
  'ash, p': () => ood.ash({ head }, { variant: 'p', percentile: 70 }),
  'ash, b': () => ood.ash({ head }, { variant: 'b', percentile: 70 }),
  'ash, s': () => ood.ash({ head }, { percentile: 70 }),
  scale: () => ood.scale({ head }, { percentile: 70 }),
  dice: ({ features }) => ood.dice({ features, head }, { percentile: 60 }),
  'combine, sum': async (training) =>
    ood.combine([ood.energy(), { detector: await ood.knn(training), layer: 0 }], input(training)),
  'combine, fisher': async (training) =>
    ood.combine([ood.energy(), await ood.knn(training), await ood.mahalanobis(training)], input(training), {
      by: 'fisher',
    }),
  'combine, surprisal': async (training) =>
    ood.combine(
      [{ detector: await ood.mahalanobis(training), layer: 0, weight: 2 }, ood.energy()],
      input(training),
      {
        by: 'surprisal',
      },
    ),
  prepared: ({ features, labels }) =>
    ood.prepared(
      { features, labels },
      { features: [standardScalerStep(), pcaStep({ nComponents: 6 })] },
      (training) => ood.mahalanobis(training),
    ),
  'autoGuard, prepared': ({ features, logits, labels }) =>
    ood.autoGuard({ layers: [features], logits, labels }, { prepare: { layers: [[standardScalerStep()]] } }),
  autoGuard: ({ features, logits, labels }, workers) =>
    ood.autoGuard({ layers: [features], logits, labels }, { workers }),
};
const names = Object.keys(fits);

const training = rows(240, 1);
const probe = rows(70, 2);
const saved = (detector: Detector): Record<string, unknown> => JSON.parse(JSON.stringify(detector));

test('every detector that can be read back is in the table', () => {
  const saved = { format: 'cauda.detector', version: 2, detector: 'none' };
  let message = '';
  try {
    ood.detectorFromJSON(saved);
  } catch (error) {
    message = (error as Error).message;
  }
  const known = /one of (.*?); got/.exec(message)![1]!.split(', ');
  expect(known).toHaveLength(24); // temperatureScaling gives a maxSoftmax
  const tried = new Set(names.map((name) => name.split(',')[0]));
  for (const name of known) expect(tried).toContain(name);
});

describe.each(names)('%s', (name) => {
  const fit = fits[name]!;

  test('scores rows with the same bits wherever it runs, one by one or together', async () => {
    const detector = await fit(training, 0);
    const scores = detector.score(input(probe));
    expect(scores).toHaveLength(70);
    expect(scores.every(Number.isFinite)).toBe(true);
    expect(new Set(scores).size).toBeGreaterThan(20);
    const last = (X: Matrix) => X.take([69]);
    const alone = {
      features: last(probe.features),
      logits: last(probe.logits),
      layers: [last(probe.features)],
    };
    expect(detector.score(alone)[0]).toBe(scores[69]);
    expect(await digest(scores)).toMatchSnapshot();
  });

  test('scores in blocks that let timers in, with the same bits', async () => {
    const detector = await fit(training);
    const many = rows(300, 6);
    for (const workers of [0, 2])
      expect(await detector.scoreAsync(input(many), { workers })).toEqual(detector.score(input(many)));
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(detector.scoreAsync(input(many), { signal })).rejects.toThrow('enough');
    await expect(detector.scoreAsync({})).rejects.toThrow(/^[a-zA-Z]+\.score(Async)?: .*missing/);
    await expect(detector.scoreAsync(input(many), { seed: 1 } as never)).rejects.toThrow(
      `${detector.name}.scoreAsync: unknown option "seed"; known are workers, signal, onProgress`,
    );
  });

  test('comes back from JSON to the bit', async () => {
    const detector = await fit(training);
    const again = ood.detectorFromJSON(saved(detector));
    expect(again.name).toBe(name === 'temperatureScaling' ? 'maxSoftmax' : name.split(',')[0]);
    expect(again.score(input(probe))).toEqual(detector.score(input(probe)));
    expect(saved(again)).toEqual(saved(detector));
    expect(Object.isFrozen(again)).toBe(true);
  });

  test('is not changed by what happens to the training rows later', async () => {
    const given = rows(240, 1);
    const detector = await fit(given);
    const scores = detector.score(input(probe));
    for (const array of [given.features.data, given.logits.data, given.labels]) array.fill(1);
    expect(detector.score(input(probe))).toEqual(scores);
  });

  test('float32 activations give what the same numbers in float64 give', async () => {
    const wide = ({ data, rows, cols }: Matrix) => new Matrix(Float64Array.from(data), rows, cols);
    const double = (given: Rows): Rows => ({
      ...given,
      features: wide(given.features),
      logits: wide(given.logits),
    });
    const single = (await fit(training)).score(input(probe));
    const scores = (await fit(double(training))).score(input(double(probe)));
    const own = /knn|mixture|combine|autoGuard|prepared/.test(name); // these work in the precision of the training rows
    scores.forEach((score, i) => {
      if (own) expect(Math.abs(score - single[i]!)).toBeLessThan(1e-4 * Math.max(1, Math.abs(score)));
      else expect(score).toBe(single[i]);
    });
  });

  test('a saved detector with a field missing, of another kind or not finite is refused', async () => {
    const whole = saved(await fit(training));
    const refused = (change: object) =>
      expect(() => ood.detectorFromJSON({ ...whole, ...change })).toThrow(/fromJSON: /i);
    for (const field of Object.keys(whole))
      for (const wrong of [undefined, null, 'x', NaN, -7, {}, [], [null], { toString: null }])
        if (
          JSON.stringify(wrong) !== JSON.stringify(whole[field]) &&
          !(wrong === -7 && field === 'threshold') &&
          !(Array.isArray(wrong) && wrong.length === 0 && field === 'preparation')
        )
          refused({ [field]: wrong });
    for (const [field, value] of Object.entries(whole))
      if (Array.isArray(value) && value.length) {
        if (field !== 'preparation') refused({ [field]: value.slice(1) }); // one view less is a preparation too
        refused({ [field]: [NaN, ...value.slice(1)] });
      } else if (typeof (value as Partial<SavedArray>)?.data === 'string') {
        const array = value as SavedArray;
        refused({ [field]: { ...array, data: array.data.slice(4) } });
        refused({ [field]: { ...array, shape: [...array.shape, 2] } });
        refused({
          [field]: saveArray(new Float64Array(array.shape.reduce((a, b) => a * b)).fill(NaN), array.shape),
        });
      }
  });
});

test('the fits that use workers give the same bits for any number of them', async () => {
  const many = rows(5000, 3);
  for (const name of ['classGaussians', 'mixtureDetector', 'autoGuard']) {
    const scores = [];
    for (const workers of [0, 1, 2, 5]) scores.push((await fits[name]!(many, workers)).score(input(probe)));
    for (const other of scores) expect(other, name).toEqual(scores[0]);
  }
});

test('the order of the training rows does not matter but for rounding', async () => {
  const order = new Random(4).permutation(240);
  const shuffled: Rows = {
    features: training.features.take(order),
    logits: training.logits.take(order),
    labels: Int32Array.from(order, (i) => training.labels[i]!),
  };
  for (const name of names) {
    if (/mixtureDetector|classGaussians|autoGuard/.test(name)) continue; // K-means starts from other rows
    const [before, after] = [await fits[name]!(training), await fits[name]!(shuffled)];
    const scores = after.score(input(probe));
    before.score(input(probe)).forEach((score, i) => {
      expect(scores[i], name).toBeCloseTo(score, name === 'prepared' ? 4 : 7); // its steps are in float32
    });
  }
});

const readLogits = new Set([
  'maxSoftmax',
  'maxLogit',
  'energy',
  'entropy',
  'generalizedEntropy',
  'klMatching',
]);

test('what a detector needs and is not given is named', async () => {
  for (const name of names) {
    const detector = await fits[name]!(training);
    if (/combine|autoGuard|prepared/.test(detector.name)) continue;
    const needs = readLogits.has(detector.name) ? 'logits' : 'features';
    const other = needs === 'logits' ? 'features' : 'logits';
    const who = `${detector.name}.score`;
    expect(() => detector.score({ [other]: probe[other] })).toThrow(
      `${who}: ${needs} are missing; got { ${other} }`,
    );
    expect(() => detector.score(probe[needs] as never)).toThrow(
      `${who}: expected an object with ${needs}, { ${needs} }; got an object (Matrix)`,
    );
    expect(() => detector.score([[1, 2]] as never)).toThrow(
      `${who}: expected an object with ${needs}, { ${needs} }; got an array of 1`,
    );
    expect(() => detector.score({ [needs]: [[NaN]] })).toThrow(`${who}: ${needs}`);
  }
});

test('every factory of a detector that learns answers with a promise and knows its options', async () => {
  const { features, logits, labels } = training;
  const given = { features, logits, labels, head };
  const members = [ood.energy()];
  const factories = {
    ...{ temperatureScaling: ood.temperatureScaling, klMatching: ood.klMatching, knn: ood.knn },
    ...{ mahalanobis: ood.mahalanobis, relativeMahalanobis: ood.relativeMahalanobis },
    ...{ residual: ood.residual, vim: ood.vim, pcaResidual: ood.pcaResidual, she: ood.she, nci: ood.nci },
    ...{ fdbd: ood.fdbd, react: ood.react, ash: ood.ash, scale: ood.scale, dice: ood.dice },
    fitTemperature: ood.fitTemperature,
    combine: (rows: typeof given, options: object) => ood.combine(members, rows, options),
  } as Record<string, (rows: typeof given, options?: object) => Promise<unknown>>;
  const signal = AbortSignal.abort(new Error('enough'));
  for (const [name, factory] of Object.entries(factories)) {
    const fitting = factory(given, { seed: 3, workers: 0, onProgress: () => {} });
    expect(fitting, name).toBeInstanceOf(Promise);
    await fitting;
    await expect(factory(given, { signal }), name).rejects.toThrow('enough');
    await expect(factory(given, { sed: 1 }), name).rejects.toThrow(
      `${name}: unknown option "sed"; known are`,
    );
    await expect(factory(given, { seed: -1 }), name).rejects.toThrow(
      `${name}: seed must be an integer in [0, 9007199254740991]; got -1`,
    );
  }
});

test('detectorFromJSON refuses what is no detector of this version', async () => {
  const combined = saved(await ood.combine([ood.maxLogit()], input(training)));
  const good = saved(ood.maxLogit());
  expect(() => ood.detectorFromJSON(5)).toThrow('detectorFromJSON: expected a saved "cauda.detector"; got 5');
  expect(() => ood.detectorFromJSON({ ...good, version: 1 })).toThrow(
    'detectorFromJSON: this Cauda reads version 2 of "cauda.detector"; got version 1',
  );
  for (const detector of ['__proto__', 'constructor', 'toString', undefined])
    expect(() => ood.detectorFromJSON({ ...good, detector })).toThrow(
      'detectorFromJSON: detector must be one of maxSoftmax, maxLogit,',
    );
  const wrap = (inner: object) => ({ ...combined, detectors: [inner] });
  let deep: object = good;
  for (let level = 0; level < 8; level++) deep = wrap(deep);
  expect(ood.detectorFromJSON(deep).name).toBe('combine');
  for (let level = 0; level < 10_000; level++) deep = wrap(deep);
  expect(() => ood.detectorFromJSON(deep)).toThrow(
    'detectorFromJSON: detectors inside detectors must be at most 8 deep',
  );
});

/** The first half of the SHA-256 of the scores, as little-endian doubles. */
async function digest(scores: Float64Array): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', Float64Array.from(scores)));
  return Array.from(hash.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
