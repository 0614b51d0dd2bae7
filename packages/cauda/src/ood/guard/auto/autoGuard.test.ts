import { describe, expect, test } from 'vitest';
import { pcaStep } from '../../../decompose/pca.ts';
import { Matrix } from '../../../matrix.ts';
import { standardScalerStep } from '../../../preprocess/standardScaler.ts';
import { Random } from '../../../random.ts';
import { FieldReader, saveMatrix } from '../../../serialize.ts';
import type { FeatureMap } from '../../../views.ts';
import { auroc } from '../../evaluation/metrics.ts';
import { detectorFromJSON } from '../detectorFromJSON.ts';
import { AutoGuard, autoGuard } from './autoGuard.ts';

interface Rows {
  readonly layers: Matrix[];
  readonly logits: Matrix;
  readonly labels: Int32Array;
}

/**
 * Three classes, labeled 10, 20 and 30. In the first layer class 0 is one cloud and the others are two each, `apart`
 * from their class's mean; the second layer says nothing; the logits are 6 for the class and 0 else.
 */
function rows(n: number, seed: number, { apart = 4, shift = 0, evidence = 6 } = {}): Rows {
  const random = new Random(seed);
  const first = new Float32Array(n * 3);
  const second = new Float32Array(n * 2);
  const logits = new Float32Array(n * 3);
  const labels = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const c = i % 3;
    labels[i] = 10 * (c + 1);
    for (let j = 0; j < 3; j++) {
      const side = c > 0 && j === 0 ? (random.uniform() < 0.5 ? -apart : apart) : 0;
      first[i * 3 + j] = (j === 1 ? 10 * c : 0) + (j === 2 ? shift : 0) + side + random.normal();
      logits[i * 3 + j] = (j === c ? evidence : 0) + random.normal();
    }
    second[i * 2] = random.normal();
    second[i * 2 + 1] = random.normal();
  }
  return {
    layers: [new Matrix(first, n, 3), new Matrix(second, n, 2)],
    logits: new Matrix(logits, n, 3),
    labels,
  };
}

const training = rows(3000, 1);

