import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dataset, matrix, oracle, worstError } from '../../../test/oracles.ts';
import { sourceOf } from '../../../test/sources.ts';
import { Matrix } from '../../matrix.ts';
import type { ProgressEvent } from '../../parallel/session.ts';
import { pipeline } from '../../pipeline/pipeline.ts';
import { standardScaler, standardScalerStep } from '../../preprocess/standardScaler.ts';
import { Random } from '../../random.ts';
import { saveArray } from '../../serialize.ts';
import {
  kmeans,
  MiniBatchKMeansModel,
  type MiniBatchKMeansOptions,
  miniBatchKMeans,
  miniBatchKMeansStep,
} from '../index.ts';

/** A stream of the given batches. */
async function* stream<Batch>(...batches: Batch[]): AsyncGenerator<Batch> {
  yield* batches;
}

/** Rows around the corners of a cube. */
function clouds(n: number, dtype: 'float32' | 'float64' = 'float64'): Matrix {
  const random = new Random(3);
  const data = new (dtype === 'float64' ? Float64Array : Float32Array)(n * 3).map(
    (_, i) => 6 * ((Math.floor(i / 3) >> (i % 3)) & 1) + random.normal(),
  );
  return new Matrix(data, n, 3);
}

describe('by hand', () => {
  // centers 0 and 10; the batch {1, 2 | 9} moves them to the means 1.5 and 9, then {4.5 | 7, 11}: with 1.5 counted
  // twice and 9 once, (3 + 4.5) / 3 and (9 + 18) / 3
  const options = { nClusters: 2, init: [[0], [10]], reassignmentRatio: 0 };

  test('a stream: each center is the mean of the rows it has taken', async () => {
    const model = await miniBatchKMeans(stream([[1], [2], [9]], [[4.5], [7], [11]]), options);
    expect(model.centers.toArray()).toEqual([[2.5], [9]]);
    expect(Array.from(model.counts)).toEqual([3, 3]);
    expect(model.nSteps).toBe(2);
    expect(Array.from(model.labels)).toEqual([0, 1, 1]); // of the last batch
    expect(model.inertia).toBe(2 ** 2 + 2 ** 2 + 2 ** 2);
    expect(model.converged).toBe(false);
  });

  test('partialFit gives the next model and leaves the one before as it is', async () => {
    const first = await miniBatchKMeans(stream([[1], [2], [9]]), options);
    const before = JSON.stringify(first);
    const second = await first.partialFit([[4.5], [7], [11]]);
    expect(JSON.stringify(first)).toBe(before);
    expect(Object.isFrozen(second)).toBe(true);
    expect(second).toEqual(await miniBatchKMeans(stream([[1], [2], [9]], [[4.5], [7], [11]]), options));
  });

  test('a weight of 3 is three copies, and a weight of 0 is absence', async () => {
    const first = await miniBatchKMeans(stream([[1], [2], [9]]), options);
    const weighted = await first.partialFit([[4], [100], [8]], { sampleWeight: [3, 0, 1] });
    const copied = await first.partialFit([[4], [4], [4], [8]]);
    expect(weighted.centers).toEqual(copied.centers);
    expect(weighted.counts).toEqual(copied.counts);
    expect(weighted.inertia).toBe(copied.inertia);
  });
});

