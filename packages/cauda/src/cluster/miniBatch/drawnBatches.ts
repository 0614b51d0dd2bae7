import { Matrix } from '../../matrix.ts';
import { Random } from '../../random.ts';
import { Source } from '../../source.ts';
import { countedRows } from '../weights.ts';

/** A batch, and the generator that has drawn it: what else the batch's step draws comes from there too. */
export interface DrawnBatch {
  readonly rows: Matrix;
  readonly weights: Float64Array | undefined;
  readonly random: Random;
}

/** Values that one pass over a source gathers for coming batches at most: 64 MiB of float64. */
const GATHERED_VALUES = 2 ** 23;
/** Rows that it gathers at most: the fit seldom needs more before it ends. */
const GATHERED_ROWS = 2 ** 17;

/**
 * Batches of rows drawn from X with replacement, each by a random stream of its own, so that what is drawn does not
 * depend on where the rows are or how many batches are gathered at a time. Rows of weight 0 are never drawn.
 * @param count how many batches to draw at most
 */
export async function* drawnBatches(
  X: Matrix | Source,
  sampleWeight: Float64Array | undefined,
  batchSize: number,
  count: number,
  { seed }: { seed: number },
): AsyncGenerator<DrawnBatch, void, void> {
  const all = new Random(seed);
  const counted = countedRows(sampleWeight);
  const gathered = Math.min(GATHERED_ROWS, GATHERED_VALUES / X.cols);
  const atOnce = X instanceof Source ? Math.max(1, Math.floor(gathered / batchSize)) : 1;
  for (let first = 0; first < count; first += atOnce) {
    const draws = Array.from({ length: Math.min(atOnce, count - first) }, (_, b) => {
      const random = all.stream(first + b + 1);
      const drawn = Uint32Array.from({ length: batchSize }, () => random.integer(counted?.length ?? X.rows));
      return { random, indices: counted ? drawn.map((i) => counted[i]!) : drawn };
    });
    const taken = await X.take(draws.length === 1 ? draws[0]!.indices : joined(draws));
    for (const [b, { random, indices }] of draws.entries()) {
      const from = b * batchSize * X.cols;
      const values = taken.data.subarray(from, from + batchSize * X.cols);
      const weights = sampleWeight && Float64Array.from(indices, (i) => sampleWeight[i]!);
      yield { rows: new Matrix(values, batchSize, X.cols), weights, random };
    }
  }
}

function joined(draws: readonly { readonly indices: Uint32Array }[]): Uint32Array {
  const size = draws[0]!.indices.length;
  const all = new Uint32Array(draws.length * size);
  draws.forEach(({ indices }, b) => {
    all.set(indices, b * size);
  });
  return all;
}
