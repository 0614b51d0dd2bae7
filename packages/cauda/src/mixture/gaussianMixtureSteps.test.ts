import { afterEach, describe, expect, test, vi } from 'vitest';
import { sourceOf } from '../../test/sources.ts';
import { Matrix } from '../matrix.ts';
import { PoolWorker } from '../parallel/pool.ts';
import { type ProgressEvent, Session } from '../parallel/session.ts';
import { Random } from '../random.ts';
import { covarianceTypes } from './covariance/type.ts';
import { gaussianMixture } from './gaussianMixture.ts';
import { type GaussianMixtureStep, gaussianMixtureSteps } from './gaussianMixtureSteps.ts';
import type { GaussianMixtureOptions } from './options.ts';

/** Clouds that overlap, so that a fit takes a while; with `holes`, some entries are missing. */
function blur(n: number, d: number, holes = false): Matrix {
  const random = new Random(n);
  const values = Float64Array.from({ length: n * d }, (_, at) => {
    const value = random.normal() + 2 * (Math.floor(at / d) % 3);
    return holes && random.uniform() < 0.1 ? NaN : value;
  });
  return new Matrix(values, n, d);
}

async function collect(steps: AsyncIterable<GaussianMixtureStep>): Promise<GaussianMixtureStep[]> {
  const all = [];
  for await (const step of steps) all.push(step);
  return all;
}

afterEach(() => {
  vi.restoreAllMocks();
});

test('three values in one component, by hand', async () => {
  // from N(0, 1): the E-step finds −½ log 2π − (0 + 1 + 25) / 6; the M-step the mean 2 and the variance 14 / 3
  const init = { weights: [1], means: [[0]], precisions: { data: [1], shape: [1, 1, 1] } };
  const options = { nComponents: 1, init, maxIter: 1, regCovar: 0 };
  const steps = await collect(gaussianMixtureSteps([[0], [1], [5]], options));
  const seen = steps.map(({ phase, nIter, lowerBound, parameters }) => ({
    phase,
    nIter,
    lowerBound: Number(lowerBound.toFixed(6)),
    mean: Number(parameters.means.data[0]!.toFixed(9)),
    variance: Number(parameters.covariances.data[0]!.toFixed(9)),
  }));
  const first = Number((-0.5 * Math.log(2 * Math.PI) - 26 / 6).toFixed(6));
  expect(seen).toEqual([
    { phase: 'M', nIter: 0, lowerBound: -Infinity, mean: 0, variance: 1 },
    { phase: 'E', nIter: 1, lowerBound: first, mean: 0, variance: 1 },
    { phase: 'M', nIter: 1, lowerBound: first, mean: 2, variance: 4.666666667 },
  ]);
  expect((await steps[1]!.responsibilities()).toArray()).toEqual([[1], [1], [1]]);
});

describe('the steps are those of gaussianMixture, bit for bit', () => {
  const X = blur(700, 4);
  const cases: Record<string, GaussianMixtureOptions> = {
    'one run': { nComponents: 3 },
    'several runs': { nComponents: 3, nInit: 3, init: 'random', seed: 2, maxIter: 8 },
    'no iteration': { nComponents: 3, maxIter: 0 },
    weights: { nComponents: 3, sampleWeight: Array.from({ length: 700 }, (_, i) => i % 3) },
    'in workers': { nComponents: 3, workers: 2 },
    ...Object.fromEntries(
      covarianceTypes.map((covarianceType) => [covarianceType, { nComponents: 3, covarianceType }]),
    ),
  };
  test.each(Object.keys(cases))('%s', async (name) => {
    const options = cases[name]!;
    const heard: ProgressEvent[] = [];
    const model = await gaussianMixture(X, { ...options, onProgress: (event) => heard.push(event) });
    const steps = await collect(gaussianMixtureSteps(X, options));
    const done = steps.filter(({ phase, nIter }) => phase === 'M' && nIter > 0);
    expect(done.map(({ run, nIter, lowerBound }) => [run, nIter, lowerBound])).toEqual(
      heard.map(({ run, iteration, objective }) => [run, iteration, objective]),
    );
    expect(steps.filter((step) => step.model)).toHaveLength(1);
    expect(steps.at(-1)!.model).toEqual(model);
  });

  test('the phases take turns: each E-step evaluates what the M-step before it made', async () => {
    const steps = await collect(gaussianMixtureSteps(X, { nComponents: 3, nInit: 2, maxIter: 6 }));
    for (const [at, { phase, run, nIter, parameters, lowerBound }] of steps.entries()) {
      const before = steps[at - 1];
      if (nIter === 0) expect(phase).toBe('M');
      else if (phase === 'E') {
        expect(before).toMatchObject({ phase: 'M', run, nIter: nIter - 1 });
        expect(parameters).toEqual(before!.parameters);
      } else expect(before).toMatchObject({ phase: 'E', run, nIter, lowerBound });
    }
  });

  test('over a source, and with missing entries', async () => {
    const options = { nComponents: 3, maxIter: 4 };
    const ofSource = await collect(gaussianMixtureSteps(sourceOf(X, 300), options));
    expect(ofSource.at(-1)!.model).toEqual(await gaussianMixture(X, options));
    const holes = blur(300, 3, true);
    const missing = { ...options, missing: 'observed' as const };
    const steps = await collect(gaussianMixtureSteps(holes, missing));
    expect(steps.map(({ phase }) => phase).join('')).toBe('MEMEMEMEM');
    expect(steps.at(-1)!.model).toEqual(await gaussianMixture(holes, missing));
    const counted = await steps[1]!.responsibilities();
    expect(counted.shape).toEqual([300, 3]);
  });
});