describe('against scikit-learn', () => {
  test.each(['float64', 'float32'] as const)(
    'the oracle’s batches one after the other, %s',
    async (dtype) => {
      const [c] = oracle('minibatch');
      const { X } = dataset(c.dataset, dtype);
      const options = { nClusters: 3, init: matrix(c.init), reassignmentRatio: c.params.reassignment_ratio };
      let model: MiniBatchKMeansModel | undefined;
      for (const { batch_rows, cluster_centers, counts } of c.steps) {
        const batch = X.take(batch_rows);
        model = model ? await model.partialFit(batch) : await miniBatchKMeans(stream(batch), options);
        const tolerance = dtype === 'float64' ? 1e-9 : 1e-3;
        expect(worstError(model!.centers.data, cluster_centers.data)).toBeLessThan(tolerance);
        expect(Array.from(model!.counts)).toEqual(counts);
        expect(model!.centers.dtype).toBe(dtype);
      }
      expect(model!.nSteps).toBe(c.steps.length);
    },
  );

  interface Statistics {
    mean: number;
    sd: number;
  }
  interface Runs {
    dataset: string;
    nClusters: number;
    batchSize: number;
    init: 'k-means++' | 'random';
    runs: number;
    inertia: Statistics;
    nSteps: Statistics;
  }
  const { miniBatch } = JSON.parse(
    readFileSync(new URL('../../../test/fixtures/cluster/sklearn.json', import.meta.url), 'utf8'),
  ) as { miniBatch: Runs[] };

  test.each(miniBatch)('inertia and steps are as there on average: $dataset, $init', async (c) => {
    const { X } = dataset(c.dataset);
    const found = { inertia: [] as number[], nSteps: [] as number[] };
    for (let seed = 0; seed < c.runs; seed++) {
      const { nClusters, batchSize, init } = c;
      const { inertia, nSteps } = await miniBatchKMeans(X, { nClusters, batchSize, init, seed });
      found.inertia.push(inertia);
      found.nSteps.push(nSteps);
    }
    for (const name of ['inertia', 'nSteps'] as const) {
      const mean = found[name].reduce((a, b) => a + b) / c.runs;
      const variance = found[name].reduce((s, v) => s + (v - mean) ** 2, 0) / (c.runs - 1);
      const z = (mean - c[name].mean) / Math.sqrt((variance + c[name].sd ** 2) / c.runs);
      expect(Math.abs(z)).toBeLessThan(4);
    }
  });
});

describe('invariants', () => {
  test('labels equal predict, inertia is minus the score and close to that of kmeans', async () => {
    for (const dtype of ['float32', 'float64'] as const)
      for (const init of ['k-means++', 'random'] as const) {
        const X = clouds(3000, dtype);
        const model = await miniBatchKMeans(X, { nClusters: 8, init, nInit: 3, batchSize: 200, seed: 2 });
        expect(model.predict(X)).toEqual(model.labels);
        expect(model.nearest(X.row(17))).toBe(model.labels[17]);
        expect(-model.score(X) / model.inertia).toBeCloseTo(1, 12);
        const best = await kmeans(X, { nClusters: 8, nInit: 3 });
        expect(model.inertia).toBeGreaterThanOrEqual(best.inertia);
        if (init === 'k-means++') expect(model.inertia).toBeLessThan(1.1 * best.inertia);
        expect(model.converged).toBe(true);
        expect(model.nIter).toBe(Math.ceil((model.nSteps * 200) / 3000));
      }
  });

  test('rows of weight 0 have no influence', async () => {
    const X = clouds(400);
    const sampleWeight = Float64Array.from({ length: 400 }, (_, i) => (i % 2 ? 0 : 2));
    const far = new Matrix(
      X.data.map((v, i) => (Math.floor(i / 3) % 2 ? 1e6 : v)),
      400,
      3,
    );
    for (const init of ['k-means++', 'random'] as const) {
      const options = { nClusters: 4, init, nInit: 2, sampleWeight, batchSize: 50, reassignmentRatio: 0 };
      const model = await miniBatchKMeans(far, options);
      const other = await miniBatchKMeans(X, options);
      expect(model.centers).toEqual(other.centers);
      expect(Math.max(...model.centers.data)).toBeLessThan(20);
    }
  });

  test('a neglected center is never moved to a row of weight 0 (scikit-learn #30750)', async () => {
    const far = clouds(400);
    const sampleWeight = Float64Array.from({ length: 400 }, (_, i) => (i % 4 ? 0 : 1 + (i % 3)));
    sampleWeight.forEach((weight, i) => {
      if (weight === 0) far.row(i).fill(1e6);
    });
    const init = [
      [0, 0, 0],
      [6, 6, 6],
      [-1e5, 0, 0],
      [1e5, 0, 0],
    ];
    for (let seed = 0; seed < 20; seed++) {
      const options = { nClusters: 4, reassignmentRatio: 0.5, batchSize: 20, seed };
      const model = await miniBatchKMeans(far, { ...options, sampleWeight, ...(seed % 2 && { init }) });
      expect(Math.max(...model.centers.data)).toBeLessThan(20);
      const one = await miniBatchKMeans(stream(far.take([0, 4, 8, 12])), { ...options, init });
      const next = await one.partialFit(far, { sampleWeight });
      expect(next.centers.data.every((value) => Math.abs(value) < 20 || Math.abs(value) === 1e5)).toBe(true);
    }
  });

  test('a neglected center is moved to a row of the batch, and its count raised to the least other', async () => {
    const options = { nClusters: 3, init: [[0], [1], [1e6]] };
    const X = [[0], [0.1], [1.5], [2]];
    const model = await miniBatchKMeans(stream(X), options);
    expect(X.flat()).toContain(model.centers.data[2]!);
    expect(Array.from(model.counts)).toEqual([2, 2, 2]);
    const kept = await miniBatchKMeans(stream(X), { ...options, reassignmentRatio: 0 });
    expect(kept.centers.data[2]).toBe(1e6);
    expect(Array.from(kept.counts)).toEqual([2, 2, 0]);
  });

  test('no more than half a batch is moved at a time, the least counts first', async () => {
    const init = [[0], [1e6], [2e6], [3e6], [4e6]];
    const model = await miniBatchKMeans(stream([[1], [2], [3], [4], [5]]), { nClusters: 5, init });
    expect(Array.from(model.centers.data.slice(3))).toEqual([3e6, 4e6]);
    expect(Math.max(...model.centers.data.slice(0, 3))).toBeLessThanOrEqual(5);
  });

  test('a stream is float32 or float64 as its first batch is', async () => {
    const X = clouds(90, 'float32');
    const rows = [X.take([0, 1, 2, 3, 4]), X.take([5, 6, 7]).toArray()];
    const model = await miniBatchKMeans(stream<Matrix | number[][]>(...rows), { nClusters: 2 });
    expect(model.centers.dtype).toBe('float32');
  });

  test('the caller’s arrays are untouched', async () => {
    const X = clouds(60);
    const init = X.take([0, 1, 2]);
    const before = [X.data.slice(), init.data.slice()];
    const model = await miniBatchKMeans(X, { nClusters: 3, init, batchSize: 10 });
    await model.partialFit(X);
    expect([X.data, init.data]).toEqual(before);
  });
});

