import { type Moments, maximize, maximizeMeans } from '../covariance/maximize.ts';
import { densityParameters, type MixtureParameters, paddedMeans } from '../covariance/parameters.ts';
import { Carry } from '../rows/carry.ts';
import { negligible } from '../rows/negligible.ts';
import { remembers } from '../rows/plan.ts';
import type { EmConfig, StartResponsibilities } from '../rows/program.ts';
import { type EmContext, type Frame, moved, type Placed } from './frame.ts';
import type { HalfRound } from './rounds.ts';
import type { TiedScatter } from './scatter.ts';

/** Parameters by an M-step from given responsibilities, in a frame that is not too coarse for them. */
export async function startIn(frame: Frame, from: StartResponsibilities): Promise<Placed<MixtureParameters>> {
  const start = await startFrom(frame.context, from);
  if (!frame.isTooCoarseFor(start)) return start;
  await frame.widen();
  return startFrom(frame.context, from);
}

/** Parameters by an M-step from given responsibilities. */
export async function startFrom(
  context: EmContext,
  from: StartResponsibilities,
): Promise<Placed<MixtureParameters>> {
  const { session, nComponents: k, nFeatures: d, covarianceType: type, regCovar } = context;
  const momentsAround = async (means: Float64Array, seconds: boolean): Promise<Moments> =>
    momentsOf(await session.sum('start', { means: paddedMeans(means, k, d), from, seconds }), k, d);
  // The first pass finds the means; the second measures around them, so that no digits cancel.
  const origin = new Float64Array(k * d);
  const { means } = maximizeMeans(await momentsAround(origin, false), origin);
  const reference = inPrecision(means, context);
  return {
    ...maximize(type, await momentsAround(means, true), reference, regCovar),
    origin: context.origin,
  };
}

/**
 * Rounds of E-step and M-step, without end; a round that finds the frame too coarse is made anew in a finer one. The lower bound is the mean log-likelihood a row, in nats, of the parameters
 * before the M-step.
 */
export async function* emRounds(
  frame: Frame,
  start: Placed<MixtureParameters>,
  refuse: (component: number, weight: number) => Error,
): AsyncGenerator<HalfRound<Placed<MixtureParameters>>, void, void> {
  const { nComponents: k, nFeatures: d, covarianceType: type, regCovar } = frame.context;
  let parameters = start;
  if (frame.isTooCoarseFor(parameters)) parameters = await widened(frame, parameters);
  let context: EmContext | undefined;
  let carry: Carry | undefined;
  let scatter: TiedScatter | undefined;
  for (;;) {
    if (context !== frame.context) {
      ({ context } = frame);
      carry = remembers(context.plan) ? new Carry(context, context.plan) : undefined;
      ({ scatter } = context);
    }
    const { session } = context;
    const reference = inPrecision(parameters.means, context);
    carry?.begin(reference);
    const { weights, origin } = parameters;
    const density = densityParameters(
      type,
      parameters,
      (c) => refuse(c, weights[c]!),
      (...factors) => carry?.visit(...factors),
    );
    if (frame.isTooCoarse(density.reach)) {
      parameters = await widened(frame, parameters);
      continue;
    }
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
    if (frame.isTooCoarseFor(next)) {
      parameters = await widened(frame, parameters); // the round anew
      continue;
    }
    const lowerBound = sums[0]! / sums[1]!;
    yield { phase: 'E', lowerBound, parameters };
    parameters = { ...next, origin };
    yield { phase: 'M', lowerBound, parameters };
  }
}

/** The parameters in the frame that rounds least. */
async function widened(
  frame: Frame,
  parameters: Placed<MixtureParameters>,
): Promise<Placed<MixtureParameters>> {
  await frame.widen();
  return moved(parameters, frame.context.origin);
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
