import { bytesOf, type Kernels } from '../../kernels/kernels.ts';
import type { Visit } from '../../parallel/program.ts';
import { type MixtureShape, PANEL } from './density.ts';
import { sum } from './sums.ts';

/** What the scatter takes of a shard. */
interface WeightedShard {
  readonly n: number;
  /** Pointer to the rows' weights, float64. */
  readonly weights: number;
}

/** What it takes of rows that are at hand. */
interface ShiftedRows {
  readonly n: number;
  /** Index of the first one in the shard. */
  readonly from: number;
  /** Pointer to the rows, in the kernels' precision. */
  readonly x: number;
}

/** One shard's part of the scatter around the origin: [Σ w, Σ w x xᵀ], the products' upper half packed, in float64. */
export function scatterOf(
  kernels: Kernels,
  shard: WeightedShard,
  { nFeatures: d, precision }: MixtureShape,
  stride: number,
): Visit<ShiftedRows, Float64Array> {
  const { run } = kernels;
  const products = new Float64Array(stride * stride);
  return {
    rows({ n, from: first, x }) {
      const mark = kernels.mark();
      const list = kernels.put(Int32Array.from({ length: PANEL }, (_, i) => i));
      const zero = kernels.zeros(stride * 8);
      const unused = kernels.alloc(stride * 8);
      const panel = kernels.alloc(PANEL * stride * 8);
      const sums = kernels.put(products);
      const weightedRows = precision === 'F32' ? run.weightedRowsWide : run.weightedRowsF64;
      for (let from = 0; from < n; from += PANEL) {
        const some = Math.min(PANEL, n - from);
        const rows = x + from * stride * bytesOf(precision);
        weightedRows(
          rows,
          stride,
          list,
          shard.weights + (first + from) * 8,
          some,
          zero,
          panel,
          stride,
          unused,
        );
        run.gramF64(panel, some, stride, sums);
      }
      products.set(kernels.f64(sums, products.length));
      kernels.release(mark);
    },
    result() {
      const out = new Float64Array(1 + (d * (d + 1)) / 2);
      out[0] = sum(kernels.f64(shard.weights, shard.n));
      let at = 1;
      for (let i = 0; i < d; i++) for (let j = i; j < d; j++) out[at++] = products[i * stride + j]!;
      return out;
    },
  };
}
