import type { Kernels } from '../kernels/kernels.ts';
import { withKernels } from '../kernels/module.ts';
import { Matrix } from '../matrix.ts';
import { BATCH_ENTRY, type Batch, BLOCK, copyRows, ENTRY, putCounting, SPARSE } from './inputs.ts';
import type { Layout } from './layers.ts';
import { Network } from './network.ts';

/** What to keep of one layer: its output before or after the ReLU (the last layer's softmax). */
export interface Output {
  readonly layer: number;
  readonly stage: 'before' | 'after';
}

/** Computes the wanted outputs of the network for the rows of X, in float32 and in blocks of rows. */
export function outputsOf(
  X: Matrix,
  layout: Layout,
  parameters: Float32Array,
  wanted: readonly Output[],
): Matrix[] {
  const { places } = layout;
  const last = places.length - 1;
  const softmax = wanted.some(({ layer, stage }) => layer === last && stage === 'after');
  const results = wanted.map(({ layer }) => new Float32Array(X.rows * places[layer]!.fanOut));
  withKernels((kernels) => {
    const network = new Network(kernels, layout, parameters, BLOCK);
    const batchOf = openBlocks(kernels, X, places[0]!.rows);
    for (let from = 0; from < X.rows; from += BLOCK) {
      const n = Math.min(BLOCK, X.rows - from);
      network.forward(batchOf(from, n), n);
      if (softmax) network.softmax(n);
      wanted.forEach(({ layer, stage }, w) => {
        const { fanOut, stride } = places[layer]!;
        const rows = kernels.f32(network[stage][layer]!, n * stride);
        for (let i = 0; i < n; i++)
          results[w]!.set(rows.subarray(i * stride, i * stride + fanOut), (from + i) * fanOut);
      });
    }
  });
  return results.map((data, w) => new Matrix(data, X.rows, places[wanted[w]!.layer]!.fanOut));
}

/** Makes a batch of the rows [from, from + n). Their zeros are left out if that is worth it; the output is the same. */
function openBlocks(kernels: Kernels, X: Matrix, stride: number): (from: number, n: number) => Batch {
  const dense = kernels.zeros(BLOCK * stride * 4);
  const starts = kernels.alloc((BLOCK + 1) * 4);
  const entries = kernels.alloc((BLOCK * X.cols + 1) * ENTRY);
  const rows = putCounting(kernels, BLOCK);
  const counts = kernels.alloc(X.cols * 4);
  const ordered = kernels.alloc(BLOCK * X.cols * BATCH_ENTRY);
  return (from, n) => {
    copyRows(kernels, X, from, n, stride, dense);
    const nonZeros = kernels.run.compressF32(dense, n, X.cols, stride, starts, entries, 0);
    if (nonZeros > SPARSE * n * X.cols) return { dense };
    const count = kernels.run.batchEntriesF32(starts, entries, rows, n, X.cols, counts, ordered);
    return { entries: ordered, count };
  };
}
