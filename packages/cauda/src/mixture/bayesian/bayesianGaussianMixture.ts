import { countingRows } from '../../countingRows.ts';
import { admit, openRows } from '../../door.ts';
import type { Precision } from '../../kernels/kernels.ts';
import type { MatrixLike } from '../../matrix.ts';
import { withSession } from '../../parallel/session.ts';
import type { MatrixSource } from '../../source.ts';
import { collapsed } from '../covariance/collapse.ts';
import { originOf, published, translated } from '../covariance/columns.ts';
import { maximize } from '../covariance/maximize.ts';
import type { MixtureParameters } from '../covariance/parameters.ts';
import { covarianceLength } from '../covariance/type.ts';
import { type EmContext, inPrecision, momentsOf, startFrom } from '../em/em.ts';
import { bestOf, type HalfRound, runsOf } from '../em/rounds.ts';
import { startingResponsibilities } from '../em/starts.ts';
import { startOf } from '../init.ts';
import { negligible } from '../rows/negligible.ts';
import { forgetful } from '../rows/plan.ts';
import { emProgram } from '../rows/program.ts';
import { expectedDensity, responsibilityEntropy } from './expectation.ts';
import { lowerBoundOf } from './lowerBound.ts';
import { BayesianGaussianMixtureModel } from './model.ts';
import {
  type BayesianGaussianMixtureOptions,
  type CheckedBayesianOptions,
  checkBayesianOptions,
} from './options.ts';
import { type Posterior, type Priors, posteriorOf, type VariationalShape } from './posterior.ts';

/**
 * A variational mixture of at most `nComponents` Gaussians: a posterior over weights, means and covariances, in which
 * components that the data do not need keep a weight near 0. The answers of scikit-learn's `BayesianGaussianMixture`,
 * and the same bits for any number of workers. Bishop, PRML (2006), §10.2; Blei and Jordan, *Variational inference for
 * Dirichlet process mixtures*, Bayesian Analysis 1 (2006).
 *
 * Precision is as in `gaussianMixture`. Running out of iterations is no error: see `converged`. The lower bounds are
 * those of all rows together, without the priors' constants.
 * @param X nSamples × nFeatures; or a source of more rows than memory holds: it is read again for every pass, in the
 * calling thread, and gives the same bits as the same rows in memory
 * @throws TypeError or RangeError for options or data that make no sense; Error if a component collapses; the
 * signal's reason when aborted
 */
export async function bayesianGaussianMixture(
  X: MatrixLike | MatrixSource,
  options: BayesianGaussianMixtureOptions,
): Promise<BayesianGaussianMixtureModel> {
  const door = admit(who, X);
  const given = checkBayesianOptions(door, options);
  const { nComponents, covarianceType, weightConcentrationPriorType, workers, signal } = given;
  const all = await openRows(who, door, { signal });
  const { X: rows, sampleWeight, unit, indices } = countingRows(all, given.sampleWeight);
  const init = indices ? startOf(given.init, indices, nComponents) : given.init;
  const checked = { ...given, sampleWeight, init };
  const precision: Precision = rows.dtype === 'float64' ? 'F64' : 'F32';
  const config = {
    nComponents,
    nFeatures: rows.cols,
    covarianceType,
    precision,
    origin: await originOf(rows, sampleWeight),
    plan: forgetful,
  };
  const shape: VariationalShape = { covarianceType, weightConcentrationPriorType };
  const refuse = (component: number, weight: number) =>
    collapsed(who, covarianceType, component, 'a larger regCovar or covariancePrior', weight);
  const columns: Record<string, Float64Array> = sampleWeight ? { sampleWeight } : {};
  const total = unit * (sampleWeight?.reduce((sum, weight) => sum + weight, 0) ?? rows.rows);
  return withSession(emProgram, rows, config, { workers, signal, columns }, async (session) => {
    const context = { ...config, session, nSamples: rows.rows, regCovar: checked.regCovar };
    const priors = await priorsOf(context, total, checked);
    const runs = runsOf(
      who,
      checked,
      async (random) => {
        const start = await startFrom(context, await startingResponsibilities(rows, checked, random));
        return posteriorOf(shape, priors, start, countsOf(start, total));
      },
      (start) => variationalRounds(context, unit, shape, priors, start, refuse),
    );
    const { parameters, lowerBounds, converged } = await bestOf(runs);
    return new BayesianGaussianMixtureModel(
      shape,
      published(config.origin, parameters),
      { ...priors, mean: translated(priors.mean, config.origin, 1) },
      { lowerBounds, converged },
      (component) => refuse(component, parameters.weights[component]!),
    );
  });
}

const who = 'bayesianGaussianMixture';

/** The priors, means measured from the origin; X's own mean and covariance where none are given. */
async function priorsOf(context: EmContext, n: number, checked: CheckedBayesianOptions): Promise<Priors> {
  const { nFeatures: d, covarianceType: type, origin } = context;
  const { meanPrior, covariancePrior } = checked;
  const whole = await startFrom({ ...context, regCovar: 0 }, { labels: new Int32Array(context.nSamples) }); // component 0 has all rows
  const size = covarianceLength(type, d);
  return {
    weightConcentration: checked.weightConcentrationPrior,
    meanPrecision: checked.meanPrecisionPrior,
    mean: meanPrior ? translated(meanPrior, origin, -1) : whole.means.slice(0, d),
    degreesOfFreedom: checked.degreesOfFreedomPrior,
    covariance: covariancePrior ?? whole.covariances.slice(0, size).map((value) => (value * n) / (n - 1)),
  };
}

/**
 * Rounds of E-step and M-step, without end.
 * @param unit the weight that a relative weight of 1 stands for
 */
async function* variationalRounds(
  context: EmContext,
  unit: number,
  shape: VariationalShape,
  priors: Priors,
  posterior: Posterior,
  refuse: (component: number, weight: number) => Error,
): AsyncGenerator<HalfRound<Posterior>, void, void> {
  const {
    session,
    nComponents: k,
    nFeatures: d,
    covarianceType: type,
    nSamples,
    precision,
    regCovar,
  } = context;
  const cutoff = negligible(Float64Array.of(1 / nSamples), nSamples, precision);
  let { density, halfLogDet } = expectedDensity(shape, posterior, refuse);
  for (;;) {
    const sums = await session.sum('em', { density, cutoff });
    const moments = momentsOf(sums, k, d);
    const entropy = unit * responsibilityEntropy(type, sums[0]!, moments, density, posterior);
    const rows = maximize(type, moments, inPrecision(posterior.means, context), regCovar);
    posterior = posteriorOf(shape, priors, rows, countsOf(rows, unit * sums[1]!));
    ({ density, halfLogDet } = expectedDensity(shape, posterior, refuse));
    yield {
      phase: 'M',
      lowerBound: lowerBoundOf(shape, posterior, halfLogDet, entropy),
      parameters: posterior,
    };
  }
}

/** N_k: the rows of each component, or their weight. */
function countsOf({ weights }: MixtureParameters, rows: number): Float64Array {
  return weights.map((weight) => weight * rows);
}
