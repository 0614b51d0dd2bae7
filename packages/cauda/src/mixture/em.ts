import type { Session } from '../parallel/session.ts';
import { Carry } from './carry.ts';
import {
  densityParameters,
  type MixtureParameters,
  type Moments,
  maximize,
  maximizeMeans,
  paddedMeans,
} from './covariance.ts';
import { type EmConfig, type EmSteps, negligible, type StartResponsibilities } from './program.ts';

/** A fit's rows with what EM needs to know of them. */
export interface EmContext extends EmConfig {
  readonly session: Session<EmSteps>;
  readonly nSamples: number;
  readonly regCovar: number;
}

/** Parameters, means measured from the origin, by an M-step from given responsibilities. */
export async function startFrom(context: EmContext, from: StartResponsibilities): Promise<MixtureParameters> {
  const { session, nComponents: k, nFeatures: d, covarianceType: type, regCovar } = context;
  const momentsAround = async (means: Float64Array, order: 1 | 2): Promise<Moments> =>
    momentsOf(await session.sum('start', { means: paddedMeans(means, k, d), from, order }), k, d);
  // The first pass finds the means; the second measures around them, so that no digits cancel.
  const origin = new Float64Array(k * d);
  const { means } = maximizeMeans(await momentsAround(origin, 1), origin);
  return maximize(type, await momentsAround(means, 2), rounded(means, context), regCovar);
}

/** One round of EM. */
export interface EmIteration {
  /** Mean log-likelihood a row, in nats, of the parameters before the M-step. */
  readonly lowerBound: number;
  readonly parameters: MixtureParameters;
}

/** Rounds of E-step and M-step, without end. */
export async function* iterate(
  context: EmContext,
  parameters: MixtureParameters,
  refuse: (component: number, weight: number) => Error,
): AsyncGenerator<EmIteration> {
  const { session, nComponents: k, nFeatures: d, covarianceType: type, regCovar } = context;
  const carry = new Carry(context, context.plan);
  for (;;) {
    const reference = rounded(parameters.means, context);
    carry.begin(reference);
    const { weights } = parameters;
    const density = densityParameters(
      type,
      parameters,
      (c) => refuse(c, weights[c]!),
      (...factors) => carry.visit(...factors),
    );
    const cutoff = negligible(weights, context.nSamples, context.precision);
    const sums = await session.sum('em', { density, cutoff, carry: carry.finish() });
    parameters = maximize(type, momentsOf(sums, k, d), reference, regCovar);
    yield { lowerBound: sums[0]! / sums[1]!, parameters };
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

/** The reference points as the kernels had them. */
export function rounded(means: Float64Array, { precision }: EmConfig): Float64Array {
  return precision === 'F64' ? means : means.map(Math.fround);
}
