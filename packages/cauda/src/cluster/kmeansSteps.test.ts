import { describe, expect, test, vi } from 'vitest';
import { sourceOf } from '../../test/sources.ts';
import { Matrix } from '../matrix.ts';
import { PoolWorker } from '../parallel/pool.ts';
import { type ProgressEvent, Session } from '../parallel/session.ts';
import { Random } from '../random.ts';
import { type KMeansOptions, type KMeansStep, kmeans, kmeansSteps } from './index.ts';

/** Rows that overlap, so that a fit takes a while. */
function blur(n: number, d: number): Matrix {
  const random = new Random(n);
  return new Matrix(
    Float32Array.from({ length: n * d }, (_, at) => random.normal() + (Math.floor(at / d) % 3)),
    n,
    d,
  );
}

async function collect(steps: AsyncIterable<KMeansStep>): Promise<KMeansStep[]> {
  const all = [];
  for await (const step of steps) all.push(step);
  return all;
}

test('four points, two centers, by hand', async () => {
  // {0} and {1, 10, 13} -> 0 and 8; {0, 1} and {10, 13} -> 0.5 and 11.5; unchanged
  const X = [[0], [1], [10], [13]];
  const seen = [];
  for await (const { nIter, run, centers, inertia, converged, labels, model } of kmeansSteps(X, {
    nClusters: 2,
    init: [[0], [1]],
    tol: 0,
  }))
    seen.push({
      nIter,
      run,
      centers: centers.toArray(),
      inertia,
      converged,
      labels: Array.from(await labels()),
      ends: model !== undefined,
    });
  const far = { run: 0, centers: [[0.5], [11.5]], inertia: 5, labels: [0, 0, 1, 1] };
  expect(seen).toEqual([
    // 1 − 8, 10 − 8, 13 − 8: 49 + 4 + 25
    {
      nIter: 1,
      run: 0,
      centers: [[0], [8]],
      inertia: 78,
      converged: false,
      labels: [0, 1, 1, 1],
      ends: false,
    },
    { ...far, nIter: 2, converged: false, ends: false },
    { ...far, nIter: 3, converged: true, ends: true },
  ]);
});

describe('the steps are those of kmeans, bit for bit', () => {
  const X = blur(1100, 4);
  const cases: Record<string, KMeansOptions> = {
    'one run': { nClusters: 5 },
    'several runs': { nClusters: 5, nInit: 3, seed: 2 },
    'out of iterations': { nClusters: 5, maxIter: 2, init: 'random' },
    cosine: { nClusters: 4, metric: 'cosine' },
    'in workers': { nClusters: 5, workers: 2 },
  };
  test.each(Object.keys(cases))('%s', async (name) => {
    const options = cases[name]!;
    const heard: ProgressEvent[] = [];
    const model = await kmeans(X, { ...options, onProgress: (event) => heard.push(event) });
    const steps = await collect(kmeansSteps(X, options));
    expect(steps.map(({ run, nIter, inertia }) => [run, nIter, inertia])).toEqual(
      heard.map(({ run, iteration, objective }) => [run, iteration, objective]),
    );
    expect(steps.filter((step) => step.model)).toHaveLength(1);
    expect(steps.at(-1)!.model).toEqual(model);
    const won = steps.filter(({ centers }) => centers.data.every((v, at) => v === model.centers.data[at]));
    expect(won.at(-1)).toMatchObject({ nIter: model.nIter, converged: model.converged });
  });

  test('over a source', async () => {
    const options = { nClusters: 3, maxIter: 4 };
    const steps = await collect(kmeansSteps(sourceOf(X, 300), options));
    expect(steps.at(-1)!.model).toEqual(await kmeans(X, options));
  });
});