describe('over a source', () => {
  const X = clouds(1300, 'float32');

  test('the rows drawn and the model are those in memory, bit for bit', async () => {
    const sampleWeight = Array.from({ length: 1300 }, (_, i) => (i % 4) / 2);
    const runs: Partial<MiniBatchKMeansOptions>[] = [
      {},
      { sampleWeight, nInit: 2, seed: 3 },
      { init: 'random', batchSize: 100, maxIter: 3 },
      { init: clouds(8) },
    ];
    for (const run of runs)
      for (const sizes of [[1300], [1, 600]]) {
        const options = { nClusters: 8, batchSize: 50, ...run };
        const source = sourceOf(X, ...sizes);
        expect(await miniBatchKMeans(source, options)).toEqual(await miniBatchKMeans(X, options));
        expect(source.ended).toBe(source.begun);
        expect(source.begun).toBeLessThanOrEqual(2 + 2 * (run.nInit ?? 1) + 1); // not one for each batch
      }
  });

  test('a source that fails is said to have failed, and how far it was read', async () => {
    const source = sourceOf(X, 100);
    const read = source.read;
    const failing = {
      ...source,
      async *read() {
        let blocks = 0;
        for await (const block of read()) {
          if (++blocks === 5) throw new Error('the disk is gone');
          yield block;
        }
      },
    };
    await expect(miniBatchKMeans(failing, { nClusters: 2 })).rejects.toThrow(
      'miniBatchKMeans: source: reading failed after 400 of 1300 rows: the disk is gone',
    );
  });

  test('an abort from outside is heard while rows are gathered', async () => {
    const endless = {
      rows: 1e9,
      cols: 3,
      async *read() {
        for (;;) yield X;
      },
    };
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('from outside')), 30);
    const start = performance.now();
    const options = {
      nClusters: 2,
      signal: stop.signal,
      init: [
        [0, 0, 0],
        [1, 1, 1],
      ],
    };
    await expect(miniBatchKMeans(endless, options)).rejects.toThrow('from outside');
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

test('a step of a pipeline is the fit itself', async () => {
  const X = clouds(200);
  const fitted = await pipeline([
    standardScalerStep(),
    miniBatchKMeansStep({ nClusters: 8, batchSize: 40 }),
  ]).fit(X, { seed: 4, workers: 2 });
  const scaler = await standardScaler(X);
  const model = await miniBatchKMeans(scaler.transform(X), { nClusters: 8, batchSize: 40, seed: 4 });
  expect(fitted.model).toEqual(model);
  expect(fitted.predict(X)).toEqual(model.labels);
});

describe('corners', () => {
  test('one row, one cluster', async () => {
    const model = await miniBatchKMeans([[4, 5]], { nClusters: 1 });
    expect(model.centers.toArray()).toEqual([[4, 5]]);
    expect(model.inertia).toBe(0);
  });
  test('a batch is never larger than X', async () => {
    const model = await miniBatchKMeans(clouds(20), { nClusters: 2, maxIter: 3, maxNoImprovement: 100 });
    expect(model.nSteps).toBe(3);
    expect(model.converged).toBe(false);
    expect(model.counts.reduce((a, b) => a + b)).toBe(60);
  });
  test('fewer distinct rows than nClusters are an error', async () => {
    await expect(miniBatchKMeans([[1], [1], [2]], { nClusters: 3 })).rejects.toThrow(
      'miniBatchKMeans: X has only 2 distinct rows for nClusters = 3; use fewer clusters',
    );
  });
});

describe('errors and control', () => {
  const X = clouds(30);
  test.each([
    [{ nClusters: 31 }, 'miniBatchKMeans: nClusters must be an integer in [1, 30], the rows of X; got 31'],
    [{ nClusters: 2, batchSize: 0 }, 'miniBatchKMeans: batchSize must be an integer in [1, ∞); got 0'],
    [
      { nClusters: 2, maxNoImprovement: 0.5 },
      'miniBatchKMeans: maxNoImprovement must be an integer in [1, ∞)',
    ],
    [
      { nClusters: 2, reassignmentRatio: 2 },
      'miniBatchKMeans: reassignmentRatio must be a finite number in [0, 1]; got 2',
    ],
    [{ nClusters: 2, workers: -1 }, 'miniBatchKMeans: workers must be an integer in [0, 64]; got -1'],
    [
      { nClusters: 2, init: 'best' },
      'miniBatchKMeans: init must be "k-means++", "random" or the initial centers',
    ],
    [{ nClusters: 2, init: [[1]] }, 'miniBatchKMeans: init must be nClusters × nFeatures = 2 × 3; got 1 × 1'],
    [{ nClusters: 2, sampleWeight: [1] }, 'miniBatchKMeans: sampleWeight has 1 entries but X has 30 rows'],
    [
      { nClusters: 2, sampleWeight: [1, ...new Array(29).fill(0)] },
      'miniBatchKMeans: only 1 rows of X have a positive weight, fewer than nClusters = 2; use fewer clusters',
    ],
  ])('%j is refused', async (options, message) => {
    await expect(miniBatchKMeans(X, options as never)).rejects.toThrow(message);
  });

  test('streams are refused in one sentence', async () => {
    const refused = (batches: unknown[], options: object, message: string) =>
      expect(miniBatchKMeans(stream(...batches) as never, { nClusters: 2, ...options })).rejects.toThrow(
        message,
      );
    await refused([], {}, 'miniBatchKMeans: the stream gave no batch; it must give at least one');
    await refused(
      [[[1]]],
      {},
      'miniBatchKMeans: nClusters must be an integer in [1, 1], the rows of the first batch',
    );
    await refused(
      [[[1], [2]], [[1, 2]]],
      {},
      'miniBatchKMeans: batch 1 has 2 features; the batches before it have 1',
    );
    await refused([[[1], [2]], [[NaN]]], {}, 'miniBatchKMeans: batch 1: row 0, column 0 is NaN');
    await refused(
      [[[1], [2]]],
      { sampleWeight: [1, 1] },
      'miniBatchKMeans: sampleWeight goes with a matrix or a source; give',
    );
    const failing = (async function* () {
      yield [[1], [2]];
      throw new Error('the disk is gone');
    })();
    await expect(miniBatchKMeans(failing, { nClusters: 2 })).rejects.toThrow('the disk is gone');
  });

  test('partialFit refuses other rows and options', async () => {
    const model = await miniBatchKMeans(X, { nClusters: 2 });
    const who = 'MiniBatchKMeansModel.partialFit';
    await expect(model.partialFit([[1]])).rejects.toThrow(
      `${who}: X has 1 feature; this model was fitted on 3`,
    );
    await expect(model.partialFit(X, { sampleWeight: [-1] })).rejects.toThrow(
      `${who}: sampleWeight has 1 entries but X has 30 rows`,
    );
    await expect(model.partialFit(X, { weights: [] } as never)).rejects.toThrow(
      `${who}: unknown option "weights"`,
    );
  });

  test('an aborted fit rejects with the signal’s reason and closes the stream', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('enough'));
    const options = { nClusters: 2, signal: controller.signal, onProgress };
    let closed = false;
    const source = (async function* () {
      try {
        for (;;) yield X;
      } finally {
        closed = true;
      }
    })();
    await expect(miniBatchKMeans(source, options)).rejects.toThrow('enough');
    expect(closed).toBe(true);
    await expect(miniBatchKMeans(X, options)).rejects.toThrow('enough');
    const again = new AbortController();
    setTimeout(() => again.abort(new Error('from outside')), 20);
    const endless = { nClusters: 8, maxIter: 1e9, maxNoImprovement: 1e9, signal: again.signal };
    await expect(miniBatchKMeans(clouds(2000), endless)).rejects.toThrow('from outside');
  });

  test('progress tells the steps', async () => {
    const events: ProgressEvent[] = [];
    const onProgress = (event: ProgressEvent) => events.push(event);
    const model = await miniBatchKMeans(X, { nClusters: 2, batchSize: 10, maxIter: 5, onProgress });
    expect(events.length).toBe(model.nSteps);
    expect(events[0]).toMatchObject({
      task: 'miniBatchKMeans',
      iteration: 1,
      maxIterations: 15,
      run: 0,
      runs: 1,
    });
  });
});

