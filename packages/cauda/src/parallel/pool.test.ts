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

/** The library in a place where a worker is what `Worker` says. */
async function where(Worker: unknown): Promise<typeof import('../index.ts')> {
  vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) =>
    name === 'node:worker_threads'
      ? { ...threads, Worker }
      : { availableParallelism: () => 4 }) as unknown as typeof process.getBuiltinModule);
  vi.resetModules();
  return import('../index.ts');
}

class Forbidden {
  constructor() {
    throw new Error('a policy forbids it');
  }
}
class StillBorn extends threads.Worker {
  constructor() {
    super('throw new Error("a policy stops its code")', { eval: true });
  }
}

test.each([
  ['cannot be made', Forbidden, 'a policy forbids it'],
  ['dies before its first answer', StillBorn, 'a policy stops its code'],
])('a worker that %s means the calling thread, unless workers are asked for', async (_, Worker, why) => {
  const { kmeans, Matrix, Random, gaussianMixture } = await where(Worker);
  const random = new Random(3);
  const X = new Matrix(
    Float32Array.from({ length: 260_000 }, () => random.normal()),
    26_000,
    10,
  );
  const options = { nClusters: 3, maxIter: 3 };
  const alone = await kmeans(X, { ...options, workers: 0 });
  expect(await kmeans(X, options)).toEqual(alone);
  expect(await kmeans(X, options)).toEqual(alone); // and the next one does not try again
  await expect(kmeans(X, { ...options, workers: 2 })).rejects.toThrow(
    `parallel: no worker can start here (${why}); workers: 0 works in the calling thread`,
  );
  await gaussianMixture(X, { nComponents: 2, maxIter: 2 });
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
