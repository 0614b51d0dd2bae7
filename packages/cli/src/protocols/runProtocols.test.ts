import { energy, type Scorer } from 'cauda/ood';
import { expect, test } from 'vitest';
import { smallDigits } from '../../test/smallDigits.ts';
import { corruptionKinds, severities } from './corrupt.ts';
import { usualDetectors } from './detectors.ts';
import type { Training } from './network.ts';
import { type ProtocolOptions, type ProtocolResult, runProtocols } from './runProtocols.ts';

const data = smallDigits({ train: 200, test: 50 });
const options: ProtocolOptions = {
  data,
  makeDetectors: async () => ({ energy: energy() }),
  seeds: [0],
  resamples: 5,
  workers: 0,
};

/** Without times. */
const figures = ({ runs, summary }: ProtocolResult) => [runs.map(({ seconds, ...run }) => run), summary];

test('each seed has its seven problems and six networks, and detectors see training images alone', async () => {
  const trainings: Training[] = [];
  const { runs } = await runProtocols({
    ...options,
    seeds: [3, 4],
    makeDetectors: async (training) => {
      trainings.push(training);
      return { energy: energy() };
    },
  });
  expect(runs.map(({ seed, protocol, known }) => `${seed} ${protocol} ${known.join('')}`)).toEqual(
    [3, 4].flatMap((seed) => [
      `${seed} Fashion-MNIST 0123456789`,
      `${seed} corrupted digits 0123456789`,
      `${seed} unknown digits 012345`,
      `${seed} unknown digits 345789`,
      `${seed} unknown digits 125689`,
      `${seed} unknown digits 024679`,
      `${seed} unknown digits 013678`,
    ]),
  );
  expect(trainings.map(({ pixels }) => pixels.rows)).toEqual([
    200, 120, 120, 120, 120, 120, 200, 120, 120, 120, 120, 120,
  ]);
  for (const { network, labels, layers, logits, features, pixels } of trainings) {
    expect(layers.map(({ shape }) => shape[1])).toEqual([128, 64]);
    expect([logits.cols, features.cols, pixels.cols]).toEqual([network.classes.length, 64, 784]);
    expect(Math.max(...labels)).toBe(network.classes.length - 1);
    // the fixture's first pixel is the digit
    labels.forEach((label, i) => {
      expect(Math.round(pixels.row(i)[0]! * 255)).toBe(network.classes[label]);
    });
  }
  const sets = runs[1]!.evaluation.rows.map(({ ood }) => ood);
  expect(sets).toEqual(
    corruptionKinds.flatMap((kind) => severities.map((severity) => `${kind} ${severity}`)),
  );
});

test('the summary is the mean and the ends of the runs', async () => {
  const { runs, summary } = await runProtocols({ ...options, seeds: [0, 1] });
  const near = summary.find(({ protocol }) => protocol === 'unknown digits')!;
  const values = runs
    .filter(({ protocol }) => protocol === 'unknown digits')
    .map(({ evaluation }) => evaluation.rows[0]!.auroc.value);
  expect([near.runs, values.length]).toEqual([10, 10]);
  expect(near.auroc.mean).toBeCloseTo(values.reduce((sum, value) => sum + value) / 10, 12);
  expect([near.auroc.lowest, near.auroc.highest]).toEqual([Math.min(...values), Math.max(...values)]);
  expect(summary.map(({ protocol, ood }) => `${protocol}: ${ood}`)).toHaveLength(32);
});

test('figures depend on seeds and not on workers', async () => {
  const usual = { ...options, makeDetectors: usualDetectors };
  const one = await runProtocols(usual);
  expect(figures(await runProtocols({ ...usual, workers: 2 }))).toEqual(figures(one));
  expect(one.runs[0]!.evaluation.rows.map(({ detector }) => detector)).toEqual([
    'maxSoftmax',
    'energy',
    'classGaussians',
    'knn',
    'classGaussians + energy',
    'autoGuard',
  ]);
  expect(one.runs[0]!.accuracy).toBeGreaterThan(0.9);
});

test('progress rises to the end, and an abort ends it with its reason', async () => {
  const fractions: number[] = [];
  await runProtocols({ ...options, onProgress: (_, fraction) => fractions.push(fraction) });
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(fractions[0]).toBeGreaterThanOrEqual(0);
  expect(fractions.at(-1)).toBeGreaterThan(0.9);
  expect(fractions.at(-1)).toBeLessThanOrEqual(1);

  const controller = new AbortController();
  const blind: Scorer = { score: ({ logits }) => new Float64Array((logits as { rows: number }).rows) };
  const stopped = runProtocols({
    ...options,
    signal: controller.signal,
    makeDetectors: async () => {
      controller.abort(new Error('enough'));
      return { blind };
    },
  });
  await expect(stopped).rejects.toThrow('enough');
});
