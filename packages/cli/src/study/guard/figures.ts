import { calibrateScores, calibrationRowsNeeded, evaluate, type Guard, type Verdict } from 'cauda/ood';
import type { GuardDetector, GuardSection } from '../../result/sections/guard.ts';
import { flaggedRoc } from '../roc.ts';
import { detectorsOf, isFlagged, type Judged, probabilityOf } from './judge.ts';

/** Other values of alpha that the same calibration is asked for, besides the guard's own. */
const STRICTER = 0.01;
const LOOSER = 0.1;
/** The network counts as sure if its probability is at least this. */
const SURE = 0.99;
/** The number of bins for p-values. */
const BINS = 20;

/** How well the guard and other detectors tell digits from garments, and what the guard promises. */
export function figuresOf(
  guard: Guard,
  id: Judged,
  ood: Judged,
  seed: number,
): Pick<GuardSection, 'detectors' | 'roc' | 'promises' | 'alpha' | 'pValues' | 'sure'> {
  return {
    detectors: compare(id, ood, seed),
    roc: flaggedRoc(detectorsOf(id).map((name) => ({ id: id.scores[name], ood: ood.scores[name] }))),
    promises: promisesOf(guard, id, ood),
    alpha: guard.calibration.alpha,
    pValues: { id: binned(id.verdicts), ood: binned(ood.verdicts) },
    sure: { probability: SURE, id: sureOf(id), ood: sureOf(ood) },
  };
}

/** Every detector's figures, with intervals from the same resamples. */
function compare(id: Judged, ood: Judged, seed: number): GuardSection['detectors'] {
  const scorers = Object.fromEntries(
    detectorsOf(id).map((name) => [name, { score: ({ scores }: Judged) => scores[name] }]),
  );
  const { rows } = evaluate({ id, ood: { ood } }, scorers, { reference: 'autoGuard', seed });
  return rows.map(({ detector, auroc, fpr95PositiveId, fpr95PositiveOod, aurocDifference }) => ({
    detector: detector as GuardDetector,
    auroc,
    fpr95PositiveId,
    fpr95PositiveOod,
    aurocDifference,
  }));
}

/** What several thresholds promise and flag, as far as there are enough calibration rows for them. */
function promisesOf(
  { calibration: { alpha: kept, scores } }: Guard,
  id: Judged,
  ood: Judged,
): GuardSection['promises'] {
  return [STRICTER, kept, LOOSER]
    .filter((alpha) => calibrationRowsNeeded({ alpha }) <= scores.length)
    .map((alpha) => {
      const { confidence, threshold, falseAlarmInterval } = calibrateScores(scores, { alpha });
      const above = ({ scores }: Judged) => scores.autoGuard.filter((score) => score > threshold).length;
      return {
        alpha,
        confidence,
        expected: falseAlarmInterval.expected,
        idFlagged: above(id),
        oodFlagged: above(ood),
      };
    });
}

/** The shares of the p-values in the bins (0, 1/20], (1/20, 2/20] … */
function binned(verdicts: readonly Verdict[]): number[] {
  const counts = new Array<number>(BINS).fill(0);
  for (const { pValue } of verdicts) counts[Math.ceil(pValue * BINS) - 1]! += 1;
  return counts.map((n) => Number((n / verdicts.length).toFixed(5)));
}

/** How many images the network is sure of, and how many of these the guard flags. */
function sureOf(judged: Judged): { images: number; flagged: number } {
  const sure = [...judged.verdicts.keys()].filter((i) => probabilityOf(judged, i) >= SURE);
  return { images: sure.length, flagged: sure.filter((i) => isFlagged(judged, i)).length };
}