test('the responsibilities of an E-step are what its M-step counts the rows by', async () => {
  const X = blur(400, 3);
  let shares: Float64Array | undefined;
  for await (const { phase, parameters, responsibilities } of gaussianMixtureSteps(X, { nComponents: 3 })) {
    if (phase === 'E') {
      const counted = (await responsibilities()).toArray();
      shares = Float64Array.from({ length: 3 }, (_, c) =>
        counted.reduce((sum, row) => sum + row[c]! / 400, 0),
      );
    } else
      shares?.forEach((share, c) => {
        expect(parameters.weights[c]).toBeCloseTo(share, 12);
      });
  }
  expect(shares).toBeDefined();
});

test('what is written to a step’s parameters does not reach the fit', async () => {
  const X = blur(200, 2);
  const options = { nComponents: 2, maxIter: 5 };
  let last: GaussianMixtureStep | undefined;
  for await (const step of gaussianMixtureSteps(X, options)) {
    step.parameters.weights.fill(NaN);
    step.parameters.means.data.fill(NaN);
    step.parameters.covariances.data.fill(NaN);
    last = step;
  }
  expect(last!.model).toEqual(await gaussianMixture(X, options));
});

describe('leaving the loop ends the fit', () => {
  const X = blur(2000, 4);
  const ways: Record<string, (steps: AsyncGenerator<GaussianMixtureStep>) => Promise<unknown>> = {
    break: async (steps) => {
      for await (const { phase } of steps) if (phase === 'E') break;
    },
    return: async (steps) => {
      await steps.next();
      await steps.return(undefined);
    },
    'an error': (steps) =>
      (async () => {
        for await (const _ of steps) throw new Error('mine');
      })().catch(({ message }: Error) => expect(message).toBe('mine')),
  };
  test.each(Object.keys(ways))('%s closes the session; the workers do nothing more', async (way) => {
    for (const rows of [X, blur(600, 3, true)]) {
      const close = vi.spyOn(Session.prototype, 'close');
      const call = vi.spyOn(PoolWorker.prototype, 'call');
      const options = { nComponents: 3, workers: 2, init: 'random', missing: 'observed' } as const;
      const steps = gaussianMixtureSteps(rows, options);
      await ways[way]!(steps);
      const opened = call.mock.calls.filter(([{ verb }]) => verb === 'open').length;
      const closed = call.mock.calls.filter(([{ verb }]) => verb === 'close').length;
      expect(opened).toBeGreaterThan(0);
      expect(closed).toBe(opened);
      expect(close).toHaveBeenCalled();
      const calls = call.mock.calls.length;
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(call.mock.calls.length).toBe(calls);
      expect(await steps.next()).toEqual({ done: true, value: undefined });
      vi.restoreAllMocks();
    }
  });

  test('a pass over a source is not left open', async () => {
    const source = sourceOf(X, 300);
    for await (const { phase } of gaussianMixtureSteps(source, { nComponents: 3 })) if (phase === 'E') break;
    expect(source.ended).toBe(source.begun);
  });
});

test('errors name the function, and the signal’s reason comes at the next step', async () => {
  await expect(gaussianMixtureSteps([[1]], { nComponents: 2 }).next()).rejects.toThrow(
    'gaussianMixtureSteps: nComponents must be an integer in [1, 1], the rows of X; got 2',
  );
  const steps = gaussianMixtureSteps(sourceOf(blur(50, 2), 20), { nComponents: 1 });
  const { value } = await steps.next();
  await expect((value as GaussianMixtureStep).responsibilities()).rejects.toThrow(
    'gaussianMixtureSteps: responsibilities needs rows in memory; with a source, give its blocks to the predictProba of the model',
  );
  const stop = new AbortController();
  const stopped = gaussianMixtureSteps(blur(50, 2), { nComponents: 2, signal: stop.signal });
  await stopped.next();
  stop.abort(new Error('enough'));
  await expect(stopped.next()).rejects.toThrow(/^enough$/);
});
