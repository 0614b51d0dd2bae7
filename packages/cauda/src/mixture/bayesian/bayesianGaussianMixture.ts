import { countingRows } from '../../countingRows.ts';
import { admit, openRows } from '../../door.ts';
import type { MatrixLike } from '../../matrix.ts';
import type { MatrixSource } from '../../source.ts';
import { collapsed } from '../covariance/collapse.ts';
import { translated } from '../covariance/columns.ts';
import { maximize } from '../covariance/maximize.ts';
import type { MixtureParameters } from '../covariance/parameters.ts';
import { covarianceLength } from '../covariance/type.ts';
import { inPrecision, momentsOf, startFrom, startIn } from '../em/em.ts';
import { type EmContext, Frame, moved, type Placed, published } from '../em/frame.ts';
import { bestOf, type HalfRound, runsOf } from '../em/rounds.ts';
import { startingResponsibilities } from '../em/starts.ts';
import { startOf } from '../init.ts';
import { negligible } from '../rows/negligible.ts';
import { forgetful } from '../rows/plan.ts';
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
  const { nComponents, covarianceType, weightConcentrationPriorType, signal } = given;
  const all = await openRows(who, door, { signal });
  const { X: rows, sampleWeight, unit, indices } = countingRows(all, given.sampleWeight);
  const init = indices ? startOf(given.init, indices, nComponents) : given.init;
  const checked = { ...given, sampleWeight, init };
  const shape: VariationalShape = { covarianceType, weightConcentrationPriorType };
  const refuse = (component: number, weight: number) =>
    collapsed(who, covarianceType, component, 'a larger regCovar or covariancePrior', weight);
  const total = unit * (sampleWeight?.reduce((sum, weight) => sum + weight, 0) ?? rows.rows);
  const frame = await Frame.open(rows, { ...checked, plan: forgetful });
  try {
    const priors = await priorsOf(frame.context, total, checked);
    const runs = runsOf(
      who,
      checked,
      async (random) => {
        const start = await startIn(frame, await startingResponsibilities(rows, checked, random));
        const { origin } = start;
        return { ...posteriorOf(shape, priorsFrom(priors, origin), start, countsOf(start, total)), origin };
      },
      (start) => variationalRounds(frame, unit, shape, priors, start, refuse),
    );
    const { parameters, lowerBounds, converged } = await bestOf(runs);
    return new BayesianGaussianMixtureModel(
      shape,
      published(parameters),
      priorsFrom(priors, new Float64Array(rows.cols)),
      { lowerBounds, converged },
      (component) => refuse(component, parameters.weights[component]!),
    );
  } finally {
    frame.close();
  }
}

const who = 'bayesianGaussianMixture';

/** The priors; X's own mean and covariance where none are given. */
async function priorsOf(
  context: EmContext,
  n: number,
  checked: CheckedBayesianOptions,
): Promise<PlacedPriors> {
  const { nFeatures: d, covarianceType: type, origin } = context;
  const { meanPrior, covariancePrior } = checked;
  const whole = await startFrom({ ...context, regCovar: 0 }, { labels: new Int32Array(context.nSamples) }); // component 0 has all rows
  const size = covarianceLength(type, d);
  return {
    weightConcentration: checked.weightConcentrationPrior,
    meanPrecision: checked.meanPrecisionPrior,
    origin,
    mean: meanPrior ? translated(meanPrior, origin, -1) : whole.means.slice(0, d),
    degreesOfFreedom: checked.degreesOfFreedomPrior,
    covariance: covariancePrior ?? whole.covariances.slice(0, size).map((value) => (value * n) / (n - 1)),
  };
}

/** Priors with the place that their mean is measured from. */
type PlacedPriors = Priors & { readonly origin: Float64Array };

/** The priors with their mean measured from elsewhere. */
function priorsFrom({ origin: old, ...priors }: PlacedPriors, origin: Float64Array): Priors {
  if (old === origin) return priors;
  return { ...priors, mean: translated(translated(priors.mean, old, 1), origin, -1) };
}

/**
 * Rounds of E-step and M-step, without end.
 * @param unit the weight that a relative weight of 1 stands for
 */
async function* variationalRounds(
  frame: Frame,
  unit: number,
  shape: VariationalShape,
  priors: PlacedPriors,
  start: Placed<Posterior>,
  refuse: (component: number, weight: number) => Error,
): AsyncGenerator<HalfRound<Placed<Posterior>>, void, void> {
  const { nComponents: k, nFeatures: d, covarianceType: type, nSamples, regCovar } = frame.context;
  let posterior = moved(start, frame.context.origin);
  let expected = expectedDensity(shape, posterior, refuse);
  const widen = async (): Promise<void> => {
    await frame.widen();
    posterior = moved(posterior, frame.context.origin);
    expected = expectedDensity(shape, posterior, refuse);
  };
  for (;;) {
    if (frame.isTooCoarse(expected.density.reach)) await widen();
    const { context } = frame;
    const { origin } = posterior;
    const { density } = expected;
    const cutoff = negligible(Float64Array.of(1 / nSamples), nSamples, context.precision);
    const sums = await context.session.sum('em', { density, cutoff });
    const moments = momentsOf(sums, k, d);
    const entropy = unit * responsibilityEntropy(type, sums[0]!, moments, density, posterior);
    const rows = maximize(type, moments, inPrecision(posterior.means, context), regCovar);
    const counts = countsOf(rows, unit * sums[1]!);
    const next = { ...posteriorOf(shape, priorsFrom(priors, origin), rows, counts), origin };
    const after = expectedDensity(shape, next, refuse);
    if (frame.isTooCoarse(after.density.reach)) {
      await widen(); // the round anew
      continue;
    }
    posterior = next;
    expected = after;
    yield {
      phase: 'M',
      lowerBound: lowerBoundOf(shape, posterior, expected.halfLogDet, entropy),
      parameters: posterior,
    };
  }
}

/** N_k: the rows of each component, or their weight. */
function countsOf({ weights }: MixtureParameters, rows: number): Float64Array {
  return weights.map((weight) => weight * rows);
}
