import { Breather } from '../../../breather.ts';
import { Matrix } from '../../../matrix.ts';
import { type BatchControl, reportTo } from '../../../parallel/batchControl.ts';
import type { Views } from '../../../views.ts';
import { cutView } from './featureMaps.ts';
import { commonRows, matrixViews, namedViews } from './matrixViews.ts';

/** Rows of the first block; each block that is done this fast doubles the next. */
const FEWEST = 64;
const MOST = 8192;
const QUICK = 12; // milliseconds

/**
 * Asks about the rows of some views in blocks, between which timers are served and the signal is heard. What is asked
 * must say of a row the same whatever rows stand beside it; then the size of the blocks, which depends on how fast they
 * are, changes nothing.
 * @param onBlock told how many of the rows are done
 * @throws whatever `ask` throws; the signal's reason once it is aborted
 */
export async function inBlocks<Result>(
  views: Views,
  signal: AbortSignal | undefined,
  ask: (rows: Views) => Result,
  onBlock: (done: number, rows: number) => void = () => {},
): Promise<Result[]> {
  const breather = new Breather(signal);
  const whole = cuttable(views);
  if (!whole) return [ask(views)]; // which says what is wrong with them
  const results: Result[] = [];
  let count = FEWEST;
  for (let first = 0; first < whole.rows; ) {
    const to = Math.min(whole.rows, first + count);
    const start = performance.now();
    results.push(ask(whole.cut(first, to)));
    first = to;
    onBlock(first, whole.rows);
    if (performance.now() - start < QUICK) count = Math.min(MOST, 2 * count);
    await breather.breathe();
  }
  return results;
}

/** The scores of views, asked for in blocks. */
export async function scoreInBlocks(
  task: string,
  views: Views,
  { signal, onProgress }: BatchControl,
  score: (rows: Views) => Float64Array,
): Promise<Float64Array> {
  const blocks = await inBlocks(views, signal, score, reportTo(onProgress, task));
  const all = new Float64Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  return all;
}

/** Views of which blocks can be had. */
interface Cuttable {
  readonly rows: number;
  readonly cut: (from: number, to: number) => Views;
}

/** Undefined for what is no views, is not finite, has no rows, or not the same number in each view. */
function cuttable(views: Views): Cuttable | undefined {
  try {
    const whole = matrixViews('', views);
    for (const { view } of namedViews(whole)) if (view instanceof Matrix) Matrix.from(view);
    const rows = commonRows(whole);
    if (rows === undefined) return undefined;
    const { features, logits, layers } = whole;
    return {
      rows,
      cut: (from, to) => ({
        ...whole,
        ...(features && { features: cutView(features, from, to) }),
        ...(logits && { logits: cutView(logits, from, to) as Matrix }),
        ...(layers && { layers: layers.map((layer) => cutView(layer, from, to)) }),
      }),
    };
  } catch {
    return undefined;
  }
}