test('the inertia of a step is that of its labels at its centers; the last labels are those of the model', async () => {
  const X = blur(900, 3);
  for await (const { centers, inertia, labels, model } of kmeansSteps(X, { nClusters: 4, tol: 0 })) {
    const own = await labels();
    let sum = 0;
    for (let i = 0; i < X.rows; i++)
      for (let j = 0; j < X.cols; j++) sum += (X.row(i)[j]! - centers.row(own[i]!)[j]!) ** 2;
    expect(inertia / sum).toBeCloseTo(1, 6);
    if (model) expect(own).toEqual(model.labels);
  }
});

test('a step keeps its centers, and its labels until the next one', async () => {
  const X = blur(600, 2);
  const steps: KMeansStep[] = [];
  const centers: Float32Array[] = [];
  for await (const step of kmeansSteps(X, { nClusters: 3, workers: 1 })) {
    await expect(steps.at(-1)?.labels() ?? Promise.reject(new Error('are gone'))).rejects.toThrow('are gone');
    steps.push(step);
    centers.push(step.centers.data.slice() as Float32Array);
  }
  expect(steps.length).toBeGreaterThan(2);
  expect(steps.map((step) => step.centers.data)).toEqual(centers);
  await expect(steps[1]!.labels()).rejects.toThrow(
    'kmeansSteps: the labels of iteration 2 are gone; ask for them before the next step (those of the last one are model.labels)',
  );
  await expect(steps.at(-1)!.labels()).rejects.toThrow('are gone');
});

describe('leaving the loop ends the fit', () => {
  const X = blur(3000, 4);
  const options = { nClusters: 6, init: 'random', tol: 0, workers: 2 } as const;
  const leave: Record<string, (steps: AsyncGenerator<KMeansStep>) => Promise<unknown>> = {
    break: async (steps) => {
      for await (const { nIter } of steps) if (nIter === 2) break;
    },
    return: async (steps) => {
      for await (const { nIter } of steps) if (nIter === 2) return;
    },
    throw: async (steps) => {
      const leaving = async () => {
        for await (const { nIter } of steps) if (nIter === 2) throw new Error('out');
      };
      await expect(leaving()).rejects.toThrow('out');
    },
    'the signal': async () => {
      const controller = new AbortController();
      const aborting = async () => {
        for await (const { nIter } of kmeansSteps(X, { ...options, signal: controller.signal }))
          if (nIter === 2) controller.abort(new Error('enough'));
      };
      await expect(aborting()).rejects.toThrow('enough');
    },
  };
  test.each(Object.keys(leave))('%s', async (how) => {
    const close = vi.spyOn(Session.prototype, 'close');
    const call = vi.spyOn(PoolWorker.prototype, 'call');
    try {
      await leave[how]!(kmeansSteps(X, options));
      expect(close).toHaveBeenCalledTimes(1);
      const verbs = call.mock.calls.map(([request]) => request.verb);
      expect(verbs.filter((verb) => verb === 'close')).toHaveLength(2); // one a worker
      expect(verbs.slice(-2)).toEqual(['close', 'close']); // and nothing is asked afterwards
    } finally {
      close.mockRestore();
      call.mockRestore();
    }
  });

  test('a pass over a source is not begun again', async () => {
    const source = sourceOf(X, 500);
    for await (const { nIter } of kmeansSteps(source, options)) if (nIter === 1) break;
    const { begun, ended } = source;
    expect(begun).toBeGreaterThan(2);
    expect(ended).toBe(begun);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(source.begun).toBe(begun);
  });
});

test('nothing happens before the first step is asked for; then options are checked', async () => {
  const open = vi.spyOn(PoolWorker.prototype, 'call');
  try {
    const steps = kmeansSteps([[0], [1]], { nClusters: 3 });
    expect(open).not.toHaveBeenCalled();
    await expect(steps.next()).rejects.toThrow(
      'kmeansSteps: nClusters must be an integer in [1, 2], the rows of X; got 3',
    );
    await expect(kmeansSteps([[1], [1]], { nClusters: 2 }).next()).rejects.toThrow(
      'kmeansSteps: X has only 1 distinct row for nClusters = 2; use fewer clusters, or allowFewer: true',
    );
  } finally {
    open.mockRestore();
  }
});
