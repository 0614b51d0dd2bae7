import type { FitControl } from 'cauda';
import { evaluate, type Scorer } from 'cauda/ood';
import type { Datasets } from '../data/datasets.ts';
import { secondsSince, type TimedFit, timed } from '../timed.ts';
import { corruptedDigits } from './corruptedDigits.ts';
import { mnistVsFashion } from './mnistVsFashion.ts';
import { imageViewsOf, type Training, trainingOf, trainNetwork } from './network.ts';
import type { Problem, ProtocolRun } from './problem.ts';
import { type Summary, summarize } from './summary.ts';
import { unknownDigits } from './unknownDigits.ts';

export interface ProtocolOptions {
  readonly data: Datasets;
  /** Fits the detectors to compare. It is given the training rows and nothing else. */
  readonly makeDetectors: (
    training: Training,
    control: FitControl,
  ) => Promise<Readonly<Record<string, Scorer>>>;
  /** One network is trained for each seed and each choice of known digits. */
  readonly seeds: readonly number[];
  /** Worker threads; defaults to the machine's. */
  readonly workers?: number;
  /** Resamples of each bootstrap interval; defaults to 200. */
  readonly resamples?: number;
  readonly signal?: AbortSignal;
  /** Called as the work goes on; `fraction`, in [0, 1], is the share of it that is done. */
  readonly onProgress?: (task: string, fraction: number) => void;
}

export interface ProtocolResult {
  readonly runs: readonly ProtocolRun[];
  /** The figures of the runs, summarized over splits and seeds. */
  readonly summary: readonly Summary[];
}

interface Guarded {
  readonly network: TimedFit<Training['network']>;
  readonly detectors: TimedFit<Readonly<Record<string, Scorer>>>;
}

/**
 * Poses the problems of all protocols with every seed: Fashion-MNIST, corrupted digits and unknown digits, in this
 * order.
 * @throws the signal's reason when aborted
 */
export async function runProtocols(options: ProtocolOptions): Promise<ProtocolResult> {
  const { data, seeds, resamples, signal, onProgress = () => {} } = options;
  const runs: ProtocolRun[] = [];
  for (const [s, seed] of seeds.entries()) {
    const problems = [mnistVsFashion(data), corruptedDigits(data, seed), ...unknownDigits(data)];
    let guarded: Guarded | undefined;
    for (const [p, problem] of problems.entries()) {
      const progress = (task: string, fraction: number) =>
        onProgress(
          `${problem.protocol}, ${task}, seed ${seed}`,
          (s + (p + fraction) / problems.length) / seeds.length,
        );
      if (guarded === undefined || problem.train !== problems[p - 1]!.train)
        guarded = await guard(problem, seed, options, progress);
      progress('evaluating', 0.9);
      runs.push(measure(problem, guarded, { seed, resamples }));
      signal?.throwIfAborted();
    }
  }
  return { runs, summary: summarize(runs) };
}

async function guard(
  { train }: Problem,
  seed: number,
  { makeDetectors, workers, signal }: ProtocolOptions,
  progress: (task: string, fraction: number) => void,
): Promise<Guarded> {
  const control: FitControl = { seed, workers, signal };
  const network = await timed(() =>
    trainNetwork(train, {
      ...control,
      onProgress: ({ iteration, maxIterations }) =>
        progress('training the network', (0.6 * iteration) / maxIterations),
    }),
  );
  progress('fitting detectors', 0.6);
  const detectors = await timed(() => makeDetectors(trainingOf(network.model, train), control));
  return { network, detectors };
}

function measure(
  { protocol, id, ood }: Problem,
  { network, detectors }: Guarded,
  options: { seed: number; resamples: number | undefined },
): ProtocolRun {
  const started = performance.now();
  const known = imageViewsOf(network.model, id);
  const others = Object.entries(ood).map(
    ([name, split]) => [name, imageViewsOf(network.model, split)] as const,
  );
  const evaluation = evaluate({ id: known, ood: Object.fromEntries(others) }, detectors.model, options);
  return {
    protocol,
    seed: options.seed,
    known: Array.from(network.model.classes),
    accuracy: network.model.score(known.pixels, id.labels),
    seconds: {
      network: network.seconds,
      detectors: detectors.seconds,
      evaluation: secondsSince(started),
    },
    evaluation,
  };
}
