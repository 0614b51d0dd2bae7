import type { Precision } from '../../kernels/kernels.ts';
import type { Matrix } from '../../matrix.ts';
import { openSession } from '../../parallel/session.ts';
import { Source } from '../../source.ts';
import { originOf, published } from '../covariance/columns.ts';
import type { MixtureParameters } from '../covariance/parameters.ts';
import { sharesMatrix } from '../covariance/type.ts';
import type { CheckedGaussianMixtureOptions } from '../options.ts';
import { type Plan, planFor } from '../rows/plan.ts';
import { emProgram } from '../rows/program.ts';
import { emRounds } from './em.ts';
import { runsOf, type Snapshot } from './rounds.ts';
import { TiedScatter } from './scatter.ts';
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
  const { nComponents, covarianceType, sampleWeight, workers, signal } = checked;
  const precision: Precision = X.dtype === 'float64' ? 'F64' : 'F32';
  const shape = { nComponents, nFeatures: X.cols, covarianceType, precision };
  const best = planFor(shape, X.rows);
  const config = {
    ...shape,
    origin: await originOf(X, sampleWeight),
    plan: plan ?? (X instanceof Source ? { ...best, pruned: false } : best), // bounds take more than the rows
  };
  const columns: Record<string, Float64Array> = sampleWeight ? { sampleWeight } : {};
  const session = await openSession(emProgram, X, config, { workers, signal, columns });
  try {
    const scatter = sharesMatrix(covarianceType) ? await TiedScatter.of(session, X.cols) : undefined;
    const context = { ...config, session, nSamples: X.rows, regCovar: checked.regCovar, scatter };
    const runs = runsOf(
      task,
      checked,
      (random) => startingParameters(context, X, checked, random),
      (start) => emRounds(context, start, refuse),
    );
    for await (const snapshot of runs) {
      const { best, parameters } = snapshot;
      yield {
        ...snapshot,
        parameters: published(config.origin, parameters),
        best: best && { ...best, parameters: published(config.origin, best.parameters) },
      };
    }
  } finally {
    session.close();
  }
}
