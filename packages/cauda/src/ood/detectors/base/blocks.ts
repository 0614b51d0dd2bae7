import { Matrix, type MatrixLike } from '../../../matrix.ts';
import type { DetectorInput } from './input.ts';
import { Pace } from './pace.ts';

/** Rows of the first block; each block that is done this fast doubles the next. */
const FEWEST = 64;
const MOST = 8192;
const QUICK = 12; // milliseconds

/**
 * Asks about the rows of an input in blocks, between which timers are served and the signal is heard. What is asked
 * must say of a row the same whatever rows stand beside it; then the size of the blocks, which depends on how fast they
 * are, changes nothing.
 * @param ask what to do with the rows [first, first + count) of the input
 * @throws whatever `ask` throws; the signal's reason once it is aborted
 */
export async function inBlocks<Result>(
  input: DetectorInput,
  signal: AbortSignal | undefined,
  ask: (rows: DetectorInput, first: number) => Result,
  onBlock: (done: number, rows: number) => void = () => {},
): Promise<Result[]> {
  const pace = new Pace(signal);
  const whole = cuttable(input);
  if (!whole) return [ask(input, 0)]; // which says what is wrong with it
  const results: Result[] = [];
  let count = FEWEST;
  for (let first = 0; first < whole.rows; ) {
    const to = Math.min(whole.rows, first + count);
    const start = performance.now();
    results.push(ask(whole.cut(first, to), first));
    first = to;
    onBlock(first, whole.rows);
    if (performance.now() - start < QUICK) count = Math.min(MOST, 2 * count);
    await pace.breathe();
  }
  return results;
}

/** An input of which blocks can be had. */
interface Cuttable {
  readonly rows: number;
  readonly cut: (from: number, to: number) => DetectorInput;
}

/** Undefined for what is no input, or has no rows, or not the same number in each part. */
function cuttable(input: DetectorInput): Cuttable | undefined {
  try {
    const { features, logits, layers, ...others } = input;
    const matrices = {
      ...(features && { features: Matrix.from(features) }),
      ...(logits && { logits: Matrix.from(logits) }),
    };
    const stack = layers?.map((layer: MatrixLike) => Matrix.from(layer));
    const rows = [...Object.values(matrices), ...(stack ?? [])].map((part) => part.rows);
    if (rows.length === 0 || rows.some((count) => count !== rows[0])) return undefined;
    return {
      rows: rows[0]!,
      cut: (from, to) => ({
        ...others,
        ...Object.fromEntries(Object.entries(matrices).map(([name, part]) => [name, rowsOf(part, from, to)])),
        ...(stack && { layers: stack.map((layer) => rowsOf(layer, from, to)) }),
      }),
    };
  } catch {
    return undefined;
  }
}

function rowsOf({ data, cols }: Matrix, from: number, to: number): Matrix {
  return new Matrix(data.subarray(from * cols, to * cols), to - from, cols);
}
