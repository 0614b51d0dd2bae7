import { afterEach, expect, test, vi } from 'vitest';
import { kmeans, Matrix, Random } from '../index.ts';

const threads = process.getBuiltinModule('node:worker_threads');

afterEach(() => vi.restoreAllMocks());

test('a worker that dies rejects the fit, and the next fit works', async () => {
  const started: InstanceType<typeof threads.Worker>[] = [];
  class Recorded extends threads.Worker {
    constructor(...args: ConstructorParameters<typeof threads.Worker>) {
      super(...args);
      started.push(this);
    }
  }
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
    name === 'node:worker_threads'
      ? { ...threads, Worker: Recorded }
      : undefined) as typeof process.getBuiltinModule);
  vi.resetModules(); // a pool that has no workers yet, whatever ran before in this process
  const { kmeans, Matrix, Random } = await import('../index.ts');
  const random = new Random(0);
  const X = new Matrix(
    Float32Array.from({ length: 4000 * 8 }, () => random.normal()),
    4000,
    8,
  );
  const options = { nClusters: 30, init: 'random', tol: 0, workers: 3 } as const;
  const before = await kmeans(X, options);
  expect(started.length).toBe(3);
  let killed = false;
  const fit = kmeans(X, {
    ...options,
    onProgress: () => {
      if (!killed) started[1]!.terminate();
      killed = true;
    },
  });
  await expect(fit).rejects.toThrow(
    'parallel: a worker stopped while fitting (it exited with code 1); nothing was fitted, and the next fit starts a new worker',
  );
  const after = await kmeans(X, options);
  expect(after).toEqual(before);
  expect(started.length).toBe(4);
});

test('two fits at once share the workers and do not disturb each other', async () => {
  const random = new Random(1);
  const X = new Matrix(
    Float64Array.from({ length: 3000 * 4 }, () => random.normal()),
    3000,
    4,
  );
  const alone = [
    await kmeans(X, { nClusters: 5, workers: 2 }),
    await kmeans(X, { nClusters: 8, workers: 2, seed: 1 }),
  ];
  const together = await Promise.all([
    kmeans(X, { nClusters: 5, workers: 2 }),
    kmeans(X, { nClusters: 8, workers: 2, seed: 1 }),
  ]);
  expect(together).toEqual(alone);
});
