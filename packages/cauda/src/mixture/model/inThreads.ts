import { Breather } from '../../breather.ts';
import type { Matrix } from '../../matrix.ts';
import { type BatchControl, reportTo } from '../../parallel/batchControl.ts';
import { gatherParts, partStart } from '../../parallel/parts.ts';
import { withSession } from '../../parallel/session.ts';
import { shardOffsets } from '../../parallel/shards.ts';
import { isDense } from '../covariance/type.ts';
import { type Evaluation, precisionFor } from './evaluation.ts';
import type { Evaluator } from './evaluator.ts';
import { type MixtureRowsSteps, mixtureRowsProgram, partOf } from './program.ts';

/** Multiplications between two looks at the signal: some 30 milliseconds. */
const A_PART = 5e7;
/** Fewer rows of a shard than this leave most of a block's lanes idle. */
const FEWEST_ROWS = 16;

/**
 * Evaluates rows part by part, so that the signal is heeded and progress told in between: in worker threads, or with
 * `workers: 0` in the calling thread, where the rows are not copied.
 * @param task the method, for the progress
 * @param incomplete whether some row lacks entries
 * @param local makes what evaluates in the calling thread
 * @param out where the answers go, the same count of numbers for each row
 */
export async function evaluateInThreads<Name extends keyof MixtureRowsSteps>(
  task: string,
  name: Name,
  evaluation: Evaluation,
  X: Matrix,
  incomplete: boolean,
  local: () => Evaluator,
  { workers, signal, onProgress }: BatchControl,
  out: MixtureRowsSteps[Name]['result'],
): Promise<void> {
  const shards = workers === 0 ? 1 : shardOffsets(X.rows).length - 1;
  const parts = partsOf(evaluation, X, incomplete, shards);
  const report = reportTo(onProgress, task);
  if (workers === 0) {
    const breather = new Breather(signal);
    const evaluator = local();
    const width = out.length / X.rows;
    signal?.throwIfAborted();
    for (let part = 0; part < parts; part++) {
      const rows = partOf(X, { part, parts });
      out.set(evaluator[name](rows), partStart(X.rows, { part, parts }) * width);
      report(part + 1, parts);
      await breather.breathe();
    }
    return;
  }
  const config = { evaluation, precision: precisionFor(evaluation, X), incomplete };
  await withSession(mixtureRowsProgram, X, config, { workers, signal }, async (session) => {
    await gatherParts(session, name, X.rows, parts, out, report);
  });
}

/** How many parts each shard's rows are evaluated in. */
function partsOf(
  { covarianceType, parameters }: Evaluation,
  { rows, cols: d }: Matrix,
  incomplete: boolean,
  shards: number,
): number {
  const dense = isDense(covarianceType);
  const aComponent = dense ? (incomplete ? d * d * d : d * d) : d; // each incomplete row may need its own factors
  const work = rows * parameters.weights.length * aComponent;
  const most = Math.max(1, Math.floor(rows / (shards * FEWEST_ROWS)));
  return Math.min(most, Math.ceil(work / A_PART));
}
