import type { CsrMatrix } from '../../csr.ts';
import type { Matrix } from '../../matrix.ts';
import { type BatchControl, reportTo } from '../../parallel/batchControl.ts';
import { gatherParts } from '../../parallel/parts.ts';
import { withSession } from '../../parallel/session.ts';
import { shardOffsets } from '../../parallel/shards.ts';
import { BLOCK } from '../lloyd/form.ts';
import { type CentersConfig, type CentersSteps, centersProgram } from './program.ts';

/** How many multiplications are done between two looks at the signal: they take one thread some 30 milliseconds. */
const A_PART = 5e7;

/**
 * Answers for rows in worker threads, part by part, so that the signal is heeded and progress told in between.
 * @param task the method, for the progress
 * @param out where the answers go: the same number of entries for each row
 */
export async function answerInThreads<Name extends keyof CentersSteps>(
  task: string,
  step: Name,
  config: CentersConfig,
  X: Matrix | CsrMatrix,
  { workers, signal, onProgress }: BatchControl,
  out: CentersSteps[Name]['result'],
): Promise<void> {
  const shards = shardOffsets(X.rows).length - 1;
  const most = Math.ceil(X.rows / (shards * BLOCK));
  const centers = step === 'leaves' ? config.splits!.centers : config.centers;
  const parts = Math.min(most, Math.ceil((X.rows * centers.length) / A_PART));
  await withSession(centersProgram, X, config, { workers, signal }, async (session) => {
    await gatherParts(session, step, X.rows, parts, out, reportTo(onProgress, task));
  });
}
