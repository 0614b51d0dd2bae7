import { distinct } from '../../../labels.ts';
import type { Matrix } from '../../../matrix.ts';
import { classGaussianMixture } from '../../../mixture/classGaussianMixture.ts';
import { CollapseError } from '../../../mixture/covariance/collapse.ts';
import type { FitControl } from '../../../parallel/session.ts';
import { mean } from '../../../vectors.ts';
import { type Detector, detectorOf } from '../../detectors/base/detector.ts';
import { classGaussiansKind } from '../../detectors/gaussians.ts';

/** A way to describe the classes in one layer that `autoGuard` tried. */
export interface GuardCandidate {
  /** Gaussians for each class. */
  readonly perClass: number;
  /** "tied": one covariance for all of them; "full": each its own. */
  readonly covarianceType: 'tied' | 'full';
  /** The mean log-density, in nats, of the training rows that were held out. */
  readonly heldOut: number;
}

type Rung = Pick<GuardCandidate, 'perClass' | 'covarianceType'>;

/** Candidates in the order in which they are tried; each has more parameters than the one before. */
const ladder: readonly Rung[] = [
  { perClass: 1, covarianceType: 'tied' },
  { perClass: 1, covarianceType: 'full' },
  { perClass: 2, covarianceType: 'full' },
  { perClass: 4, covarianceType: 'full' },
];

/** The most candidates that a layer can have. */
export const RUNGS: number = ladder.length;

/** What climbing found for one layer. */
export interface Climb {
  readonly chosen: GuardCandidate;
  /** All that were tried, in that order. */
  readonly candidates: readonly GuardCandidate[];
  readonly detector: Detector;
  /** The chosen detector's scores of the held-out rows. */
  readonly scores: Float64Array;
}

/**
 * Gaussians of the classes with more and more parameters, as long as the held-out rows become more probable.
 * @param features the rows to fit
 * @param onRung told how many were tried, and the best mean log-density so far
 * @returns undefined if no covariance is positive definite
 */
export async function climb(
  features: Matrix,
  labels: Int32Array,
  heldFeatures: Matrix,
  control: FitControl,
  onRung: (tried: number, heldOut: number) => void,
): Promise<Climb | undefined> {
  const candidates: GuardCandidate[] = [];
  let best: Omit<Climb, 'candidates'> | undefined;
  for (const rung of ladder) {
    if (tooManyParameters(rung, labels, features)) break;
    const detector = await attempt(features, labels, rung, control);
    const { signal, workers } = control;
    const scores = await detector?.scoreAsync({ features: heldFeatures }, { signal, workers });
    const heldOut = scores ? -mean(scores) : -Infinity;
    const better = Number.isFinite(heldOut) && !(best && best.chosen.heldOut >= heldOut);
    if (Number.isFinite(heldOut)) candidates.push(Object.freeze({ ...rung, heldOut }));
    if (detector && scores && better) best = { chosen: candidates.at(-1)!, detector, scores };
    onRung(candidates.length, best?.chosen.heldOut ?? heldOut);
    if (!better && rung.covarianceType === 'full') break;
  }
  return best && { ...best, candidates: Object.freeze(candidates) };
}

/** Fewer than d / 2 rows a Gaussian: more parameters than values. */
function tooManyParameters(
  { perClass, covarianceType }: Rung,
  labels: Int32Array,
  { rows, cols }: Matrix,
): boolean {
  const covariances = covarianceType === 'tied' ? 1 : perClass * distinct(labels).length;
  return (covariances * cols) / 2 > rows;
}

/** The class Gaussians, or undefined if a covariance is not positive definite. */
async function attempt(
  features: Matrix,
  labels: Int32Array,
  { perClass, covarianceType }: Rung,
  control: FitControl,
): Promise<Detector | undefined> {
  try {
    const mixture = await classGaussianMixture(features, labels, { ...control, perClass, covarianceType });
    return detectorOf(classGaussiansKind, { mixture: mixture.rounded() });
  } catch (error) {
    if (error instanceof CollapseError) return undefined;
    throw error;
  }
}
