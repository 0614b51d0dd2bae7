import type { Matrix } from '../../matrix.ts';
import type { Source } from '../../source.ts';
import type { MixtureParameters } from '../covariance/parameters.ts';
import type { CheckedGaussianMixtureOptions } from '../options.ts';
import type { Plan } from '../rows/plan.ts';
import { emRounds } from './em.ts';
import { Frame, published } from './frame.ts';
import { runsOf, type Snapshot } from './rounds.ts';
import { startingParameters } from './starts.ts';

/**
 * EM on rows of which everything is known. Leaving the loop over the snapshots frees the rows.
 * @param task the function that progress names
 * @param refuse makes the error for a component whose covariance is not positive definite
 * @param plan what EM remembers of the rows; by default what is fastest for their shape
 */
export async function* completeRuns(
  task: string,
  X: Matrix | Source,
  checked: CheckedGaussianMixtureOptions,
  refuse: (component: number, weight: number) => Error,
  plan?: Plan,
): AsyncGenerator<Snapshot<MixtureParameters>, void, void> {
  const frame = await Frame.open(X, { ...checked, plan });
  try {
    const runs = runsOf(
      task,
      checked,
      (random) => startingParameters(frame, X, checked, random),
      (start) => emRounds(frame, start, refuse),
    );
    for await (const snapshot of runs) {
      const { best, parameters } = snapshot;
      yield {
        ...snapshot,
        parameters: published(parameters),
        best: best && { ...best, parameters: published(best.parameters) },
      };
    }
  } finally {
    frame.close();
  }
}
