import { checkOptions, controlRules, shaped } from '../../../check.ts';
import type { Matrix } from '../../../matrix.ts';
import type { FitControl } from '../../../parallel/session.ts';
import type { Views } from '../../../views.ts';
import { scoreInBlocks } from '../../detectors/base/blocks.ts';
import { asksOf, Detector, type DetectorKind } from '../../detectors/base/detector.ts';
import {
  type Combination,
  classesOfMembers,
  columnsOf,
  combinationOf,
  examineCombination,
  readReferences,
  scoreCombination,
  scoreCombinationAsync,
} from '../../detectors/combination.ts';
import {
  describePreparation,
  fitView,
  type PreparedView,
  prepareView,
  prepareViews,
  readPreparation,
} from '../../detectors/preparation.ts';
import { evidence, explain, type FittedTerm, type GuardChoice, type Term } from './evidence.ts';
import { readTerms } from './saved.ts';
import { checkTraining, type GuardTraining, holdOut, type LayerSteps } from './training.ts';

const who = 'autoGuard';

export interface AutoGuardOptions extends FitControl {
  /**
   * What each layer goes through first, such as `{ layers: [[pcaStep({ nComponents: 50 })], []] }`, fitted to the rows
   * that are not held out. Defaults to nothing but the mean over the positions of feature maps.
   */
  prepare?: LayerSteps;
}

interface Guarded {
  readonly preparation: readonly PreparedView[];
  readonly terms: readonly Term[];
  /** How rare each term's scores were among the held-out rows, as `combine` by "surprisal" keeps it. */
  readonly references: Matrix;
}

export const autoGuardKind: DetectorKind<Guarded> = {
  name: who,
  score: scoreGuarded,
  scoreAsync: async (parts, views, control) => {
    const name = `${who}.scoreAsync`;
    if (parts.preparation.length > 0)
      return scoreInBlocks(name, views, control, (rows) => scoreGuarded(parts, rows));
    return scoreCombinationAsync(name, together(parts), views, control);
  },
  examine: (parts, views) => {
    const name = `${who}.examine`;
    return examineCombination(name, together(parts), prepareViews(name, parts.preparation, views));
  },
  classes: ({ terms }) => classesOfMembers({ detectors: terms.map(({ detector }) => detector) }),
  read: (saved, inner) => {
    const terms = readTerms(saved, inner);
    const references = readReferences(saved, 'surprisal', terms.length);
    return { preparation: readPreparation(saved, inner), terms, references };
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
    super(who, parts, asksOf(autoGuardKind, parts));
    this.choices = Object.freeze(parts.terms.flatMap(({ choice }) => choice ?? []));
    this.explanation = [
      ...(parts.preparation.length ? [`prepared by ${describePreparation(parts.preparation)}`] : []),
      explain(parts.terms),
    ].join('\n');
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
export async function autoGuard(training: GuardTraining, options: AutoGuardOptions = {}): Promise<AutoGuard> {
  const { prepare, ...control } = checkOptions(who, options, rules, { seed: 0, prepare: {} });
  const pooled = checkTraining(who, training, prepare);
  const rows = holdOut(pooled.labels, control.seed);
  const preparation: PreparedView[] = [];
  const layers: Matrix[] = [];
  for (const view of pooled.layers) {
    const one = await fitView(view, view.steps.length ? view.matrix.take(rows.fitted) : view.matrix, control);
    if (one) preparation.push(one);
    layers.push(one ? prepareView(who, one, view.matrix) : view.matrix);
  }
  const checked = { ...pooled, layers };
  const fitted: FittedTerm[] = [];
  for (const { fit } of Object.values(evidence)) fitted.push(...(await fit(who, checked, rows, control)));
  const terms = fitted.map(({ term }) => term);
  const scores = fitted.map((term) => term.scores);
  const { references } = combinationOf(who, terms.map(memberOf), scores, 'surprisal');
  return new AutoGuard({ preparation: Object.freeze(preparation), terms, references });
}

const rules = {
  ...controlRules,
  prepare: shaped(
    'the steps of each layer, { layers: [[…], …] }',
    (value) =>
      typeof value === 'object' && value !== null && Object.keys(value).every((key) => key === 'layers'),
  ),
};

function scoreGuarded(parts: Guarded, views: Views): Float64Array {
  const name = `${who}.score`;
  return scoreCombination(name, together(parts), prepareViews(name, parts.preparation, views));
}

function together({ terms, references }: Guarded): Combination {
  return { by: 'surprisal', ...columnsOf(terms.map(memberOf)), references };
}

function memberOf({ detector, weight, choice }: Term): { detector: Detector; layer: number; weight: number } {
  return { detector, weight, layer: choice?.layer ?? -1 };
}
