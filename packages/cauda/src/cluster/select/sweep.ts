import { controlRules, integerIn, numberIn, oneOf, type Rule, shaped } from '../../check.ts';
import type { FitControl, ProgressEvent } from '../../parallel/session.ts';
import type { KMeansOptions } from '../options.ts';

/** What a sweep over several K hands on to each of its fits. */
export interface SweepOptions extends FitControl, Pick<KMeansOptions, 'nInit' | 'maxIter' | 'tol'> {
  /** Where the centers start; defaults to `'k-means++'`. */
  init?: 'k-means++' | 'random';
}

export const sweepRules: Record<keyof SweepOptions, Rule> = {
  ...controlRules,
  init: oneOf('k-means++', 'random'),
  nInit: integerIn(1, Infinity),
  maxIter: integerIn(1, Infinity),
  tol: numberIn(0, Infinity),
};

/** The rule of the option `missing`; the fits look at the prior. */
export const missingRule: Rule = shaped(
  '"observed" or { prior: "gaussian", variance }',
  (value) => value === 'observed' || (typeof value === 'object' && value !== null),
);

/** Reports the fits of a sweep one after another, each as a run of `runs`. */
export class SweepProgress {
  readonly #onProgress: FitControl['onProgress'];
  readonly #runs: number;
  #run = 0;

  constructor(onProgress: FitControl['onProgress'], runs: number) {
    this.#onProgress = onProgress;
    this.#runs = runs;
  }

  /** The `onProgress` of the next fit. */
  next(): (event: ProgressEvent) => void {
    const run = this.#run++;
    return (event) => this.#onProgress?.({ ...event, run, runs: this.#runs });
  }
}
