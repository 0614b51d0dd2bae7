import type { GaussianMixtureModel } from 'cauda';
import type { MlpClassifier } from 'cauda/nn';
import { type BatchControl, energy, type Guard, maxSoftmax, type Verdict } from 'cauda/ood';
import type { Split } from '../../data/datasets.ts';
import { pixels } from '../../data/images.ts';
import type { GuardDetector } from '../../result/sections/guard.ts';

/** The images of one set, and what detectors, guard and network say of them. */
export interface Judged {
  readonly set: 'MNIST' | 'Fashion-MNIST';
  readonly split: Split;
  readonly scores: Readonly<Record<GuardDetector, Float64Array>>;
  readonly verdicts: readonly Verdict[];
  readonly read: Int32Array;
}

/** Asks detectors, guard and network about every image of a set. */
export async function judge(
  set: Judged['set'],
  split: Split,
  guard: Guard,
  network: MlpClassifier,
  mixture: GaussianMixtureModel,
  control: BatchControl,
): Promise<Judged> {
  const images = pixels(split, 255);
  const views = network.views(images);
  const verdicts = await guard.checkAllAsync(views, control);
  const logDensities = await mixture.scoreSamplesAsync(views.layers.at(-1)!, control);
  return {
    set,
    split,
    scores: {
      autoGuard: Float64Array.from(verdicts, ({ score }) => score),
      mixture: logDensities.map((logP) => -logP),
      maxSoftmax: maxSoftmax().score(views),
      energy: energy().score(views),
    },
    verdicts,
    read: network.predict(images),
  };
}

/** The names of the detectors, in the order of the tables. */
export function detectorsOf({ scores }: Judged): GuardDetector[] {
  return Object.keys(scores) as GuardDetector[];
}

/** The probability that the network gives to the digit that it reads in image `i`. */
export function probabilityOf({ scores }: Judged, i: number): number {
  return -scores.maxSoftmax[i]!;
}

/** Whether the guard flags image `i`. */
export function isFlagged({ verdicts }: Judged, i: number): boolean {
  return !verdicts[i]!.inDistribution;
}
