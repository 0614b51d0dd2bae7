import { type Kernels, roundUp } from '../kernels/kernels.ts';
import { Matrix } from '../matrix.ts';
import type { Host, Program, ShardRows } from '../parallel/program.ts';
import { Random } from '../random.ts';
import { BATCH_ENTRY, type Batch, BLOCK, copyRows, ENTRY, putCounting, SPARSE } from './inputs.ts';
import { layoutOf } from './layers.ts';
import { Gradient, Network, ROW_TILE } from './network.ts';
import { openOptimizer, scheduledRate } from './optimizer.ts';
import type { CheckedAugment, CheckedOptimizer } from './options.ts';

/** All that a training run depends on besides the rows. */
export interface MlpConfig {
  /** Features, hidden layers, classes. */
  readonly sizes: readonly number[];
  /** The packed parameters to begin with. */
  readonly parameters: Float32Array;
  readonly optimizer: CheckedOptimizer;
  readonly schedule: 'constant' | 'cosine';
  readonly augment: CheckedAugment | undefined;
  readonly batchSize: number;
  readonly epochs: number;
  readonly seed: number;
}

/**
 * Training goes from batch to batch: one shard holds all rows, and the state of the run lives beside it. So the steps
 * are called in order, `train` for the batches [from, to) of each epoch until none is left, and then `parameters`.
 */
export type MlpSteps = {
  /** Takes a step for each of the batches. The result is the mean cross-entropy of each before its step. */
  train: { params: { epoch: number; from: number; to: number }; result: Float64Array };
  /** The packed parameters as they are now. */
  parameters: { params: null; result: Float32Array };
};

/** The bytes that tell how far a row is moved: lines down, elements to the right. */
const SHIFT = 8;

interface Shard {
  readonly runBatch: (epoch: number, batch: number) => number;
  readonly parameters: () => Float32Array;
}

/** The training of `mlpClassifier`. */
export const mlpProgram: Program<MlpConfig, Shard, MlpSteps> = {
  name: 'mlpClassifier',
  open(kernels, config): Host<Shard, MlpSteps> {
    return {
      load: (rows) => openTraining(kernels, config, rows),
      steps: {
        train:
          ({ epoch, from, to }) =>
          (shard) =>
            Float64Array.from({ length: to - from }, (_, b) => shard.runBatch(epoch, from + b)),
        parameters: () => (shard) => shard.parameters(),
      },
    };
  },
};

function openTraining(kernels: Kernels, config: MlpConfig, rows: ShardRows): Shard {
  const { batchSize, optimizer, augment } = config;
  const n = rows.n;
  const layout = layoutOf(config.sizes);
  const batches = Math.ceil(n / batchSize);
  const targets = kernels.put(rows.columns.targets as Int32Array);
  const order = kernels.alloc(n * 4);
  const shifts = augment ? kernels.alloc(n * SHIFT) : 0;
  const batchOf = putInputs(kernels, rows, layout.places[0]!.rows, batchSize, augment);
  const network = new Network(kernels, layout, config.parameters, batchSize);
  const gradient = new Gradient(kernels, layout, network, batchSize);
  const step = openOptimizer(kernels, optimizer, network.parameters, gradient.values, layout.length);
  const random = new Random(config.seed);
  let shuffled = -1;
  return {
    runBatch(epoch, b) {
      if (epoch !== shuffled) {
        const drawn = random.stream(epoch + 1);
        kernels.i32(order, n).set(drawn.permutation(n));
        if (augment) drawShifts(drawn, augment, kernels.i32(shifts, n * 2));
        shuffled = epoch;
      }
      const chosen = order + b * batchSize * 4;
      const size = Math.min(batchSize, n - b * batchSize);
      const batch = batchOf(chosen, size, shifts + b * batchSize * SHIFT);
      network.forward(batch, size);
      const loss = gradient.backward(batch, size, targets, chosen);
      step(
        scheduledRate(config.schedule, optimizer.learningRate, epoch * batches + b, config.epochs * batches),
      );
      return loss;
    },
    parameters: () => kernels.f32(network.parameters, layout.length).slice(),
  };
}

/** How far the row at each place of an epoch's order is moved. */
function drawShifts(random: Random, { channels, shift }: CheckedAugment, shifts: Int32Array): void {
  for (let at = 0; at < shifts.length; at += 2) {
    shifts[at] = random.integer(2 * shift + 1) - shift;
    shifts[at + 1] = (random.integer(2 * shift + 1) - shift) * channels;
  }
}

/**
 * Makes a batch of the rows that `chosen` names, each moved by its entry of `shifts` if there is something to
 * augment.
 */
type BatchOf = (chosen: number, size: number, shifts: number) => Batch;

/**
 * Writes the rows to the kernels' memory, without their zeros if that is worth it.
 * @returns what makes a batch of them
 */
function putInputs(
  kernels: Kernels,
  { n, d, data }: ShardRows,
  stride: number,
  batchSize: number,
  augment: CheckedAugment | undefined,
): BatchOf {
  const { run } = kernels;
  const X = new Matrix(data, n, d);
  const { total, mostInRow } = countNonZeros(X);
  if (total > SPARSE * data.length) {
    const all = kernels.zeros(n * stride * 4);
    copyRows(kernels, X, 0, n, stride, all);
    const dense = kernels.zeros(roundUp(batchSize, ROW_TILE) * stride * 4);
    return (chosen, size, shifts) => {
      if (augment) run.shiftRowsF32(all, stride, chosen, shifts, size, augment.lines, augment.width, dense);
      else run.takeRowsF32(all, stride, chosen, size, dense);
      return { dense };
    };
  }
  const starts = kernels.alloc((n + 1) * 4);
  const entries = kernels.alloc((total + 1) * ENTRY);
  const mark = kernels.mark();
  const block = kernels.alloc(Math.min(n, BLOCK) * d * 4);
  for (let from = 0, used = 0; from < n; from += BLOCK) {
    const size = Math.min(BLOCK, n - from);
    copyRows(kernels, X, from, size, d, block);
    used = run.compressF32(block, size, d, d, starts + from * 4, entries, used);
  }
  kernels.release(mark);
  const counts = kernels.alloc(d * 4);
  const most = Math.min(batchSize * mostInRow, total);
  const ordered = kernels.alloc(most * BATCH_ENTRY);
  if (!augment)
    return (chosen, size) => {
      const count = run.batchEntriesF32(starts, entries, chosen, size, d, counts, ordered);
      return { entries: ordered, count };
    };
  const { lines, width } = augment;
  const moved = { starts: kernels.alloc((batchSize + 1) * 4), entries: kernels.alloc((most + 1) * ENTRY) };
  const own = putCounting(kernels, batchSize);
  return (chosen, size, shifts) => {
    run.shiftEntriesF32(starts, entries, chosen, shifts, size, lines, width, moved.starts, moved.entries);
    const count = run.batchEntriesF32(moved.starts, moved.entries, own, size, d, counts, ordered);
    return { entries: ordered, count };
  };
}

function countNonZeros({ data, rows, cols }: Matrix): { total: number; mostInRow: number } {
  let total = 0;
  let mostInRow = 0;
  for (let i = 0, at = 0; i < rows; i++) {
    let count = 0;
    for (const end = at + cols; at < end; at++) if (data[at] !== 0) count++;
    total += count;
    mostInRow = Math.max(mostInRow, count);
  }
  return { total, mostInRow };
}
