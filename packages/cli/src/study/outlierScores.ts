import type { Matrix } from 'cauda';
import type { Mode } from '../result/sections/mixtures.ts';
import type { Study } from './study.ts';

/** −log p(x) of the test digits and of the test garments under a mixture; larger is further out. */
export async function outlierScores(
  study: Study,
  mode: Mode,
  nComponents: number,
): Promise<{ id: Float64Array; ood: Float64Array }> {
  const { model } = await study.mixture(mode, nComponents);
  const { id, ood } = await study.activations(mode);
  const scores = async (X: Matrix) =>
    (await model.scoreSamplesAsync(X, study.batchControl(`log-likelihoods ${mode}, K = ${nComponents}`))).map(
      (logLikelihood) => -logLikelihood,
    );
  return { id: await scores(id), ood: await scores(ood) };
}