describe('autoGuard', () => {
  test('takes as many Gaussians a class as make held-out rows more probable', async () => {
    const { choices } = await autoGuard(training);
    const name = (c: { perClass: number; covarianceType: string }) => `${c.covarianceType} ${c.perClass}`;
    expect(choices.map(({ layer }) => layer)).toEqual([0, 1]);
    expect(name(choices[0]!.chosen)).toBe('full 2'); // as the data were made
    expect(choices[1]!.chosen.perClass).toBe(1); // noise: nothing to gain by more
    for (const { chosen, candidates } of choices) {
      expect(candidates[0]).toMatchObject({ perClass: 1, covarianceType: 'tied' });
      expect(chosen.heldOut).toBe(Math.max(...candidates.map(({ heldOut }) => heldOut)));
    }
  });

  test('explains itself in words and figures', async () => {
    const guard = await autoGuard(training);
    const { heldOut } = guard.choices[0]!.chosen;
    expect(guard.explanation).toContain('layer 0: Gaussians, 2 a class');
    expect(guard.explanation).toContain(`2 a class ${heldOut.toFixed(1)}`);
    expect(guard.explanation).toMatch(/layer 1: Gaussians, (one covariance for all|1 a class)/);
  });

  test('rates rows that are far in a layer, and rows without evidence, as further out', async () => {
    const guard = await autoGuard(training);
    const familiar = guard.score(rows(600, 2));
    expect(auroc(familiar, guard.score(rows(600, 3, { shift: 6 })))).toBeGreaterThan(0.99);
    expect(auroc(familiar, guard.score(rows(600, 4, { evidence: 0 })))).toBeGreaterThan(0.95);
    expect(auroc(familiar, guard.score(rows(600, 5)))).toBeCloseTo(0.5, 1);
  });

  test('the parts of a score add up to it, and tell the nearest class by its label', async () => {
    const guard = await autoGuard(training);
    const probe = rows(60, 6);
    const { scores, parts, nearest } = guard.examine(probe);
    expect(scores).toEqual(guard.score(probe));
    expect(parts!.map(({ detector, layer }) => [detector, layer])).toEqual([
      ['classGaussians', 0],
      ['classGaussians', 1],
      ['energy', undefined],
      ['entropy', undefined],
    ]);
    scores.forEach((score, i) => {
      expect(parts!.reduce((sum, part) => sum + part.scores[i]!, 0)).toBeCloseTo(score, 12);
    });
    expect(nearest!.every((label) => [10, 20, 30].includes(label))).toBe(true);
    const one = await autoGuard({ ...training, layers: [training.layers[0]!] });
    const right = one.examine({ ...probe, layers: [probe.layers[0]!] }).nearest!;
    expect(right.filter((label, i) => label === probe.labels[i]).length).toBeGreaterThan(57);
  });

  test('gives the same bits for any number of workers, and others for another seed', async () => {
    const probe = rows(50, 7);
    const scores = await Promise.all(
      [0, 1, 3].map(async (workers) => (await autoGuard(training, { workers })).score(probe)),
    );
    expect(scores[1]).toEqual(scores[0]);
    expect(scores[2]).toEqual(scores[0]);
    expect((await autoGuard(training, { seed: 1 })).score(probe)).not.toEqual(scores[0]);
  });

  test('comes back from JSON with its choices', async () => {
    const guard = await autoGuard(training);
    const again = detectorFromJSON(JSON.parse(JSON.stringify(guard)));
    expect(again).toBeInstanceOf(AutoGuard);
    expect((again as AutoGuard).choices).toEqual(guard.choices);
    expect((again as AutoGuard).explanation).toBe(guard.explanation);
    expect(again.score(training)).toEqual(guard.score(training));
    expect(Object.isFrozen(again)).toBe(true);
  });

  test('says what it reads, and reads what it says, also without logits', async () => {
    const guard = await autoGuard(training);
    expect(guard.explanation.split('\n').slice(2)).toEqual([
      'logits: energy (is there evidence for any class?) and entropy (is there doubt between classes?)',
      'Each score counts as its surprisal among the held-out training rows, −log P(as far out), and they are added; the layers together weigh 2, energy 1, entropy ½. No outliers were looked at.',
    ]);
    const { terms, references, ...saved } = JSON.parse(JSON.stringify(guard));
    const kept = new FieldReader('test', { references }).matrix('references');
    const layersOnly = detectorFromJSON({
      ...saved,
      terms: terms.slice(0, 2),
      references: saveMatrix(kept.take([0, 1])),
    }) as AutoGuard;
    expect(layersOnly.explanation).not.toMatch(/logits|energy|entropy/);
    expect(layersOnly.explanation).toContain('the layers together weigh 2. No outliers were looked at.');
    const { layers } = rows(60, 6);
    const { parts } = guard.examine(rows(60, 6));
    expect(layersOnly.score({ layers })).toEqual(
      parts![0]!.scores.map((score, i) => score + parts![1]!.scores[i]!),
    );
    expect(() => guard.score({ layers })).toThrow('energy.score: logits are missing; got { layers }');
    expect(() =>
      detectorFromJSON({ ...saved, references, terms: [{ ...terms[0], evidence: 'guess' }] }),
    ).toThrow(
      'detectorFromJSON: terms[0]: evidence must be "layerGaussians" or "energy" or "entropy"; got "guess"',
    );
  });

  test('its file grows with the lower triangles of a wide layer, in float32', async () => {
    const random = new Random(9);
    const [n, d] = [400, 300]; // 3136 features take the same way, and 110 times as much
    const layer = new Matrix(
      Float32Array.from({ length: n * d }, () => random.normal()),
      n,
      d,
    );
    const logits = new Matrix(
      Float32Array.from({ length: n * 4 }, () => random.normal()),
      n,
      4,
    );
    const labels = Int32Array.from({ length: n }, (_, i) => i % 4); // too few rows for more than one covariance
    const guard = await autoGuard({ layers: [layer], logits, labels });
    expect(guard.choices[0]!.candidates).toHaveLength(1);
    const text = JSON.stringify(guard);
    expect(text.length).toBeLessThan((((d * (d + 1)) / 2) * 4 * 4) / 3 + 12_000);
    const again = detectorFromJSON(JSON.parse(text));
    expect(again.score({ layers: [layer], logits })).toEqual(guard.score({ layers: [layer], logits }));
  });

  test('pools feature maps by itself, and prepares layers with steps that its file holds', async () => {
    const { layers, logits, labels } = training;
    // the first layer as a map of 3 channels on two positions, whose mean it is
    const map = (X: Matrix, n: number): FeatureMap => ({
      data: Float32Array.from({ length: n * 6 }, (_, at) => {
        const value = X.data[Math.floor(at / 6) * 3 + (Math.floor(at / 2) % 3)]!;
        return at % 2 ? value + 0.5 : value - 0.5;
      }),
      dims: [n, 3, 1, 2],
      layout: 'nchw',
    });
    const prepare = { layers: [[], [standardScalerStep(), pcaStep({ nComponents: 1 })]] };
    const guard = await autoGuard(
      { layers: [map(layers[0]!, 3000), layers[1]!], logits, labels },
      { prepare },
    );
    expect(guard.explanation.split('\n')[0]).toBe(
      'prepared by layers[0]: mean over its positions; layers[1]: standardScaler, then pca',
    );
    const probe = rows(70, 6);
    const views = { layers: [map(probe.layers[0]!, 70), probe.layers[1]!], logits: probe.logits };
    const scores = guard.score(views);
    const plain = (await autoGuard({ layers: [layers[0]!], logits, labels })).examine({
      layers: [probe.layers[0]!],
      logits: probe.logits,
    });
    guard.examine(views).parts![0]!.scores.forEach((score, i) => {
      expect(score).toBeCloseTo(plain.parts![0]!.scores[i]! / 2, 3); // two layers share the weight
    });
    expect(guard.score(probe)).toHaveLength(70); // pooled elsewhere
    expect(await guard.scoreAsync(views)).toEqual(scores);
    const again = detectorFromJSON(JSON.parse(JSON.stringify(guard))) as AutoGuard;
    expect(again.score(views)).toEqual(scores);
    expect(again.explanation).toBe(guard.explanation);
    await expect(autoGuard(training, { prepare: { logits: [] } as never })).rejects.toThrow(
      'autoGuard: prepare must be the steps of each layer, { layers: [[…], …] }; got an object (Object)',
    );
  });

  test('survives few rows in many dimensions, constant features and classes of one row', async () => {
    const random = new Random(8);
    const n = 60;
    const wide = new Matrix(
      Float64Array.from({ length: n * 40 }, (_, at) => (at % 40 === 3 ? 7 : random.normal())),
      n,
      40,
    );
    const labels = Int32Array.from({ length: n }, (_, i) => (i === 17 ? 9 : i % 2));
    const logits = new Matrix(
      Float64Array.from({ length: n * 3 }, () => random.normal()),
      n,
      3,
    );
    const guard = await autoGuard({ layers: [wide], logits, labels });
    expect(guard.choices[0]!.chosen.covarianceType).toBe('tied');
    const [score] = guard.score({ layers: [wide.take([0])], logits: logits.take([0]) });
    expect(Number.isFinite(score)).toBe(true);
  });

  test('reports progress and stops when aborted', async () => {
    const seen: string[] = [];
    await autoGuard(training, { onProgress: ({ task, run, runs }) => seen.push(`${task} ${run}/${runs}`) });
    expect(new Set(seen)).toEqual(new Set(['autoGuard 0/2', 'autoGuard 1/2']));
    const signal = AbortSignal.abort();
    await expect(autoGuard(training, { signal })).rejects.toThrow(signal.reason);
  });

  test('mistakes are named', async () => {
    const { layers, logits, labels } = training;
    const refused = (given: object, message: string) =>
      expect(autoGuard(given as never), message).rejects.toThrow(message);
    await refused(
      { layers: [], logits, labels },
      "autoGuard: layers must be an array of at least one layer's activations; got an array of 0",
    );
    await refused(
      { layers: layers[0], logits, labels },
      "autoGuard: layers must be an array of at least one layer's activations; got an object (Matrix)",
    );
    await refused(
      { layers, labels },
      "autoGuard: logits are missing: the network's outputs before the softmax",
    );
    await refused({ layers, logits }, 'autoGuard: labels are missing: the class of each row');
    await refused(
      { layers, logits, labels: labels.slice(1) },
      'autoGuard: labels has 2999 entries but X has 3000 rows',
    );
    await refused(
      { layers: [layers[0], layers[1]!.take([0, 1])], logits, labels },
      'autoGuard: layers[1] has 2 rows but logits have 3000',
    );
    await refused(
      { layers, logits: logits.toArray().map(([first]) => [first!]), labels: labels.map((_, i) => i % 2) },
      'autoGuard: logits have 1 column, but labels has 2 classes (0, 1); give an output a class',
    );
    const few = Array.from({ length: 49 }, (_, i) => i);
    await refused(
      { layers: [layers[0]!.take(few)], logits: logits.take(few), labels: labels.slice(0, 49) },
      'autoGuard: expected at least 50 training rows; got 49',
    );
    const bad = new Matrix(layers[0]!.data.slice(), 3000, 3);
    bad.data[5] = NaN;
    await refused({ layers: [bad], logits, labels }, 'autoGuard: layers[0]: row 1, column 2 is NaN');
    const flat = new Matrix(new Float64Array(60 * 200), 60, 200);
    const rows60 = Array.from({ length: 60 }, (_, i) => i);
    await refused(
      { layers: [flat], logits: logits.take(rows60), labels: labels.slice(0, 60) },
      'autoGuard: layers[0] has no positive definite covariance (200 features, 48 rows to fit); give more rows, or fewer features by pca',
    );
    await refused(
      undefined as never,
      "autoGuard: layers must be an array of at least one layer's activations; got undefined",
    );
  });
});
