import type { FitControl } from '../../parallel/session.ts';
import { Random } from '../../random.ts';

/** Half a round of an iterative fit: after its E-step or after its M-step. */
export interface HalfRound<Parameters> {
  readonly phase: 'E' | 'M';
  /** What the rounds raise, as the round's E-step found it. */
  readonly lowerBound: number;
  /** In phase 'E' what the E-step evaluated, in phase 'M' what the M-step made. */
  readonly parameters: Parameters;
}

/** How long to go on, and how often to start anew. */
interface RoundOptions extends FitControl {
  readonly seed: number;
  /** A run ends when the lower bound changes by less. */
  readonly tol: number;
  readonly maxIter: number;
  readonly nInit: number;
}

/** The outcome of a run. */
export interface Run<Parameters> {
  readonly lowerBound: number;
  readonly parameters: Parameters;
  /** One of each round; none when `maxIter` is 0, whose parameters are those of the start. */
  readonly lowerBounds: Float64Array;
  readonly converged: boolean;
}

/** One moment of the runs. */
export interface Snapshot<Parameters> extends HalfRound<Parameters> {
  /** The run, from 0. */
  readonly run: number;
  /** The round of the run, from 1; 0 for its start. */
  readonly nIter: number;
  /** At the very end: the best run, whose last lower bound is highest. */
  readonly best?: Run<Parameters> | undefined;
}

/**
 * `nInit` runs from different starts, as snapshots: of each run its start (phase 'M', nIter 0), then both halves of
 * every round. The last one has the best run.
 * @param begin makes the parameters that run r starts from, given the run's own random numbers
 * @param rounds both halves of rounds without end from there, or their M-steps alone
 */
export async function* runsOf<Parameters>(
  task: string,
  options: RoundOptions,
  begin: (random: Random) => Promise<Parameters>,
  rounds: (start: Parameters) => AsyncIterable<HalfRound<Parameters>>,
): AsyncGenerator<Snapshot<Parameters>, void, void> {
  const random = new Random(options.seed);
  let best: Run<Parameters> | undefined;
  for (let r = 0; r < options.nInit; r++)
    for await (const { ended, ...snapshot } of oneRun(
      task,
      options,
      await begin(random.stream(r)),
      rounds,
      r,
    )) {
      if (ended && (!best || ended.lowerBound > best.lowerBound)) best = ended;
      yield ended && r === options.nInit - 1 ? { ...snapshot, best } : snapshot;
    }
}

/** The best of the runs, once they are all done. */
export async function bestOf<Parameters>(
  runs: AsyncIterable<Snapshot<Parameters>>,
): Promise<Run<Parameters>> {
  let last: Run<Parameters> | undefined;
  for await (const { best } of runs) last = best;
  return last!;
}

async function* oneRun<Parameters>(
  task: string,
  { maxIter, tol, nInit, onProgress }: RoundOptions,
  start: Parameters,
  rounds: (start: Parameters) => AsyncIterable<HalfRound<Parameters>>,
  run: number,
): AsyncGenerator<Snapshot<Parameters> & { ended?: Run<Parameters> }, void, void> {
  let lowerBound = -Infinity;
  const lowerBounds: number[] = [];
  const ended = (parameters: Parameters, converged: boolean): Run<Parameters> => ({
    parameters,
    lowerBound,
    lowerBounds: Float64Array.from(lowerBounds),
    converged,
  });
  const first = { phase: 'M', run, nIter: 0, lowerBound, parameters: start } as const;
  if (maxIter === 0) return yield { ...first, ended: ended(start, false) };
  yield first;
  for await (const round of rounds(start)) {
    if (round.phase === 'E') {
      yield { ...round, run, nIter: lowerBounds.length + 1 };
      continue;
    }
    const converged = Math.abs(round.lowerBound - lowerBound) < tol;
    lowerBound = round.lowerBound;
    const nIter = lowerBounds.push(lowerBound);
    onProgress?.({
      task,
      iteration: nIter,
      maxIterations: maxIter,
      run,
      runs: nInit,
      objective: lowerBound,
    });
    if (converged || nIter === maxIter)
      return yield { ...round, run, nIter, ended: ended(round.parameters, converged) };
    yield { ...round, run, nIter };
  }
}
