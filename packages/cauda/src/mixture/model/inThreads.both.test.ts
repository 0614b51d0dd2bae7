import { describe, expect, test } from 'vitest';
import { Matrix } from '../../matrix.ts';
import type { ProgressEvent } from '../../parallel/session.ts';
import { Random } from '../../random.ts';
import { bayesianGaussianMixture } from '../bayesian/bayesianGaussianMixture.ts';
import { covarianceTypes } from '../covariance/type.ts';
import { gaussianMixture } from '../gaussianMixture.ts';
import type { GaussianMixtureModel } from '../model.ts';

/** n rows of d features around 3 points; with `holes`, a tenth of the entries is missing. */
function clouds(n: number, d: number, dtype: 'float32' | 'float64', holes = false): Matrix {
  const random = new Random(n + d);
  const values = Float64Array.from({ length: n * d }, (_, at) => {
    const value = random.normal() + 2 * (Math.floor(at / d) % 3);
    return holes && random.uniform() < 0.1 ? NaN : value;
  });
  return new Matrix(dtype === 'float32' ? Float32Array.from(values) : values, n, d);
}

/** The async answers for several numbers of workers are the sync ones. */
async function agrees(model: GaussianMixtureModel, X: Matrix): Promise<void> {
  for (const workers of [0, 1, 2, 5]) {
    expect(await model.scoreSamplesAsync(X, { workers })).toEqual(model.scoreSamples(X));
    expect(await model.predictAsync(X, { workers })).toEqual(model.predict(X));
    expect(await model.predictProbaAsync(X, { workers })).toEqual(model.predictProba(X));
  }
}

describe.each(covarianceTypes)('the async twins give the bits of the sync methods: %s', (covarianceType) => {
  test.each(['float32', 'float64'] as const)('complete rows, %s', async (dtype) => {
    const model = await gaussianMixture(clouds(300, 13, 'float64'), { nComponents: 4, covarianceType });
    // shards and blocks that end in a single row, and a matrix of one
    for (const n of [1, 1025, 2 * 1024 + 1]) await agrees(model, clouds(n, 13, dtype));
  });

  test('rows with missing entries, and complete rows beside them', async () => {
    const holes = clouds(1100, 3, 'float64', true);
    const model = await gaussianMixture(holes, { nComponents: 3, covarianceType, missing: 'observed' });
    await agrees(model, holes);
    await agrees(model, clouds(700, 3, 'float32'));
  });
});

test('a Bayesian mixture has them too', async () => {
  const X = clouds(900, 4, 'float64');
  await agrees(await bayesianGaussianMixture(X, { nComponents: 4 }), X);
});

describe('many rows', () => {
  const X = clouds(40_000, 40, 'float32');
  const fitted = gaussianMixture(X.take(Array.from({ length: 2000 }, (_, i) => i)), {
    nComponents: 8,
    maxIter: 5,
  });

  test.each([0, 2])('are answered part by part, with progress, by %i workers', async (workers) => {
    const model = await fitted;
    const events: ProgressEvent[] = [];
    const scores = await model.scoreSamplesAsync(X, { workers, onProgress: (event) => events.push(event) });
    expect(scores).toEqual(model.scoreSamples(X));
    expect(events.length).toBeGreaterThan(5);
    expect(events.map(({ iteration }) => iteration)).toEqual(events.map((_, i) => i + 1));
    expect(events.at(-1)).toMatchObject({
      task: 'GaussianMixtureModel.scoreSamplesAsync',
      maxIterations: events.length,
    });
  });

  test.each([0, 2])('are left when the signal says so, with its reason, by %i workers', async (workers) => {
    const model = await fitted;
    const stop = new AbortController();
    let parts = 0;
    const onProgress = () => {
      if (++parts === 2) stop.abort(new Error('enough'));
    };
    const control = { workers, signal: stop.signal, onProgress };
    await expect(model.predictAsync(X, control)).rejects.toThrow(/^enough$/);
    expect(parts).toBe(2);
    await expect(model.predictProbaAsync(X, control)).rejects.toThrow(/^enough$/);
    expect(parts).toBe(2);
    expect(await model.predictAsync(X, { workers })).toEqual(model.predict(X)); // the next call is not disturbed
  });
});

test('what makes no sense is refused, by the name of the method', async () => {
  const model = await gaussianMixture([[0], [1], [2]], { nComponents: 1 });
  await expect(model.predictAsync([[1, 2]])).rejects.toThrow(
    'GaussianMixtureModel.predictAsync: X has 2 features; this model was fitted on 1',
  );
  await expect(model.scoreSamplesAsync([[1]], { workers: -1 })).rejects.toThrow(
    'GaussianMixtureModel.scoreSamplesAsync: workers must be an integer in [0, 64]; got -1',
  );
  await expect(model.predictProbaAsync([[1]], { seed: 1 } as object)).rejects.toThrow(
    'GaussianMixtureModel.predictProbaAsync: unknown option "seed"; known are workers, signal, onProgress',
  );
});
