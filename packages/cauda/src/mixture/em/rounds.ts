import type { FitControl } from '../../parallel/session.ts';
import { Random } from '../../random.ts';

/** One round of an iterative fit. */
export interface Round<Parameters> {
  /** What the rounds raise. */
  readonly lowerBound: number;
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
export interface Run<Parameters> extends Round<Parameters> {
  /** One of each round; none when `maxIter` is 0, whose parameters are those of the start. */
  readonly lowerBounds: Float64Array;
  readonly converged: boolean;
}

/**
 * The best of `nInit` runs: the one whose last lower bound is highest.
 * @param begin makes the parameters that run r starts from, given the run's own random numbers
 * @param iterate rounds without end from there
 */
export async function bestOfRuns<Parameters>(
  task: string,
  options: RoundOptions,
  begin: (random: Random) => Promise<Parameters>,
  iterate: (start: Parameters) => AsyncIterable<Round<Parameters>>,
): Promise<Run<Parameters>> {
  const random = new Random(options.seed);
  let best: Run<Parameters> | undefined;
  for (let r = 0; r < options.nInit; r++) {
    const run = await oneRun(task, options, await begin(random.stream(r)), iterate, r);
    if (!best || run.lowerBound > best.lowerBound) best = run;
  }
  return best!;
}

async function oneRun<Parameters>(
  task: string,
  { maxIter, tol, nInit, onProgress }: RoundOptions,
  start: Parameters,
  iterate: (start: Parameters) => AsyncIterable<Round<Parameters>>,
  run: number,
): Promise<Run<Parameters>> {
  let parameters = start;
  let lowerBound = -Infinity;
  let converged = false;
  const lowerBounds: number[] = [];
  if (maxIter > 0)
    for await (const round of iterate(start)) {
      converged = Math.abs(round.lowerBound - lowerBound) < tol;
      ({ parameters, lowerBound } = round);
      lowerBounds.push(lowerBound);
      onProgress?.({
        task,
        iteration: lowerBounds.length,
        maxIterations: maxIter,
        run,
        runs: nInit,
        objective: lowerBound,
      });
      if (converged || lowerBounds.length === maxIter) break;
    }
  return { parameters, lowerBound, lowerBounds: Float64Array.from(lowerBounds), converged };
}
