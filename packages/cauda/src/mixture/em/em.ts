import type { Session } from '../../parallel/session.ts';
import { type Moments, maximize, maximizeMeans } from '../covariance/maximize.ts';
import { densityParameters, type MixtureParameters, paddedMeans } from '../covariance/parameters.ts';
import { Carry } from '../rows/carry.ts';
import { negligible } from '../rows/negligible.ts';
import { remembers } from '../rows/plan.ts';
import type { EmConfig, EmSteps, StartResponsibilities } from '../rows/program.ts';
import type { HalfRound } from './rounds.ts';
import type { TiedScatter } from './scatter.ts';

/** A fit's rows with what EM needs to know of them. */
export interface EmContext extends EmConfig {
  readonly session: Session<EmSteps>;
  readonly nSamples: number;
  readonly regCovar: number;
  /** The scatter of all rows, where covariances are tied. */
  readonly scatter?: TiedScatter | undefined;
}

/** Parameters, means measured from the origin, by an M-step from given responsibilities. */
export async function startFrom(context: EmContext, from: StartResponsibilities): Promise<MixtureParameters> {
  const { session, nComponents: k, nFeatures: d, covarianceType: type, regCovar } = context;
  const momentsAround = async (means: Float64Array, seconds: boolean): Promise<Moments> =>
    momentsOf(await session.sum('start', { means: paddedMeans(means, k, d), from, seconds }), k, d);
  // The first pass finds the means; the second measures around them, so that no digits cancel.
  const origin = new Float64Array(k * d);
  const { means } = maximizeMeans(await momentsAround(origin, false), origin);
  return maximize(type, await momentsAround(means, true), inPrecision(means, context), regCovar);
}

/**
 * Rounds of E-step and M-step, without end. The lower bound is the mean log-likelihood a row, in nats, of the parameters
 * before the M-step.
 */
export async function* emRounds(
  context: EmContext,
  parameters: MixtureParameters,
  refuse: (component: number, weight: number) => Error,
): AsyncGenerator<HalfRound<MixtureParameters>, void, void> {
  const { session, nComponents: k, nFeatures: d, covarianceType: type, regCovar } = context;
  const carry = remembers(context.plan) ? new Carry(context, context.plan) : undefined;
  let { scatter } = context;
  for (;;) {
    const reference = inPrecision(parameters.means, context);
    carry?.begin(reference);
    const { weights } = parameters;
    const density = densityParameters(
      type,
      parameters,
      (c) => refuse(c, weights[c]!),
      (...factors) => carry?.visit(...factors),
    );
    const step = {
      density,
      cutoff: negligible(weights, context.nSamples, context.precision),
      carry: carry?.finish(),
    };
    let sums = await session.sum('em', { ...step, seconds: !scatter });
    let moments = momentsOf(sums, k, d);
    let next = maximize(type, scatter?.complete(moments, reference) ?? moments, reference, regCovar);
    if (scatter && !scatter.hasDigitsFor(next.covariances)) {
      scatter = undefined; // from now on
      sums = await session.sum('em', step);
      moments = momentsOf(sums, k, d);
      next = maximize(type, moments, reference, regCovar);
    }
    const lowerBound = sums[0]! / sums[1]!;
    yield { phase: 'E', lowerBound, parameters };
    parameters = next;
    yield { phase: 'M', lowerBound, parameters };
  }
}

/** A step's sums by name. */
export function momentsOf(sums: Float64Array, k: number, d: number): Moments {
  const first = 2 + k;
  const second = first + k * d;
  return {
    total: sums.subarray(2, first),
    first: sums.subarray(first, second),
    second: sums.subarray(second),
  };
}

/** The means as the kernels have them: in their precision. */
export function inPrecision(means: Float64Array, { precision }: EmConfig): Float64Array {
  return precision === 'F64' ? means : means.map(Math.fround);
}