describe('saving', () => {
  test('a model comes back from JSON to the bit and goes on as the first would', async () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const X = clouds(300, dtype);
      const model = await miniBatchKMeans(X, { nClusters: 5, batchSize: 32, maxIter: 2, seed: 9 });
      const copy = MiniBatchKMeansModel.fromJSON(JSON.parse(JSON.stringify(model)));
      expect(copy).toEqual(model);
      expect(await copy.partialFit(X)).toEqual(await model.partialFit(X));
    }
  });

  test('anything else is refused with the field that is wrong', async () => {
    const good = JSON.parse(JSON.stringify(await miniBatchKMeans(clouds(20), { nClusters: 2 })));
    const who = 'MiniBatchKMeansModel.fromJSON';
    const cases: [change: object, message: string][] = [
      [{ format: 'cauda.kmeans' }, 'expected a saved "cauda.miniBatchKMeans"; got "cauda.kmeans"'],
      [{ version: 1 }, 'this Cauda reads version 2 of "cauda.miniBatchKMeans"; got version 1'],
      [{ counts: saveArray(Float64Array.of(1)) }, 'counts must be an array of 2 numbers'],
      [{ counts: saveArray(Float64Array.of(1, -1)) }, 'counts must be an array of 2 numbers ≥ 0'],
      [{ labels: saveArray(Int32Array.of(2)) }, 'labels must be an array of integers in [0, 1]'],
      [{ nSteps: 0 }, 'nSteps must be an integer in [1, '],
      [{ seed: 0.5 }, 'seed must be an integer in [0, '],
      [{ reassignmentRatio: 3 }, 'reassignmentRatio must be a finite number in [0, 1]; got 3'],
      [{ sinceReassignment: null }, 'sinceReassignment must be an integer in [0, '],
      [{ converged: 1 }, 'converged must be true or false; got 1'],
    ];
    for (const [change, message] of cases)
      expect(() => MiniBatchKMeansModel.fromJSON({ ...good, ...change })).toThrow(`${who}: ${message}`);
  });
});
