import { Matrix } from '../../matrix.ts';
import { openSession, type Session } from '../../parallel/session.ts';
import type { Random } from '../../random.ts';
import { columnMoments } from '../covariance/columns.ts';
import { maximize } from '../covariance/maximize.ts';
import type { MixtureParameters } from '../covariance/parameters.ts';
import { type CovarianceType, featuresOfVariance, isShared, varianceAt } from '../covariance/type.ts';
import { momentsOf, startIn } from '../em/em.ts';
import { Frame, published } from '../em/frame.ts';
import { type HalfRound, runsOf, type Snapshot } from '../em/rounds.ts';
import { startingResponsibilities } from '../em/starts.ts';
import type { CheckedGaussianMixtureOptions } from '../options.ts';
import { forgetful } from '../rows/plan.ts';
import type { EmConfig, StartResponsibilities } from '../rows/program.ts';
import { checkFactors } from './factors.ts';
import { type IncompleteSteps, incompleteProgram } from './program.ts';

/**
 * EM for the likelihood of the observed entries, Π_n p(x_n,observed): missing ones enter by their conditional means and
 * covariances. Ghahramani and Jordan, *Supervised learning from incomplete data via an EM approach*, NIPS 6 (1994);
 * docs/derivations/mixture-missing.md. In float64, whatever the precision of X. Leaving the loop over the snapshots
 * frees the rows.
 * @param task the function that progress names
 * @param refuse makes the error for a component whose covariance is not positive definite
 */
export async function* incompleteRuns(
  task: string,
  X: Matrix,
  checked: CheckedGaussianMixtureOptions,
  refuse: (component: number, weight: number) => Error,
): AsyncGenerator<Snapshot<MixtureParameters>, void, void> {
  const { covarianceType, sampleWeight, workers, signal, init, regCovar } = checked;
  const { means: origin, variances } = columnMoments(X, sampleWeight);
  const columns: Record<string, Float64Array> = sampleWeight ? { sampleWeight } : {};
  const spread = { workers, signal, columns };

  /** The M-step in which a missing entry has its column's mean and variance, whichever the component. */
  async function begin(random: Random): Promise<MixtureParameters> {
    if (typeof init === 'object' && 'means' in init) return init;
    const filled = filledWith(X, origin);
    const from = await startingResponsibilities(filled, { ...checked, init }, random);
    const frame = await Frame.open(filled, { ...checked, origin, plan: forgetful });
    try {
      const start = published(await startIn(frame, from));
      return withMissingVariance(start, frame.context, X, from, sampleWeight, variances);
    } finally {
      frame.close();
    }
  }

  const shared = { covarianceType, negligible: 2 ** -56 / X.rows };
  const session = await openSession(incompleteProgram, X, shared, spread);
  try {
    yield* runsOf(task, checked, begin, (start) =>
      incompleteRounds(session, covarianceType, start, regCovar, refuse),
    );
  } finally {
    session.close();
  }
}

/** X with each missing entry replaced by its column's value. */
export function filledWith({ data, rows, cols }: Matrix, values: Float64Array): Matrix {
  return new Matrix(
    data.map((value, i) => (Number.isNaN(value) ? values[i % cols]! : value)),
    rows,
    cols,
  );
}

/** Rounds of E-step and M-step, without end. */
async function* incompleteRounds(
  session: Session<IncompleteSteps>,
  type: CovarianceType,
  parameters: MixtureParameters,
  regCovar: number,
  refuse: (component: number, weight: number) => Error,
): AsyncGenerator<HalfRound<MixtureParameters>, void, void> {
  const k = parameters.weights.length;
  const d = parameters.means.length / k;
  for (;;) {
    const { weights } = parameters;
    checkFactors(type, parameters, (c) => refuse(c, weights[c]!)); // here, where the component has a name
    const sums = await session.sum('em', parameters);
    const lowerBound = sums[0]! / sums[1]!;
    yield { phase: 'E', lowerBound, parameters };
    parameters = maximize(type, momentsOf(sums, k, d), parameters.means, regCovar);
    yield { phase: 'M', lowerBound, parameters };
  }
}

/** Covariances of mean-filled rows, with the variances that the filled entries lack. */
function withMissingVariance(
  start: MixtureParameters,
  { nComponents: k, nFeatures: d, covarianceType: type }: EmConfig,
  X: Matrix,
  from: StartResponsibilities,
  sampleWeight: Float64Array | undefined,
  variances: Float64Array,
): MixtureParameters {
  const total = new Float64Array(k);
  const lacking = new Float64Array(k * d);
  const add = (c: number, i: number, r: number): void => {
    const weight = r * (sampleWeight ? sampleWeight[i]! : 1);
    total[c]! += weight;
    for (let j = 0; j < d; j++) if (Number.isNaN(X.data[i * d + j]!)) lacking[c * d + j]! += weight;
  };
  for (let i = 0; i < X.rows; i++)
    if ('dense' in from) for (let c = 0; c < k; c++) add(c, i, from.dense[i * k + c]!);
    else if (from.labels[i]! >= 0) add(from.labels[i]!, i, 1);
  const whole = total.reduce((sum, n) => sum + n, 0);
  const covariances = start.covariances.slice();
  for (let c = 0; c < k; c++)
    for (let j = 0; j < d; j++) {
      if (lacking[c * d + j] === 0) continue;
      const missed = lacking[c * d + j]! * variances[j]!;
      const rows = isShared(type) ? whole : total[c]!;
      covariances[varianceAt(type, c, j, d)]! += missed / rows / featuresOfVariance(type, d);
    }
  return { ...start, covariances };
}
