import { describe, expect, test } from 'vitest';
import * as cauda from '../src/index.ts';
import * as io from '../src/io/index.ts';
import * as nn from '../src/nn/index.ts';
import * as node from '../src/node/index.ts';
import * as ood from '../src/ood/index.ts';

/**
 * A walk over every public function: what takes training rows returns a promise, takes `FitControl` and refuses what it
 * does not know; nothing new escapes the walk.
 */

const random = new cauda.Random(12);
const n = 120;
const labels = Array.from({ length: n }, (_, i) => i % 2);
const features = labels.map((label) => Array.from({ length: 4 }, () => 6 * label + random.normal()));
const logits = features.map(([a, b]) => [-a!, b!]);
const head = { weights: features.slice(0, 2).map((row) => row.map((x) => 0.1 * x)), bias: [0.1, -0.1] };
const views = { features, logits, labels, layers: [features], head };
const detector = await ood.knn({ features });

type Control = Record<string, unknown>;

/** Every function that takes training rows, with the least that it needs. */
const learners: Record<string, (control?: Control) => unknown> = {
  standardScaler: (control) => cauda.standardScaler(features, control),
  pca: (control) => cauda.pca(features, control),
  kmeans: (control) => cauda.kmeans(features, { nClusters: 2, ...control }),
  kmeansPlusPlus: (control) => cauda.kmeansPlusPlus(features, { nClusters: 2, ...control }),
  miniBatchKMeans: (control) => cauda.miniBatchKMeans(features, { nClusters: 2, ...control }),
  bisectingKMeans: (control) => cauda.bisectingKMeans(features, { nClusters: 2, ...control }),
  selectKMeans: (control) => cauda.selectKMeans(features, { nClusters: [2, 3], ...control }),
  gapStatistic: (control) => cauda.gapStatistic(features, { nClusters: [1, 2], nReferences: 2, ...control }),
  gaussianMixture: (control) => cauda.gaussianMixture(features, { nComponents: 2, ...control }),
  bayesianGaussianMixture: (control) =>
    cauda.bayesianGaussianMixture(features, { nComponents: 2, ...control }),
  classGaussianMixture: (control) => cauda.classGaussianMixture(features, labels, control),
  selectGaussianMixture: (control) =>
    cauda.selectGaussianMixture(features, { nComponents: [1, 2], ...control }),
  mlpClassifier: (control) =>
    nn.mlpClassifier(features, labels, { hiddenLayers: [3], epochs: 1, ...control }),
  autoGuard: (control) => ood.autoGuard(views, control),
  calibrate: (control) => ood.calibrate(detector, { features }, { alpha: 0.1, ...control }),
  classGaussians: (control) => ood.classGaussians(views, control),
  combine: (control) => ood.combine([detector], { features }, control),
  dice: (control) => ood.dice(views, control),
  fdbd: (control) => ood.fdbd(views, control),
  fitTemperature: (control) => ood.fitTemperature(views, control),
  klMatching: (control) => ood.klMatching(views, control),
  knn: (control) => ood.knn({ features }, control),
  mahalanobis: (control) => ood.mahalanobis(views, control),
  mixtureDetector: (control) => ood.mixtureDetector(views, { nComponents: 2, ...control }),
  nci: (control) => ood.nci(views, control),
  pcaResidual: (control) => ood.pcaResidual(views, control),
  prepared: (control) =>
    ood.prepared(views, { features: [cauda.pcaStep({ nComponents: 2 })] }, (rows) => ood.knn(rows), control),
  react: (control) => ood.react(views, control),
  relativeMahalanobis: (control) => ood.relativeMahalanobis(views, control),
  residual: (control) => ood.residual(views, control),
  she: (control) => ood.she(views, control),
  temperatureScaling: (control) => ood.temperatureScaling(views, control),
  vim: (control) => ood.vim(views, control),
};

/** Fits in steps: async iterables, which begin when they are asked for the first step. */
const stepped: Record<string, (control?: Control) => AsyncGenerator> = {
  kmeansSteps: (control) => cauda.kmeansSteps(features, { nClusters: 2, ...control }),
  miniBatchSteps: (control) => cauda.miniBatchSteps(features, { nClusters: 2, ...control }),
  gaussianMixtureSteps: (control) => cauda.gaussianMixtureSteps(features, { nComponents: 2, ...control }),
};

/** Functions that learn nothing from rows: figures of what is given, detectors without training, files, steps, readers. */
const others = new Set([
  'adjustedMutualInfoScore',
  'adjustedRandScore',
  'calinskiHarabaszScore',
  'completenessScore',
  'confusionMatrix',
  'contingencyMatrix',
  'daviesBouldinScore',
  'fowlkesMallowsScore',
  'homogeneityScore',
  'mutualInfoScore',
  'normalizedMutualInfoScore',
  'pairConfusionMatrix',
  'purityScore',
  'randScore',
  'silhouetteSamples',
  'silhouetteScore',
  'vMeasureScore',
  'gaussianMixtureStep',
  'kmeansStep',
  'miniBatchKMeansStep',
  'pcaStep',
  'standardScalerStep',
  'pipeline',
  'pipelineReader',
  'ash',
  'energy',
  'entropy',
  'generalizedEntropy',
  'maxLogit',
  'maxSoftmax',
  'scale',
  'aupr',
  'auroc',
  'bootstrap',
  'detectionError',
  'evaluate',
  'fprAtTpr',
  'rocCurve',
  'calibrateScores',
  'calibrationRowsNeeded',
  'conditionalPValues',
  'conformalPValues',
  'labelConditionalPValues',
  'monitor',
  'selectOutliers',
  'detectorFromJSON',
  'loadGuard',
  'loadModel',
  'readCsv',
  'readIdx',
  'readMatrixFile',
  'readNpy',
  'readNpz',
  'npySource',
  'writeFileAtomic',
  'writeIdx',
  'writeNpy',
]);

test('no public function escapes the walk', () => {
  const known = new Set([...Object.keys(learners), ...Object.keys(stepped), ...others]);
  const found = [cauda, nn, ood, io, node].flatMap((module) =>
    Object.entries(module)
      .filter(([, value]) => typeof value === 'function' && !/^class\b/.test(String(value)))
      .map(([name]) => name),
  );
  expect(found.filter((name) => !known.has(name))).toEqual([]);
  expect([...known].filter((name) => !found.includes(name))).toEqual([]);
});

describe.each(Object.entries(learners))('%s', (_, learn) => {
  test('returns a promise and takes FitControl', async () => {
    const model = learn({ seed: 3, workers: 0, signal: new AbortController().signal, onProgress: () => {} });
    expect(model).toBeInstanceOf(Promise);
    await model;
  });

  test('rejects with the reason of a signal that is aborted already', async () => {
    const reason = new Error('no longer wanted');
    await expect(learn({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('rejects an option that it does not know, by name', async () => {
    await expect(learn({ sead: 3 })).rejects.toThrow(/^\w+: unknown option "sead"; known are /);
  });

  test('the same seed gives the same model', async () => {
    const text = async () => JSON.stringify(await learn({ seed: 7 }));
    expect(await text()).toBe(await text());
  });
});

describe.each(Object.entries(stepped))('%s', (_, steps) => {
  test('takes FitControl, and rejects what it does not know', async () => {
    let count = 0;
    for await (const step of steps({ seed: 3, workers: 0 })) count += step ? 1 : 0;
    expect(count).toBeGreaterThan(0);
    const reason = new Error('no longer wanted');
    await expect(steps({ signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
    await expect(steps({ sead: 3 }).next()).rejects.toThrow(/^\w+: unknown option "sead"; known are /);
  });
});
