import { describe, expect, test } from 'vitest';
import { sourceOf } from '../../../test/sources.ts';
import { Matrix } from '../../matrix.ts';
import type { ProgressEvent } from '../../parallel/session.ts';
import { Random } from '../../random.ts';
import { type MiniBatchStep, miniBatchKMeans, miniBatchSteps } from '../index.ts';

const random = new Random(6);
const X = new Matrix(
  Float64Array.from({ length: 1200 }, (_, at) => random.normal() + 5 * (Math.floor(at / 2) % 3)),
  600,
  2,
);
/** X as a stream of batches of 50 rows; `closed` is called when it ends or is left. */
async function* stream(closed: () => void = () => {}): AsyncGenerator<Matrix> {
  try {
    for (let from = 0; from < 600; from += 50) yield X.take(Array.from({ length: 50 }, (_, i) => from + i));
  } finally {
    closed();
  }
}

test('two batches, by hand', async () => {
  // as in miniBatchKMeans: centers 0 and 10, then the means 1.5 and 9 of {1, 2 | 9}, then 2.5 and 9 with {4.5 | 7, 11}
  const batches = (async function* () {
    yield [[1], [2], [9]];
    yield [[4.5], [7], [11]];
  })();
  const seen = [];
  const options = { nClusters: 2, init: [[0], [10]], reassignmentRatio: 0 };
  for await (const { nSteps, centers, counts, inertia, converged, model } of miniBatchSteps(batches, options))
    seen.push([nSteps, centers.toArray().flat(), Array.from(counts), inertia, converged, model?.nSteps]);
  expect(seen).toEqual([
    [1, [1.5, 9], [2, 1], (1 + 4 + 1) / 3, false, undefined],
    [2, [2.5, 9], [3, 3], (9 + 4 + 4) / 3, false, 2],
  ]);
});

describe('the steps are those of miniBatchKMeans, bit for bit', () => {
  const kinds = { matrix: () => X, source: () => sourceOf(X, 70), stream: () => stream() };
  test.each(Object.keys(kinds) as (keyof typeof kinds)[])('%s', async (kind) => {
    const options = { nClusters: 3, batchSize: 60, maxIter: 4, seed: 5 };
    const heard: ProgressEvent[] = [];
    const onProgress = (event: ProgressEvent) => heard.push(event);
    const model = await miniBatchKMeans(kinds[kind](), { ...options, onProgress });
    const steps: MiniBatchStep[] = [];
    const kept: Float64Array[] = [];
    for await (const step of miniBatchSteps(kinds[kind](), options)) {
      steps.push(step);
      kept.push(step.centers.data.slice() as Float64Array);
    }
    expect(steps.map(({ nSteps, inertia }) => [nSteps, inertia])).toEqual(
      heard.map(({ iteration, objective }) => [iteration, objective]),
    );
    expect(steps.map((step) => step.model !== undefined)).toEqual(
      steps.map((_, i) => i + 1 === steps.length),
    );
    expect(steps.at(-1)!.model).toEqual(model);
    expect(steps.at(-1)!.centers).toEqual(model.centers);
    expect(steps.at(-1)!.converged).toBe(model.converged);
    expect(steps.map((step) => step.centers.data)).toEqual(kept); // each keeps its own
  });
});

describe('leaving the loop ends the fit', () => {
  test('over a stream, which is closed', async () => {
    let closed = false;
    const onClose = () => {
      closed = true;
    };
    for await (const { nSteps } of miniBatchSteps(stream(onClose), { nClusters: 3 })) if (nSteps === 2) break;
    expect(closed).toBe(true);
  });

  test('over a source, which is not read again', async () => {
    const source = sourceOf(X, 70);
    const options = { nClusters: 3, batchSize: 60 };
    for await (const { nSteps } of miniBatchSteps(source, options)) if (nSteps === 2) break;
    const { begun, ended } = source;
    expect(ended).toBe(begun);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(source.begun).toBe(begun);
  });

  test('by the signal, with its reason at the next step', async () => {
    const stop = new AbortController();
    const loop = async () => {
      for await (const { nSteps } of miniBatchSteps(X, { nClusters: 3, signal: stop.signal }))
        if (nSteps === 1) stop.abort(new Error('enough'));
    };
    await expect(loop()).rejects.toThrow('enough');
  });
});

test('mistakes are named by the function', async () => {
  await expect(miniBatchSteps([[1], [2]], { nClusters: 3 }).next()).rejects.toThrow(
    'miniBatchSteps: nClusters must be an integer in [1, 2], the rows of X; got 3',
  );
  const sparse = { data: [1], indices: [0], indptr: [0, 1], shape: [1, 1] };
  await expect(miniBatchSteps(sparse as never, { nClusters: 1 }).next()).rejects.toThrow(
    'miniBatchSteps: X is a sparse matrix, and miniBatchSteps takes dense rows',
  );
});
