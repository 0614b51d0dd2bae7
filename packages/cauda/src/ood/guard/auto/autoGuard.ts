import { checkOptions, controlRules } from '../../../check.ts';
import type { Matrix } from '../../../matrix.ts';
import type { FitControl } from '../../../parallel/session.ts';
import { asksOf, Detector, type DetectorKind } from '../../detectors/base/detector.ts';
import {
  type Combination,
  columnsOf,
  combinationOf,
  examineCombination,
  readReferences,
  scoreCombination,
  scoreCombinationAsync,
} from '../../detectors/combination.ts';
import { evidence, explain, type FittedTerm, type GuardChoice, type Term } from './evidence.ts';
import { readTerms } from './saved.ts';
import { checkTraining, type GuardTraining, holdOut } from './training.ts';

const who = 'autoGuard';

interface Guarded {
  readonly terms: readonly Term[];
  /** How rare each term's scores were among the held-out rows, as `combine` by "surprisal" keeps it. */
  readonly references: Matrix;
}

/** What is asked, once the terms are put together. */
const asked: DetectorKind<Combination> = {
  name: who,
  score: (parts, views) => scoreCombination(`${who}.score`, parts, views),
  scoreAsync: (parts, views, control) => scoreCombinationAsync(`${who}.scoreAsync`, parts, views, control),
  examine: (parts, views) => examineCombination(`${who}.examine`, parts, views),
  read: (saved, nested) => together(autoGuardKind.read(saved, nested)),
};

export const autoGuardKind: Pick<DetectorKind<Guarded>, 'name' | 'read'> = {
  name: who,
  read: (saved, nested) => {
    const terms = readTerms(saved, nested);
    return { terms, references: readReferences(saved, 'surprisal', terms.length) };
  },
};

/** The detector that `autoGuard` makes, and why it is what it is. Its scores are sums of surprisals, in nats. */
export class AutoGuard extends Detector {
  /** What was tried and chosen for each layer. */
  readonly choices: readonly GuardChoice[];
  /** What it reads and why, in words and figures. */
  readonly explanation: string;

  /** Use `autoGuard` or `detectorFromJSON`. */
  constructor(parts: Guarded) {
    super(who, parts, asksOf(asked, together(parts)));
    this.choices = Object.freeze(parts.terms.flatMap(({ choice }) => choice ?? []));
    this.explanation = explain(parts.terms);
    Object.freeze(this);
  }
}

/**
 * The detector to begin with, chosen and weighted with the training rows alone. It adds up how surprising a row is
 *   −log P(as far out in the layer) for each layer, under Gaussians of its classes,
 *   −log P(as high an energy): does the network see evidence for any class?
 *   −log P(as high an entropy): does it doubt between classes?
 * as `combine` by "surprisal", the layers together weighing 2, energy 1 and entropy ½, since the latter two share much.
 *
 * Every fifth row of each class is held out. Gaussians are fitted to the others: one covariance for all classes, one each,
 * then 2 and 4 a class, as long as the held-out rows become more probable. The held-out rows also tell how rare a score
 * is. No outlier is looked at: what is unlike the classes is not known beforehand.
 *
 *     const guard = await autoGuard({ layers: [firstHidden, penultimate], logits, labels });
 *     guard.score({ layers, logits })
 * @param training rows that the network was trained on, at least 50
 * @throws TypeError or RangeError for training data or options that make no sense, naming them; Error if a layer has no
 *   positive definite covariance; the signal's reason when aborted
 */
export async function autoGuard(training: GuardTraining, options: FitControl = {}): Promise<AutoGuard> {
  const control = checkOptions(who, options, controlRules, { seed: 0 });
  const checked = checkTraining(who, training);
  const rows = holdOut(checked.labels, control.seed);
  const fitted: FittedTerm[] = [];
  for (const { fit } of Object.values(evidence)) fitted.push(...(await fit(who, checked, rows, control)));
  const terms = fitted.map(({ term }) => term);
  const scores = fitted.map((term) => term.scores);
  const { references } = combinationOf(who, terms.map(memberOf), scores, 'surprisal');
  return new AutoGuard({ terms, references });
}

function together({ terms, references }: Guarded): Combination {
  return { by: 'surprisal', ...columnsOf(terms.map(memberOf)), references };
}

function memberOf({ detector, weight, choice }: Term): { detector: Detector; layer: number; weight: number } {
  return { detector, weight, layer: choice?.layer ?? -1 };
}
