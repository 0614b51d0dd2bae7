import { kmeans } from '../../cluster/kmeans.ts';
import { kmeansPlusPlus } from '../../cluster/seeding/kmeansPlusPlus.ts';
import { weightedChoice } from '../../cluster/seeding/weightedChoice.ts';
import type { Matrix } from '../../matrix.ts';
import type { Random } from '../../random.ts';
import type { Source } from '../../source.ts';
import type { MixtureParameters } from '../covariance/parameters.ts';
import type { CheckedResponsibilityInit } from '../init.ts';
import type { CheckedGaussianMixtureOptions } from '../options.ts';
import type { StartResponsibilities } from '../rows/program.ts';
import { startIn } from './em.ts';
import { type Frame, moved, type Placed } from './frame.ts';

/** Where a run begins; `random` is the run's own. */
export async function startingParameters(
  frame: Frame,
  X: Matrix | Source,
  options: CheckedGaussianMixtureOptions,
  random: Random,
): Promise<Placed<MixtureParameters>> {
  const { init } = options;
  if (typeof init === 'object' && 'means' in init)
    return moved({ ...init, origin: new Float64Array(X.cols) }, frame.context.origin);
  return startIn(frame, await startingResponsibilities(X, { ...options, init }, random));
}

/** What a start needs of the checked options. */
interface StartOptions {
  readonly init: CheckedResponsibilityInit;
  readonly nComponents: number;
  readonly sampleWeight?: Float64Array | undefined;
  readonly workers?: number;
  readonly signal?: AbortSignal;
}

/** The responsibilities of one start; `random` is the run's own. */
export async function startingResponsibilities(
  X: Matrix | Source,
  options: StartOptions,
  random: Random,
): Promise<StartResponsibilities> {
  const { init, nComponents, sampleWeight, workers, signal } = options;
  const shared = { nClusters: nComponents, seed: random.uint32(), sampleWeight, workers, signal };
  if (typeof init === 'object') return 'labels' in init ? init : { dense: init.responsibilities };
  switch (init) {
    case 'kmeans':
      return { labels: (await kmeans(X, { ...shared, allowFewer: true })).labels };
    case 'k-means++':
      return { labels: oneRowEach(X.rows, (await kmeansPlusPlus(X, shared)).indices) };
    case 'randomFromData':
      return {
        labels: oneRowEach(
          X.rows,
          weightedChoice(random, X.rows, sampleWeight, nComponents, 'gaussianMixture'),
        ),
      };
    case 'random':
      return { dense: randomResponsibilities(X.rows, nComponents, random) };
  }
}

/** Component c owns row indices[c]; all other rows belong to none. */
function oneRowEach(n: number, indices: ArrayLike<number>): Int32Array {
  const labels = new Int32Array(n).fill(-1);
  for (let c = 0; c < indices.length; c++) labels[indices[c]!] = c;
  return labels;
}

/** Uniform numbers in each row, divided by their sum. */
function randomResponsibilities(n: number, k: number, random: Random): Float64Array {
  const values = new Float64Array(n * k);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let c = 0; c < k; c++) sum += values[i * k + c] = 1 - random.uniform(); // in (0, 1]: never all zero
    for (let c = 0; c < k; c++) values[i * k + c]! /= sum;
  }
  return values;
}
